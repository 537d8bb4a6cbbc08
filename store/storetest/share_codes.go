package storetest

import (
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

var codeScenarios = []scenario{
	{"ShareCodes", shareCodes},
	{"ShareCodeNeedsItsGiver", shareCodeNeedsGiver},
	{"ShareCodesInPages", shareCodesInPages},
	{"UseShareCode", useCode},
	{"UseCodeUpToItsExpiry", useCodeExpiry},
	{"DeleteShareCodes", deleteCodes},
	{"CodesOfDeletedGivers", codesOfDeletedGivers},
}

func shareCodes(w *world) {
	a, v := w.user("alice"), w.service("bot")
	full := w.code(note("1"), byUser(a))
	bare := w.addCode(sharing.ShareCode{
		ID: w.id(), Hash: w.hash(), Resource: note("1"), Giver: byService(v), Scopes: []string{},
		Audience: sharing.Audience{Type: sharing.SignedIn}, CreatedAt: start, ExpiresAt: start,
	})
	old := w.newCode(auth.ResourceRef{Kind: "doc", ID: "1"}, byUser(a))
	old.ExpiresAt = start.Add(-time.Hour)
	w.addCode(old)
	for _, c := range []sharing.ShareCode{full, bare, old} { // expired or not
		w.codeIs(c)
	}
	none := w.newCode(note("2"), byUser(a))
	none.Scopes = nil
	w.addCode(none)
	none.Scopes = []string{}
	w.codeIs(none)

	// another one
	for _, r := range []auth.ResourceRef{
		note("2"), old.Resource, {Kind: "note"}, {ID: "1"}, {}, {Kind: "note", ID: "1 "},
	} {
		w.want(errOf(w.sh.ShareCode(w.ctx, r, full.ID)), auth.ErrNotFound)
	}
	w.noCode(w.newCode(note("1"), byUser(a)))
	for _, spoil := range []func(*sharing.ShareCode){
		func(c *sharing.ShareCode) { c.ID = full.ID }, func(c *sharing.ShareCode) { c.Hash = full.Hash },
	} {
		c := w.newCode(note("1"), byService(v))
		spoil(&c)
		if err := w.sh.AddShareCode(w.ctx, c); err == nil {
			w.t.Error("a code was stored over another")
		}
	}
	w.codeIs(full)
}

func shareCodeNeedsGiver(w *world) {
	a, v, g := w.user("alice"), w.service("bot"), w.group("g")
	w.must(w.both(func(in *world) error {
		for _, giver := range []auth.Holder{
			{}, {User: auth.UserID(in.id())}, {Service: auth.ServiceID(in.id())}, {
				User: a.ID, Service: v.ID,
			}, {User: auth.UserID(v.ID)}, {Service: auth.ServiceID(a.ID)},
			{User: auth.UserID(g.ID)}, {User: "alice"},
		} {
			c := in.newCode(note("1"), giver)
			in.want(in.sh.AddShareCode(in.ctx, c), auth.ErrNotFound)
			in.noCode(c)
		}
		in.code(note("1"), byUser(a))
		return nil
	}))
	w.same("codes", len(w.codes(sharing.ShareCodeQuery{})), 1)
}

// codesAre compares the codes that a query finds, in pages; want is in any order.
func (w *world) codesAre(what string, q sharing.ShareCodeQuery, want ...sharing.ShareCode) {
	w.t.Helper()
	var ids []string
	for _, c := range want {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	pages(w, what, ids, func(after string, limit int) ([]sharing.ShareCode, error) {
		q.After, q.Limit = after, limit
		return w.sh.ShareCodes(w.ctx, q)
	}, func(c sharing.ShareCode) string { return c.ID })
}

func shareCodesInPages(w *world) {
	a, b, v := w.user("alice"), w.user("bob"), w.service("bot")
	doc := auth.ResourceRef{Kind: "doc", ID: "1"}
	list := []sharing.ShareCode{
		w.newCode(note("1"), byUser(a)), w.newCode(note("2"), byUser(a)), w.newCode(note("1"), byUser(b)),
		w.newCode(doc, byService(v)),
		w.newCode(note("1"), byService(v)), w.newCode(doc, byUser(a)), w.newCode(note("1"), byUser(a)),
	}
	for i := range list {
		list[i].ExpiresAt = start.Add(time.Duration(i) * time.Minute)
	}
	for _, i := range []int{3, 0, 6, 1, 5, 2, 4} {
		w.addCode(list[i])
	}
	w.codesAre("all", sharing.ShareCodeQuery{}, list...)
	w.codesAre("of one resource", sharing.ShareCodeQuery{Resource: note("1")}, list[0], list[2], list[4], list[6])
	w.codesAre("of another kind", sharing.ShareCodeQuery{Resource: doc}, list[3], list[5])
	w.codesAre("of no resource", sharing.ShareCodeQuery{Resource: note("3")})
	w.codesAre("of half a resource", sharing.ShareCodeQuery{Resource: auth.ResourceRef{Kind: "note"}})
	w.codesAre("of a user", sharing.ShareCodeQuery{Giver: byUser(a)}, list[0], list[1], list[5], list[6])
	w.codesAre("of a service", sharing.ShareCodeQuery{Giver: byService(v)}, list[3], list[4])
	w.codesAre("of nobody", sharing.ShareCodeQuery{Giver: auth.Holder{User: auth.UserID(w.id())}})
	w.codesAre("of a user who is a service", sharing.ShareCodeQuery{Giver: auth.Holder{User: auth.UserID(v.ID)}})
	w.codesAre("of two at once", sharing.ShareCodeQuery{Giver: auth.Holder{User: a.ID, Service: v.ID}})
	w.codesAre(
		"of a user on a resource", sharing.ShareCodeQuery{Resource: note("1"), Giver: byUser(a)}, list[0], list[6],
	)
	at := list[4].ExpiresAt
	w.codesAre("unexpired", sharing.ShareCodeQuery{Now: at}, list[5], list[6]) // after it, not at it
	w.codesAre("unexpired a moment before", sharing.ShareCodeQuery{Now: at.Add(-time.Microsecond)}, list[4:]...)
	w.codesAre(
		"unexpired of a user on a resource", sharing.ShareCodeQuery{
			Resource: note("1"), Giver: byUser(a), Now: at,
		}, list[6],
	)
	w.codesAre("unexpired later", sharing.ShareCodeQuery{Now: start.Add(time.Hour)})
	w.same(
		"with all fields", w.codes(sharing.ShareCodeQuery{Giver: byService(v)}), []sharing.ShareCode{list[3], list[4]},
	)
}

// uses wants one exchange of a code.
func (w *world) uses(c sharing.ShareCode, at time.Time, want bool) {
	w.t.Helper()
	ok, err := w.sh.UseShareCode(w.ctx, c.ID, at)
	w.must(err)
	w.same("used", ok, want)
}

func useCode(w *world) {
	a := w.user("alice")
	some, other, any := w.newCode(note("1"), byUser(a)), w.code(note("1"), byUser(a)), w.newCode(note("1"), byUser(a))
	some.Exchanges, some.LastExchangedAt, some.MaxUses, any.MaxUses = 0, time.Time{}, 2, 0
	w.codeIs(w.addCode(some))
	w.addCode(any)
	for i := range 2 {
		some.Exchanges, some.LastExchangedAt = i+1, start.Add(time.Duration(i)*time.Second)
		w.uses(some, some.LastExchangedAt, true)
		w.codeIs(some)
	}
	for range 2 {
		w.uses(some, start.Add(time.Minute), false)
		w.codeIs(some) // unchanged
	}
	for range 10 {
		w.uses(any, start, true)
	}
	any.Exchanges, any.LastExchangedAt = 12, start
	w.codeIs(any)
	w.codeIs(other)
	w.must(errOf(w.sh.DeleteShareCodes(w.ctx, note("1"), any.ID)))
	w.uses(any, start, false)
	w.uses(w.newCode(note("1"), byUser(a)), start, false)
}

func useCodeExpiry(w *world) {
	a := w.user("alice")
	c := w.code(note("1"), byUser(a))
	for _, s := range []struct {
		after time.Duration
		want  bool
	}{{time.Minute, false}, {time.Microsecond, false}, {0, false}, {-time.Microsecond, true}, {-time.Hour, true},
		{0, false}} {
		w.uses(c, c.ExpiresAt.Add(s.after), s.want)
	}
	c.Exchanges, c.LastExchangedAt = 4, start // the time of the last one
	w.codeIs(c)
}

func deleteCodes(w *world) {
	a, b := w.user("alice"), w.user("bob")
	doc := auth.ResourceRef{Kind: "doc", ID: "1"}
	c1, c2, c3 := w.code(note("1"), byUser(a)), w.code(note("1"), byUser(b)), w.code(note("1"), byUser(a))
	other, third := w.code(doc, byUser(a)), w.code(note("2"), byUser(a))
	var from []sharing.Share
	for _, c := range []sharing.ShareCode{c1, c2, other} {
		x := w.newShare(c.Resource, byUser(a), b)
		x.Code = c.ID
		from = append(from, w.addShare(x))
		w.exchange(c, b, x)
	}
	deleted := func(r auth.ResourceRef, id string, want int) {
		w.t.Helper()
		n, err := w.sh.DeleteShareCodes(w.ctx, r, id)
		w.must(err)
		w.same("deleted", n, want)
	}
	deleted(note("2"), c1.ID, 0)
	deleted(doc, c1.ID, 0)
	deleted(auth.ResourceRef{}, c1.ID, 0)
	deleted(auth.ResourceRef{}, "", 0)
	deleted(auth.ResourceRef{Kind: "note"}, "", 0)
	deleted(note("1"), w.id(), 0)
	deleted(note("1"), c1.ID, 1)
	deleted(note("1"), c1.ID, 0)
	w.noCode(c1)
	w.codeIs(c2)
	w.same("exchanges", len(w.exchanges(c1.ID)), 0)
	w.same("other exchanges", len(w.exchanges(c2.ID)), 1)
	deleted(note("1"), "", 2)
	w.noCode(c2)
	w.noCode(c3)
	w.same("exchanges", len(w.exchanges(c2.ID)), 0)
	w.codeIs(other)
	w.codeIs(third)
	w.same("exchanges elsewhere", len(w.exchanges(other.ID)), 1)
	for _, x := range from {
		w.shareIs(x) // still with its Code
	}
	again := w.newShare(note("1"), byUser(a), b) // its code still counts
	again.Code = c1.ID
	w.adds(again, false)
}

func codesOfDeletedGivers(w *world) {
	a, b, v, other := w.user("alice"), w.user("bob"), w.service("bot"), w.service("other")
	c1, c2, c3, c4 := w.code(note("1"), byUser(a)), w.code(note("1"), byUser(b)), w.code(note("1"),
		byService(v)), w.code(note("1"), byService(other))
	for _, c := range []sharing.ShareCode{c1, c3} {
		w.exchange(c, b, sharing.Share{})
	}
	e2, e4 := w.exchange(c2, b, sharing.Share{}), w.exchange(c4, b, sharing.Share{})
	w.must(w.st.DeleteAccount(w.ctx, a.ID))
	w.must(w.st.DeleteService(w.ctx, v.ID))
	w.noCode(c1)
	w.noCode(c3)
	w.same("exchanges", len(w.exchanges(c1.ID))+len(w.exchanges(c3.ID)), 0)
	w.same("left", w.sharingSnapshot(), sharingSnapshot{
		Codes: []sharing.ShareCode{c2, c4}, Exchanges: []sharing.Exchange{e2, e4},
	})
}
