package storetest

import (
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var auditScenarios = []scenario{{"AuditRoundTrip", auditRoundTrip}, {"AuditsFiltered", auditsFiltered}}

// audit is a record.
func (w *world) audit(actor, action, target string, at time.Time) auth.AuditRecord {
	return auth.AuditRecord{ID: auth.AuditID(w.id()), At: at, Actor: actor, Action: action, Target: target, Detail: []byte(`{"role":"editor"}`)}
}

// audits compares the records that a query finds, in pages; want is in any order.
func (w *world) audits(what string, q auth.AuditQuery, want ...auth.AuditRecord) {
	w.t.Helper()
	want = slices.Clone(want)
	slices.SortFunc(want, func(x, y auth.AuditRecord) int { return -compare(x.ID, y.ID) })
	var ids []auth.AuditID
	for _, r := range want {
		ids = append(ids, r.ID)
	}
	pages(w, what, ids, func(before auth.AuditID, limit int) ([]auth.AuditRecord, error) {
		q.Before, q.Limit = before, limit
		return w.st.Audits(w.ctx, q)
	}, func(r auth.AuditRecord) auth.AuditID { return r.ID })
	q.Before, q.Limit = "", len(want)+1
	got, err := w.st.Audits(w.ctx, q)
	w.must(err)
	w.same(what, got, want)
}

func auditRoundTrip(w *world) {
	full := w.audit("actor", "role.add", "target", start)
	bare := auth.AuditRecord{ID: auth.AuditID(w.id()), At: start.Add(-time.Hour), Action: "setup"}
	spaced := w.audit("actor", "role.add", "target", start)
	spaced.Detail = []byte("{ \"b\" : 1.0,\n\"a\":\"\\u0041\", \"a\":2 }") // kept as it is
	for _, r := range []auth.AuditRecord{full, bare, spaced} {
		w.must(w.st.AddAudit(w.ctx, r))
	}
	w.audits("all", auth.AuditQuery{}, full, bare, spaced)
	if w.st.AddAudit(w.ctx, full) == nil {
		w.t.Error("an id was stored twice")
	}
}

func auditsFiltered(w *world) {
	w.audits("none", auth.AuditQuery{})
	// Ids and times go against each other: the order is that of ids.
	a := w.audit("alice", "role.add", "bob", start.Add(2*time.Second))
	b := w.audit("alice", "role.remove", "bob", start.Add(time.Second))
	c := w.audit("bob", "role.add", "alice", start)
	d := w.audit("root", "settings.update", "", start.Add(-time.Second))
	for _, r := range []auth.AuditRecord{c, a, d, b} {
		w.must(w.st.AddAudit(w.ctx, r))
	}
	w.audits("all", auth.AuditQuery{}, a, b, c, d)
	w.audits("by alice", auth.AuditQuery{Actor: "alice"}, a, b)
	w.audits("by nobody", auth.AuditQuery{Actor: "Alice"})
	w.audits("to bob", auth.AuditQuery{Target: "bob"}, a, b)
	w.audits("an action", auth.AuditQuery{Action: "role.add"}, a, c)
	w.audits("no action", auth.AuditQuery{Action: "role."})
	w.audits("at or after", auth.AuditQuery{Since: start}, a, b, c)
	w.audits("after", auth.AuditQuery{Since: start.Add(time.Microsecond)}, a, b)
	w.audits("all filters", auth.AuditQuery{Actor: "alice", Target: "bob", Action: "role.add", Since: start}, a)
	w.audits("filters that exclude each other", auth.AuditQuery{Actor: "bob", Target: "bob"})
}
