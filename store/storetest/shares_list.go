package storetest

import (
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

var shareListScenarios = []scenario{
	{"SharesFiltered", sharesFiltered},
	{"SharesReceived", sharesReceived},
	{"SharesUnexpired", sharesUnexpired},
}

// sharesAre compares the shares that a query finds, in pages and all at once. want may be in
// any order.
func (w *world) sharesAre(what string, q sharing.ShareQuery, want ...sharing.Share) {
	w.t.Helper()
	var ids, all []string
	for _, x := range want {
		ids = append(ids, x.ID)
	}
	slices.Sort(ids)
	for _, x := range w.shares(q) {
		all = append(all, x.ID)
	}
	w.same(what+" at once", all, ids)
	pages(w, what, ids, func(after string, limit int) ([]sharing.Share, error) {
		q.After, q.Limit = after, limit
		return w.sh.Shares(w.ctx, q)
	}, func(x sharing.Share) string { return x.ID })
}

func sharesFiltered(w *world) {
	a, b, g, v := w.user("alice"), w.user("bob"), w.group("g"), w.service("bot")
	n1, n2, d1 := note("1"), note("2"), auth.ResourceRef{Kind: "doc", ID: "1"}
	list := []sharing.Share{
		w.newShare(n1, byUser(a), b), w.newShare(n2, byUser(a), b), w.newShare(d1, byUser(b), a),
		w.newShare(n1, byService(v), a),
		w.newShare(d1, byService(v), b), w.newShare(n1, byUser(b), a), w.newShare(d1, byUser(a), b),
	}
	list[3].Code = list[0].Code
	for _, i := range []int{3, 0, 6, 1, 5, 2, 4} { // sorted by id, not in the order of storing
		w.addShare(list[i])
	}
	list = append(list, w.groupShare(n2, byUser(a), g))
	refs := func(refs ...auth.ResourceRef) []auth.ResourceRef { return refs }
	for _, s := range []struct {
		what string
		q    sharing.ShareQuery
		want []int
	}{
		{"all", sharing.ShareQuery{}, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"of a kind", sharing.ShareQuery{Kind: "doc"}, []int{2, 4, 6}},
		{"of a kind that is none", sharing.ShareQuery{Kind: "Doc"}, nil},
		{"of a resource", sharing.ShareQuery{Resources: refs(n1)}, []int{0, 3, 5}},
		{"of two", sharing.ShareQuery{Resources: refs(d1, n2, d1, note("9"))}, []int{1, 2, 4, 6, 7}},
		{"of two and a kind", sharing.ShareQuery{Kind: "note", Resources: refs(d1, n2)}, []int{1, 7}},
		{"of names put together otherwise", sharing.ShareQuery{
			Resources: refs(auth.ResourceRef{Kind: "doc", ID: "2"}, auth.ResourceRef{Kind: "note1"}, auth.ResourceRef{}),
		}, nil},
		{"of whatever resource", sharing.ShareQuery{Resources: refs()}, []int{0, 1, 2, 3, 4, 5, 6, 7}},
		{"of none of some", sharing.ShareQuery{Resources: []auth.ResourceRef{}}, nil},
		{"of a user", sharing.ShareQuery{Giver: byUser(a)}, []int{0, 1, 6, 7}},
		{"of a service", sharing.ShareQuery{Giver: byService(v)}, []int{3, 4}},
		{"of a user who is a service", sharing.ShareQuery{Giver: auth.Holder{User: auth.UserID(v.ID)}}, nil},
		{"of two at once", sharing.ShareQuery{Giver: auth.Holder{User: a.ID, Service: v.ID}}, nil},
		{"from a code", sharing.ShareQuery{Code: list[0].Code}, []int{0, 3}},
		{"from a code by a user", sharing.ShareQuery{Code: list[0].Code, User: b.ID}, []int{0}},
		{"of all filters", sharing.ShareQuery{
			Kind: "note", Resources: refs(n1, d1), User: a.ID, Giver: byUser(b), Code: list[5].Code, Now: start,
		}, []int{5}},
		{"of filters that exclude each other", sharing.ShareQuery{Kind: "doc", Resources: refs(n1)}, nil},
	} {
		var want []sharing.Share
		for _, i := range s.want {
			want = append(want, list[i])
		}
		w.sharesAre(s.what, s.q, want...)
	}
	w.same("with all fields", w.shares(sharing.ShareQuery{}), list)
}

func sharesReceived(w *world) {
	a, b, g, h := w.user("alice"), w.user("bob"), w.group("g"), w.group("h")
	w.must(errOf(w.st.AddMember(w.ctx, h.ID, b.ID))) // the caller has to know who is in a group
	toA, toB, toG, toH := w.share(note("1"), byUser(a), a), w.share(note("1"), byUser(a), b), w.groupShare(note("1"),
		byUser(a), g), w.groupShare(note("2"), byUser(a), h)
	bob, gID, hID := string(b.ID), string(g.ID), string(h.ID)
	w.sharesAre("by a user", sharing.ShareQuery{User: auth.UserID(bob)}, toB)
	w.sharesAre("by a user without groups", sharing.ShareQuery{User: auth.UserID(bob), Groups: []auth.GroupID{}}, toB)
	w.sharesAre("by a user and a group", sharing.ShareQuery{User: auth.UserID(bob), Groups: []auth.GroupID{auth.GroupID(gID)}}, toB, toG)
	w.sharesAre("by a user and groups", sharing.ShareQuery{
		User: auth.UserID(bob), Groups: []auth.GroupID{auth.GroupID(hID), auth.GroupID(gID), auth.GroupID(hID), auth.GroupID(w.id()), "none"},
	}, toB, toG, toH)
	w.sharesAre("by groups", sharing.ShareQuery{Groups: []auth.GroupID{auth.GroupID(gID), auth.GroupID(hID)}}, toG, toH)
	w.sharesAre("by one of them", sharing.ShareQuery{Groups: []auth.GroupID{auth.GroupID(hID)}}, toH)
	w.sharesAre("by groups of a resource", sharing.ShareQuery{
		Groups: []auth.GroupID{auth.GroupID(gID), auth.GroupID(hID)}, Resources: []auth.ResourceRef{note("1")},
	}, toG)
	w.sharesAre("by nobody", sharing.ShareQuery{User: auth.UserID(w.id())})
	w.sharesAre("by nobody or a group", sharing.ShareQuery{User: "none", Groups: []auth.GroupID{auth.GroupID(gID)}}, toG)
	w.sharesAre("by no group", sharing.ShareQuery{Groups: []auth.GroupID{}})
	w.sharesAre("by a group that is none", sharing.ShareQuery{Groups: []auth.GroupID{auth.GroupID(w.id()), "none", ""}})
	w.sharesAre("by a group that is a user", sharing.ShareQuery{Groups: []auth.GroupID{auth.GroupID(bob)}})
	w.sharesAre("by a user who is a group", sharing.ShareQuery{User: auth.UserID(gID)})
	w.sharesAre("by anybody", sharing.ShareQuery{}, toA, toB, toG, toH)
}

func sharesUnexpired(w *world) {
	a, g := w.user("alice"), w.group("g")
	var list []sharing.Share
	for i := range 4 {
		x := w.newShare(note("1"), byUser(a), a)
		x.ExpiresAt = start.Add(time.Duration(i) * time.Minute)
		list = append(list, w.addShare(x))
	}
	never := w.groupShare(note("1"), byUser(a), g)
	at := list[2].ExpiresAt
	w.sharesAre("now", sharing.ShareQuery{Now: at}, list[3], never) // after it, not at it
	w.sharesAre("a moment before", sharing.ShareQuery{Now: at.Add(-time.Microsecond)}, list[2], list[3], never)
	w.sharesAre("whenever", sharing.ShareQuery{}, append(list, never)...)
	w.sharesAre("much later", sharing.ShareQuery{Now: at.AddDate(99, 0, 0)}, never)
	w.sharesAre("of a resource by a user", sharing.ShareQuery{
		Now: at, Resources: []auth.ResourceRef{note("1")}, User: a.ID,
	}, list[3])
	w.sharesAre("of a giver", sharing.ShareQuery{Now: at, Giver: byUser(a)}, list[3], never)
	w.sharesAre("from a code", sharing.ShareQuery{Now: at, Code: list[2].Code})
}
