package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

var sharingWinnerScenarios = []scenario{
	{"OneUseOfAOneUseCode", oneUseOfCode},
	{"UsesUpToTheLimit", usesUpToTheLimit},
	{"OneShareOfACode", oneShareOfCode},
	{"AcceptedUpToTheLimit", acceptedUpToTheLimit},
	{"OneResource", oneResource},
	{"NoShareOfNobody", noShareOfNobody},
	{"NoExchangeOfNothing", noExchangeOfNothing},
	{"NoLostShareUpdate", noLostShareUpdate},
	{"ExpiredBatchesAddUp", expiredBatchesAddUp},
}

// crowd is the number of callers that want to use a code.
const crowd = 32

// fresh is a code that nobody has used.
func (w *world) fresh(giver auth.Account, uses int) sharing.ShareCode {
	w.t.Helper()
	c := w.newCode(note("1"), byUser(giver))
	c.MaxUses, c.Exchanges, c.LastExchangedAt = uses, 0, time.Time{}
	return w.addCode(c)
}

// exchanged compares how often a code was used.
func (w *world) exchanged(c sharing.ShareCode, want int) {
	w.t.Helper()
	got, err := w.sh.ShareCode(w.ctx, c.Resource, c.ID)
	w.must(err)
	w.same("exchanges", got.Exchanges, want)
}

func oneUseOfCode(w *world) {
	a := w.user("alice")
	for range 3 {
		c := w.fresh(a, 1)
		w.outcome(raceOf(crowd, func(int) error { return ok(w.sh.UseShareCode(w.ctx, c.ID, start)) }), 1, errLost)
		w.exchanged(c, 1)
	}
}

func usesUpToTheLimit(w *world) {
	a := w.user("alice")
	some, any := w.fresh(a, 5), w.fresh(a, 0)
	w.outcome(raceOf(crowd, func(int) error { return ok(w.sh.UseShareCode(w.ctx, some.ID, start)) }), 5, errLost)
	w.exchanged(some, 5)
	w.outcome(raceOf(crowd, func(int) error { return ok(w.sh.UseShareCode(w.ctx, any.ID, start)) }), crowd, nil)
	w.exchanged(any, crowd)
}

func oneShareOfCode(w *world) {
	a, b := w.user("alice"), w.user("bob")
	for round := range 3 {
		code := w.id()
		list := make([]sharing.Share, callers)
		for i := range list {
			list[i] = w.newShare(note(strconv.Itoa(round)), byUser(a), b)
			list[i].Code = code
		}
		errs := race(func(i int) error {
			if i%2 == 1 { // also inside a transaction, which continues
				return w.shareTx(func(in *world) error {
					added, err := in.sh.AddShare(in.ctx, list[i])
					if err == nil {
						err = errOf(in.sh.Owners(in.ctx, "note", nil))
					}
					return ok(added, err)
				})
			}
			return ok(w.sh.AddShare(w.ctx, list[i]))
		})
		w.outcome(errs, 1, errLost)
		for i, x := range list {
			if errs[i] == nil {
				w.shareIs(x)
			} else {
				w.want(errOf(w.sh.Share(w.ctx, x.ID)), auth.ErrNotFound)
			}
		}
	}
}

// accept is what a service makes of a code: a share for who has none yet, if the code can be
// used once more.
func (w *world) accept(c sharing.ShareCode, x sharing.Share) error {
	return w.shareTx(func(in *world) error {
		if added, err := in.sh.AddShare(in.ctx, x); err != nil || !added {
			return ok(added, err)
		}
		if used, err := in.sh.UseShareCode(in.ctx, c.ID, start); err != nil || !used {
			return ok(used, err)
		}
		return in.sh.AddExchange(
			in.ctx, sharing.Exchange{ID: in.id(), Code: c.ID, User: x.User, Share: x.ID, At: start},
		)
	})
}

// Several users accept a code more than once, all at the same time. In the end five of them
// have a share.
func acceptedUpToTheLimit(w *world) {
	a := w.user("alice")
	c, list := w.fresh(a, 5), make([]sharing.Share, crowd)
	var to auth.Account
	for i := range list {
		if i%4 == 0 {
			to = w.user(fmt.Sprint("user", i))
		}
		list[i] = w.newShare(note("1"), byUser(a), to)
		list[i].Code = c.ID
	}
	errs := raceOf(crowd, func(i int) error { return w.accept(c, list[i]) })
	w.outcome(errs, 5, errLost)
	w.exchanged(c, 5)
	exchanges := w.exchanges(c.ID)
	w.same("exchanges", len(exchanges), 5)
	got := map[string]bool{}
	for _, e := range exchanges {
		got[e.Share] = true
	}
	for i, x := range list {
		w.same("has an exchange", got[x.ID], errs[i] == nil)
		if errs[i] == nil {
			w.shareIs(x)
		}
	}
	w.same("shares", len(w.shares(sharing.ShareQuery{Code: c.ID})), 5)
}

func oneResource(w *world) {
	users := make([]auth.Account, callers)
	for i := range users {
		users[i] = w.user(fmt.Sprint("user", i))
	}
	for round := range 3 {
		ref := note(strconv.Itoa(round))
		errs := race(func(i int) error {
			return ok(w.sh.PutResource(w.ctx, sharing.Resource{ResourceRef: ref, Owner: users[i].ID, CreatedAt: start}))
		})
		w.outcome(errs, 1, errLost)
		owners, err := w.sh.Owners(w.ctx, "note", []string{ref.ID})
		w.must(err)
		for i, a := range users {
			w.same("is the owner", owners[ref.ID] == a.ID, errs[i] == nil)
		}
	}
	w.outcome(race(func(int) error { return ok(w.sh.DeleteResource(w.ctx, note("0"))) }), 1, errLost)
}

