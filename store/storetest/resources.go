package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

var resourceScenarios = []scenario{
	{"PutResource", putResource},
	{"PutResourceNeedsItsOwner", putResourceNeedsOwner},
	{"Owners", owners},
	{"ResourcesInPages", resourcesInPages},
	{"ManyResources", manyResources},
	{"DeleteResource", deleteResource},
	{"ResourcesOfDeletedUsers", resourcesOfDeletedUsers},
}

// resourcesAre compares the ids of the resources that a query finds, in pages.
func (w *world) resourcesAre(what string, q sharing.ResourceQuery, want ...string) {
	w.t.Helper()
	pages(w, what, want, func(after string, limit int) ([]sharing.Resource, error) {
		q.After, q.Limit = after, limit
		return w.sh.Resources(w.ctx, q)
	}, func(r sharing.Resource) string { return r.ID })
}

func (w *world) allOf(kind string) []sharing.Resource {
	w.t.Helper()
	list, err := w.sh.Resources(w.ctx, sharing.ResourceQuery{Kind: kind, All: true, Limit: everything})
	w.must(err)
	return list
}

func putResource(w *world) {
	a, b := w.user("alice"), w.user("bob")
	r := w.resource(note("1"), a)
	other := w.resource(auth.ResourceRef{Kind: "doc", ID: "1"}, b)
	again := r
	again.Owner, again.CreatedAt = b.ID, start.Add(time.Hour)
	w.put(again, false)
	w.put(r, false)
	w.same("notes", w.allOf("note"), []sharing.Resource{r})
	w.same("docs", w.allOf("doc"), []sharing.Resource{other})
	upper := w.resource(note("A"), a)
	lower := w.resource(note("a"), b) // a different resource
	w.same("notes", w.allOf("note"), []sharing.Resource{r, upper, lower})
}

func putResourceNeedsOwner(w *world) {
	a := w.user("alice")
	there := w.resource(note("there"), a)
	w.must(w.both(func(in *world) error {
		for _, owner := range []string{in.id(), "", "alice"} {
			for _, ref := range []auth.ResourceRef{note("new"), there.ResourceRef} {
				in.want(errOf(
					in.sh.PutResource(
						in.ctx, sharing.Resource{ResourceRef: ref, Owner: auth.UserID(owner), CreatedAt: start},
					),
				), auth.ErrNotFound)
			}
		}
		in.same("notes", in.allOf("note"), []sharing.Resource{there})
		return nil
	}))
}

func owners(w *world) {
	a, b := w.user("alice"), w.user("bob")
	w.resource(note("1"), a)
	w.resource(note("2"), b)
	w.resource(note("3"), a)
	w.resource(auth.ResourceRef{Kind: "doc", ID: "4"}, a)
	is := func(kind string, ids []string, want map[string]auth.UserID) {
		w.t.Helper()
		got, err := w.sh.Owners(w.ctx, kind, ids)
		w.must(err)
		w.same(fmt.Sprintf("owners of %q", ids), got, want)
	}
	is("note", []string{
		"2", "1", "4", "none", "1", "", "' OR 1=1 --",
	}, map[string]auth.UserID{"1": a.ID, "2": b.ID})
	is("doc", []string{"1", "2", "4"}, map[string]auth.UserID{"4": a.ID})
	is("Note", []string{"1"}, map[string]auth.UserID{})
	is("note", []string{}, map[string]auth.UserID{})
	is("note", nil, map[string]auth.UserID{})
}

