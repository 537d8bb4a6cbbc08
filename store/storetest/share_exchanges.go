package storetest

import (
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

var exchangeScenarios = []scenario{
	{"Exchanges", exchangesInPages},
	{"ExchangeNeedsCodeAndUser", exchangeNeedsEnds},
	{"ExchangesOfDeletedUsers", exchangesOfDeletedUsers},
	{"DeleteExpired", deleteExpired},
}

func exchangesInPages(w *world) {
	a, b := w.user("alice"), w.user("bob")
	c, other := w.code(note("1"), byUser(a)), w.code(note("1"), byUser(a))
	var all []sharing.Exchange
	for i := range 5 {
		// The share does not exist.
		e := sharing.Exchange{
			ID: w.id(), Code: c.ID, User: b.ID, Share: w.id(), At: start.Add(-time.Duration(i) * time.Minute),
		}
		if i == 2 {
			e.Share, e.User = "", a.ID
		}
		all = append(all, e)
	}
	for _, i := range []int{3, 0, 1, 4, 2} {
		w.must(w.sh.AddExchange(w.ctx, all[i]))
	}
	w.exchange(other, b, sharing.Share{})
	slices.Reverse(all) // the greatest id comes first
	w.same("exchanges", w.exchanges(c.ID), all)
	var ids []string
	for _, e := range all {
		ids = append(ids, e.ID)
	}
	pages(w, "exchanges", ids, func(before string, limit int) ([]sharing.Exchange, error) {
		return w.sh.Exchanges(w.ctx, c.ID, before, limit)
	}, func(e sharing.Exchange) string { return e.ID })
	if err := w.sh.AddExchange(
		w.ctx, sharing.Exchange{ID: all[0].ID, Code: other.ID, User: a.ID, At: start},
	); err == nil {
		w.t.Error("an exchange was stored over another")
	}
	w.same("none", w.exchanges(w.id()), []sharing.Exchange{})
	for _, x := range []struct {
		code, user string
		want       bool
	}{{c.ID, string(b.ID), true}, {other.ID, string(b.ID), true}, {other.ID, string(a.ID), false},
		{w.id(), string(b.ID), false}, {c.ID, w.id(), false}, {"", "", false}} {
		had, err := w.sh.HasExchanged(w.ctx, x.code, auth.UserID(x.user))
		w.must(err)
		w.same("has exchanged", had, x.want)
	}
}

func exchangeNeedsEnds(w *world) {
	a, v := w.user("alice"), w.service("bot")
	c := w.code(note("1"), byUser(a))
	w.must(w.both(func(in *world) error {
		for _, e := range []sharing.Exchange{
			{}, {Code: c.ID}, {User: a.ID}, {Code: c.ID, User: auth.UserID(in.id())}, {
				Code: in.id(), User: a.ID,
			}, {Code: c.ID, User: auth.UserID(v.ID)},
		} {
			e.ID, e.At = in.id(), start
			in.want(in.sh.AddExchange(in.ctx, e), auth.ErrNotFound)
		}
		in.same("exchanges", in.exchanges(c.ID), []sharing.Exchange{})
		in.exchange(c, a, sharing.Share{})
		return nil
	}))
}

func exchangesOfDeletedUsers(w *world) {
	a, b := w.user("alice"), w.user("bob")
	c := w.code(note("1"), byUser(a))
	x := w.share(note("1"), byUser(a), a)
	w.exchange(c, b, sharing.Share{})
	kept := w.exchange(c, a, x)
	w.must(w.st.DeleteAccount(w.ctx, b.ID))
	w.same("exchanges", w.exchanges(c.ID), []sharing.Exchange{kept})
	w.must(errOf(w.sh.DeleteShares(w.ctx, sharing.ShareSelection{Resource: note("1")})))
	w.same("exchanges", w.exchanges(c.ID), []sharing.Exchange{kept}) // the share no longer exists
}

func deleteExpired(w *world) {
	a := w.user("alice")
	var codes []sharing.ShareCode
	var list []sharing.Share
	for i := range 4 {
		at := start.Add(time.Duration(i) * time.Minute)
		c, x := w.newCode(note("1"), byUser(a)), w.newShare(note("1"), byUser(a), a)
		c.ExpiresAt, x.ExpiresAt = at, at
		codes, list = append(codes, w.addCode(c)), append(list, w.addShare(x))
		w.exchange(c, a, x)
	}
	never := w.newShare(note("1"), byUser(a), a)
	never.ExpiresAt = time.Time{}
	w.addShare(never)
	deleted := func(at time.Time, limit, want int) {
		w.t.Helper()
		n, err := w.sh.DeleteExpired(w.ctx, at, limit)
		w.must(err)
		w.same("deleted", n, want)
	}
	deleted(start.Add(-time.Microsecond), 9, 0)
	deleted(start, 0, 0)
	deleted(start, 9, 2) // at or before; one of each
	w.noCode(codes[0])
	w.noShare(list[0])
	w.same("exchanges", len(w.exchanges(codes[0].ID)), 0)
	w.same("other exchanges", len(w.exchanges(codes[1].ID)), 1)
	deleted(list[2].ExpiresAt, 1, 2) // up to the limit of each
	deleted(list[2].ExpiresAt, 1, 2)
	deleted(list[2].ExpiresAt, 1, 0)
	w.same("shares", w.shares(sharing.ShareQuery{}), []sharing.Share{list[3], never})
	w.same("codes", w.codes(sharing.ShareCodeQuery{}), codes[3:])
	w.must(errOf(
		w.sh.UpdateShare(w.ctx, list[3].ID, func(x *sharing.Share) error { x.ExpiresAt = time.Time{}; return nil }),
	))
	deleted(start.AddDate(99, 0, 0), 9, 1) // the code; the extended share stays
	w.same("shares", len(w.shares(sharing.ShareQuery{})), 2)
}
