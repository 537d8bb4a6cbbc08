package storetest

import (
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var auditScenarios = []scenario{
	{"DeleteAuditsBefore", deleteAuditsBefore},
	{"AuditRoundTrip", auditRoundTrip},
	{"AuditsInPages", auditsInPages},
	{"AuditsFiltered", auditsFiltered},
}

func (w *world) record(edit func(*auth.AuditRecord)) auth.AuditRecord {
	w.t.Helper()
	r := auth.AuditRecord{
		ID: auth.AuditID(w.id()), At: start, Actor: "operator", Action: "role.add", Target: w.id(),
		Detail: []byte(`{"role": "admin"}`),
	}
	edit(&r)
	return r
}

func (w *world) addRecord(edit func(*auth.AuditRecord)) auth.AuditRecord {
	w.t.Helper()
	r := w.record(edit)
	w.must(w.st.AddAudit(w.ctx, r))
	return r
}

func auditRoundTrip(w *world) {
	a := w.addRecord(func(*auth.AuditRecord) {})
	b := w.addRecord(func(r *auth.AuditRecord) { r.Actor, r.Target, r.Detail = "", "", nil })
	c := w.addRecord(func(r *auth.AuditRecord) { r.Detail = []byte(`{}`) })
	got, err := w.st.Audits(w.ctx, auth.AuditQuery{Limit: 9})
	w.must(err)
	w.same("records", got, []auth.AuditRecord{c, b, a})
}

// auditsAre compares the records that a query finds, in pages. want may be in any order.
func (w *world) auditsAre(what string, q auth.AuditQuery, want ...auth.AuditRecord) {
	w.t.Helper()
	var ids []auth.AuditID
	for _, r := range want {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	pages(w, what, ids, func(before auth.AuditID, limit int) ([]auth.AuditRecord, error) {
		q.Before, q.Limit = before, limit
		return w.st.Audits(w.ctx, q)
	}, func(r auth.AuditRecord) auth.AuditID { return r.ID })
}

func auditsInPages(w *world) {
	w.auditsAre("none", auth.AuditQuery{})
	var all []auth.AuditRecord
	for i := range 7 {
		all = append(all, w.record(func(r *auth.AuditRecord) { r.At = start.Add(-time.Duration(i*i%5) * time.Hour) }))
	}
	for _, i := range []int{3, 0, 6, 1, 5, 2, 4} {
		w.must(w.st.AddAudit(w.ctx, all[i]))
	}
	w.auditsAre("all", auth.AuditQuery{}, all...)
	w.auditsAre("all since", auth.AuditQuery{Since: start.Add(-time.Hour)}, all[0], all[1], all[4], all[5], all[6])
}

func auditsFiltered(w *world) {
	a := w.addRecord(func(r *auth.AuditRecord) { r.Target = "x" })
	b := w.addRecord(func(r *auth.AuditRecord) { r.Actor, r.At = "alice", start.Add(time.Hour) })
	c := w.addRecord(func(r *auth.AuditRecord) { r.Action, r.Target = "settings.update", "x" })
	w.auditsAre("by actor", auth.AuditQuery{Actor: "operator"}, a, c)
	w.auditsAre("by target", auth.AuditQuery{Target: "x"}, a, c)
	w.auditsAre("by action", auth.AuditQuery{Action: "role.add"}, a, b)
	w.auditsAre("since", auth.AuditQuery{Since: start.Add(time.Hour)}, b)
	w.auditsAre("since later", auth.AuditQuery{Since: start.Add(time.Hour + time.Microsecond)})
	w.auditsAre("since before", auth.AuditQuery{Since: start}, a, b, c)
	w.auditsAre("beginning of an action", auth.AuditQuery{Action: "role"})
	w.auditsAre("other case", auth.AuditQuery{Actor: "Alice"})
	w.auditsAre(
		"all filters", auth.AuditQuery{Actor: "operator", Target: "x", Action: "settings.update", Since: start}, c,
	)
	w.auditsAre("filters that exclude each other", auth.AuditQuery{Actor: "alice", Target: "x"})
}

func deleteAuditsBefore(w *world) {
	for i := range 5 {
		r := auth.AuditRecord{ID: auth.AuditID(w.id()), At: start.Add(time.Duration(i) * time.Minute), Action: "test"}
		w.must(w.st.AddAudit(w.ctx, r))
	}
	for _, c := range []struct {
		t           time.Time
		limit, want int
	}{
		{start, 9, 0}, // older than, not at
		{
			start.Add(time.Microsecond), 9, 1,
		}, {start.Add(4 * time.Minute), 2, 2}, {start.Add(4 * time.Minute), 2, 1}, {start.Add(4 * time.Minute), 2, 0},
	} {
		n, err := w.st.DeleteAuditsBefore(w.ctx, c.t, c.limit)
		w.must(err)
		w.same("deleted", n, c.want)
	}
	left, err := w.st.Audits(w.ctx, auth.AuditQuery{Limit: 9})
	w.must(err)
	w.same("left", len(left), 1)
}