// raceWithEnd has callers do something while one of them removes what it needs. Each has done
// it before that or gets ErrNotFound.
func (w *world) raceWithEnd(do func(i int) error, end func() error) {
	w.t.Helper()
	errs := race(func(i int) error {
		if i == callers/2 {
			return end()
		}
		return do(i)
	})
	w.must(errs[callers/2])
	for _, err := range errs {
		if err != nil && !errors.Is(err, auth.ErrNotFound) {
			w.t.Fatal(err)
		}
	}
}

// Giver, receiver or owner are deleted while something is stored that names them. Nothing of it
// may be left.
func noShareOfNobody(w *world) {
	for round, name := range []string{"giver", "receiver", "service", "group", "giver", "receiver"} {
		a, b := w.user(fmt.Sprint("alice", round)), w.user(fmt.Sprint("bob", round))
		v, g := w.service(fmt.Sprint("bot", round)), w.group(fmt.Sprint("g", round))
		ref := note(strconv.Itoa(round))
		kept := w.share(ref, byUser(b), b) // ends only with the receiver
		give := func(i int) sharing.Share {
			x := w.newShare(ref, byUser(a), b)
			if name == "service" {
				x.Giver = byService(v)
			}
			if name == "group" {
				x.User, x.Group = "", g.ID
			}
			return x
		}
		end := func() error {
			switch name {
			case "receiver":
				return w.st.DeleteAccount(w.ctx, b.ID)
			case "service":
				return w.st.DeleteService(w.ctx, v.ID)
			case "group":
				return w.st.DeleteGroup(w.ctx, g.ID)
			}
			return w.st.DeleteAccount(w.ctx, a.ID)
		}
		w.raceWithEnd(func(i int) error {
			x := give(i)
			switch {
			case i%3 == 1 && name == "giver":
				return w.sh.AddShareCode(w.ctx, w.newCode(ref, x.Giver))
			case i%3 == 2 && name == "giver":
				return errOf(
					w.sh.PutResource(
						w.ctx, sharing.Resource{ResourceRef: note(w.id()), Owner: x.Giver.User, CreatedAt: start},
					),
				)
			case i%2 == 1 && name == "service":
				return w.sh.AddShareCode(w.ctx, w.newCode(ref, x.Giver))
			case i%2 == 1:
				return w.shareTx(func(in *world) error { return errOf(in.sh.AddShare(in.ctx, x)) })
			}
			return errOf(w.sh.AddShare(w.ctx, x))
		}, end)
		want := []sharing.Share{kept}
		if name == "receiver" {
			want = nil
		}
		w.same(name+": shares", w.shares(sharing.ShareQuery{Resources: []auth.ResourceRef{ref}}), want)
		w.same(name+": codes", w.codes(sharing.ShareCodeQuery{Resource: ref}), []sharing.ShareCode{})
		w.same(name+": resources", w.allOf("note"), []sharing.Resource{})
	}
}

// A code or a user is deleted while exchanges are recorded.
func noExchangeOfNothing(w *world) {
	a := w.user("alice")
	for round := range 4 {
		b, c := w.user(fmt.Sprint("bob", round)), w.fresh(a, 0)
		w.raceWithEnd(func(int) error {
			return w.sh.AddExchange(w.ctx, sharing.Exchange{ID: w.id(), Code: c.ID, User: b.ID, At: start})
		}, func() error {
			if round%2 == 0 {
				return w.st.DeleteAccount(w.ctx, b.ID)
			}
			return errOf(w.sh.DeleteShareCodes(w.ctx, note("1"), c.ID))
		})
		w.same("exchanges", w.exchanges(c.ID), []sharing.Exchange{})
	}
}

func noLostShareUpdate(w *world) {
	a := w.user("alice")
	x := w.share(note("1"), byUser(a), a)
	add := func(now *sharing.Share) error { now.Scopes = append(now.Scopes, "+"); return nil }
	w.outcome(race(func(i int) error {
		if i%2 == 1 {
			return w.shareTx(func(in *world) error { return errOf(in.sh.UpdateShare(in.ctx, x.ID, add)) })
		}
		return errOf(w.sh.UpdateShare(w.ctx, x.ID, add))
	}), callers, nil)
	got, err := w.sh.Share(w.ctx, x.ID)
	w.must(err)
	w.same("updates", len(got.Scopes)-len(x.Scopes), callers)
}

// Concurrent deletions in batches delete nothing twice, and leave the rest for the next batch.
func expiredBatchesAddUp(w *world) {
	const records = 40
	a := w.user("alice")
	w.must(w.both(func(in *world) error {
		for range records {
			in.exchange(in.code(note("1"), byUser(a)), a, in.share(note("1"), byUser(a), a))
		}
		return nil
	}))
	var removed atomic.Int64
	w.outcome(race(func(int) error {
		const limit = 2
		n, err := w.sh.DeleteExpired(w.ctx, start.AddDate(1, 0, 0), limit)
		removed.Add(int64(n))
		if err == nil && n > 2*limit {
			err = fmt.Errorf("a batch of %d for a limit of %d", n, limit)
		}
		return err
	}), callers, nil)
	rest, err := w.sh.DeleteExpired(w.ctx, start.AddDate(1, 0, 0), records)
	w.must(err)
	w.same("removed in all", int(removed.Load())+rest, 2*records)
	w.same("left", w.sharingSnapshot(), sharingSnapshot{})
}