func resourcesInPages(w *world) {
	a, b, c := w.user("alice"), w.user("bob"), w.user("carol")
	ids := []string{"10", "9", "B", "a", "aa", "b", "é", "😀"} // sorted by bytes
	for _, i := range []int{3, 0, 6, 1, 7, 5, 2, 4} {
		w.resource(note(ids[i]), []auth.Account{a, b, c}[i%3])
	}
	w.resource(auth.ResourceRef{Kind: "doc", ID: "10"}, a)
	alice, bob, none := a.ID, b.ID, []string{w.id(), "none", ""}
	nobody := []auth.UserID{auth.UserID(none[0]), "none", ""}
	for _, s := range []struct {
		what string
		q    sharing.ResourceQuery
		want []string
	}{
		{"all", sharing.ResourceQuery{All: true}, ids},
		{"all, whoever owns them", sharing.ResourceQuery{All: true, Owners: nobody, IDs: none}, ids},
		{"of one", sharing.ResourceQuery{Owners: []auth.UserID{alice}}, []string{"10", "a", "é"}},
		{
			"of two", sharing.ResourceQuery{Owners: []auth.UserID{bob, alice, bob}},
			[]string{"10", "9", "a", "aa", "é", "😀"},
		},
		{"by id", sharing.ResourceQuery{IDs: []string{"é", "none", "B", "9", "B"}}, []string{"9", "B", "é"}},
		{"by owner and by id", sharing.ResourceQuery{
			Owners: []auth.UserID{alice}, IDs: []string{"b", "a", "9"},
		}, []string{"10", "9", "a", "b", "é"}},
		{"of nobody", sharing.ResourceQuery{Owners: nobody}, nil},
		{"of nobody, by id", sharing.ResourceQuery{Owners: nobody, IDs: []string{"b"}}, []string{"b"}},
		{"by other ids", sharing.ResourceQuery{IDs: none}, nil},
		{"by nothing", sharing.ResourceQuery{}, nil},
		{"by empty lists", sharing.ResourceQuery{Owners: []auth.UserID{}, IDs: []string{}}, nil},
	} {
		s.q.Kind = "note"
		w.resourcesAre(s.what, s.q, s.want...)
	}
	w.resourcesAre("of another kind", sharing.ResourceQuery{Kind: "doc", Owners: []auth.UserID{alice}, IDs: ids}, "10")
	w.resourcesAre("of no kind", sharing.ResourceQuery{All: true})
	// This id does not exist.
	list, err := w.sh.Resources(w.ctx, sharing.ResourceQuery{Kind: "note", All: true, After: "a!", Limit: 2})
	w.must(err)
	w.same("after", list, []sharing.Resource{
		{ResourceRef: note("aa"), Owner: bob, CreatedAt: start},
		{ResourceRef: note("b"), Owner: c.ID, CreatedAt: start},
	})
}

// There can be as many ids as somebody receives shares of.
func manyResources(w *world) {
	a, b := w.user("alice"), w.user("bob")
	var ids []string
	w.must(w.both(func(in *world) error {
		ids = nil
		for i := range 1000 {
			ids = append(ids, fmt.Sprintf("%04d", i))
			if i%50 == 0 {
				in.resource(note(ids[i]), a)
			}
			in.share(note(ids[i]), byUser(a), b)
		}
		return nil
	}))
	var want []string
	for i := 0; i < 1000; i += 50 {
		want = append(want, ids[i])
	}
	w.resourcesAre("by ids", sharing.ResourceQuery{Kind: "note", IDs: ids}, want...)
	got, err := w.sh.Owners(w.ctx, "note", ids)
	w.must(err)
	w.same("owners", len(got), len(want))
	var refs []auth.ResourceRef
	var groups []auth.GroupID // as many that nobody is
	for _, id := range ids {
		refs, groups = append(refs, note(id)), append(groups, auth.GroupID(id))
	}
	w.same("shares", len(w.shares(sharing.ShareQuery{Resources: refs, User: b.ID, Groups: groups})), len(ids))
}

func deleteResource(w *world) {
	a, b := w.user("alice"), w.user("bob")
	w.resource(note("1"), a)
	kept := w.resource(note("2"), a)
	deleted := func(r auth.ResourceRef, want bool) {
		w.t.Helper()
		got, err := w.sh.DeleteResource(w.ctx, r)
		w.must(err)
		w.same("deleted", got, want)
	}
	c, x := w.code(note("1"), byUser(a)), w.share(note("1"), byUser(a), b)
	w.exchange(c, b, x)
	unlisted := auth.ResourceRef{Kind: "doc", ID: "1"} // kept by the host
	c2, x2 := w.code(unlisted, byUser(a)), w.share(unlisted, byUser(a), b)
	c3, x3 := w.code(note("2"), byUser(a)), w.share(note("2"), byUser(a), b)
	e3 := w.exchange(c3, b, x3)

	deleted(auth.ResourceRef{Kind: "doc", ID: "2"}, false)
	deleted(note("1"), true)
	w.noCode(c)
	w.noShare(x)
	w.same("exchanges", w.exchanges(c.ID), []sharing.Exchange{})
	w.codeIs(c2)
	w.shareIs(x2)
	deleted(note("1"), false)
	deleted(unlisted, false)
	w.noCode(c2)
	w.noShare(x2)
	w.same("left", w.sharingSnapshot(), sharingSnapshot{
		[]sharing.Resource{kept}, []sharing.ShareCode{c3}, []sharing.Share{x3}, []sharing.Exchange{e3},
	})
	w.resource(note("1"), b)
	w.same("shares of what comes again", w.shares(
		sharing.ShareQuery{Resources: []auth.ResourceRef{note("1")}},
	), []sharing.Share{})
}

func resourcesOfDeletedUsers(w *world) {
	a, b := w.user("alice"), w.user("bob")
	w.resource(note("1"), a)
	kept := w.resource(note("2"), b)
	w.resource(auth.ResourceRef{Kind: "doc", ID: "2"}, a)
	w.must(w.st.DeleteAccount(w.ctx, a.ID))
	w.same("left", slices.Concat(w.allOf("note"), w.allOf("doc")), []sharing.Resource{kept})
	w.resource(note("1"), b)
}
