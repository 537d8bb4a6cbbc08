package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
)

var bucketScenarios = []scenario{
	{"BucketNeverAboveBurst", bucketNeverAboveBurst},
	{"CrossingBuckets", crossingBuckets},
	{"CrossingGiveBack", crossingGiveBack},
}

var lockScenarios = []scenario{
	{"LockSerializes", lockSerializes},
	{"LastAdminStays", lastAdminStays},
	{"UnlikeLocks", unlikeLocks},
	{"RolledBackIsNeverSeen", rolledBackIsNeverSeen},
}

// take takes one try from each bucket. It returns errLost if it has to wait.
func (w *world) take(takes ...limit.Take) error {
	wait, err := w.st.Limits().TakeTries(w.ctx, start, takes)
	if err == nil && wait < 0 {
		err = fmt.Errorf("to wait %v", wait)
	}
	return ok(wait == 0, err)
}

func bucketNeverAboveBurst(w *world) {
	for _, burst := range []int{1, 3, callers} {
		b := bucket(fmt.Sprint("bucket ", burst), burst)
		w.outcome(race(func(int) error { return w.take(b) }), burst, errLost)
		w.outcome(race(func(int) error { return w.take(b) }), 0, errLost)
	}
}

// Callers ask for overlapping sets of buckets in different orders. No caller waits forever for
// another, no bucket gives more than it holds, and a caller that one bucket refuses takes
// nothing from the others.
func crossingBuckets(w *world) {
	const burst = 6
	keys := []string{"a", "b", "c", "d"}
	var given [4]atomic.Int64
	errs := race(func(i int) error {
		for round := range 3 {
			order := []int{i % 4, (i + 1 + i/4%3) % 4}
			if (i+round)%2 == 1 {
				order = []int{order[1], (order[1] + 3) % 4}
			}
			takes := []limit.Take{}
			for _, k := range order {
				takes = append(takes, bucket(keys[k], burst))
			}
			switch err := w.take(takes...); {
			case err == nil:
				for _, k := range order {
					given[k].Add(1)
				}
			case !errors.Is(err, errLost):
				return err
			}
		}
		return nil
	})
	w.outcome(errs, callers, nil)
	for k, key := range keys {
		n := int(given[k].Load())
		if n > burst {
			w.t.Errorf("bucket %s gave %d tries of %d", key, n, burst)
		}
		for range burst - n { // all other tries are still there
			w.takes(start, 0, bucket(key, burst))
		}
		w.takes(start, time.Second, bucket(key, burst))
	}
}

// Tries are given back while others are taken, in different orders. What is left must add up.
func crossingGiveBack(w *world) {
	a, b := bucket("a", 100), bucket("b", 100)
	errs := race(func(i int) error {
		takes := []limit.Take{a, b}
		if i%2 == 1 {
			takes = []limit.Take{b, a}
		}
		for range rounds {
			if err := w.take(takes...); err != nil {
				return err
			}
			if err := w.st.Limits().GiveBack(w.ctx, nil, []limit.Take{takes[1], takes[0]}); err != nil {
				return err
			}
		}
		return w.take(takes...)
	})
	w.outcome(errs, callers, nil)
	const wait = callers * time.Second // a try of each is gone
	w.takes(start, wait, bucket("a", 1))
	w.takes(start, wait, bucket("b", 1))
}

// The next transaction reads what the one before wrote under the lock.
func lockSerializes(w *world) {
	w.init("n", "", "")
	errs := race(func(int) error {
		for range rounds {
			err := w.tx(func(in *world) error {
				if err := in.st.Lock(in.ctx, "n"); err != nil {
					return err
				}
				old, err := in.st.Value(in.ctx, "n") // without a lock of its own
				if err != nil {
					return err
				}
				return in.st.UpdateValue(in.ctx, "n", func(string) (string, error) { return old + "+", nil })
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	w.outcome(errs, callers, nil)
	got, err := w.st.Value(w.ctx, "n")
	w.must(err)
	w.same("steps", len(got), callers*rounds)
}

// Every admin tries to leave, in different ways, if another one stays.
func lastAdminStays(w *world) {
	errLast := errors.New("last admin")
	admins := make([]auth.Account, callers)
	for i := range admins {
		admins[i] = w.account(fmt.Sprint("admin", i))
		admins[i].Roles = []auth.RoleID{"admin"}
		w.must(w.st.CreateAccount(w.ctx, admins[i]))
	}
	errs := race(func(i int) error {
		return w.tx(func(in *world) error {
			id := admins[i].ID
			if err := in.st.Lock(in.ctx, "admins"); err != nil {
				return err
			}
			if stays, err := in.st.HasActiveHolder(in.ctx, "admin", id); err != nil || !stays {
				return errors.Join(err, errLast)
			}
			switch i % 3 {
			case 0:
				return errOf(in.st.RemoveRole(in.ctx, id, "admin"))
			case 1:
				return in.st.DeleteAccount(in.ctx, id)
			}
			return errOf(in.st.UpdateAccount(
				in.ctx, id, func(now *auth.Account) error { now.Status = auth.StatusDisabled; return nil },
			))
		})
	})
	w.outcome(errs, callers-1, errLast)
	held, err := w.st.HasActiveHolder(w.ctx, "admin", "")
	w.must(err)
	w.same("an admin stays", held, true)
}

// Locks that are taken in crossing orders end, one way or the other.
func unlikeLocks(w *world) {
	errs := race(func(i int) error {
		names := []string{"a", "b"}
		if i%2 == 1 {
			names = []string{"b", "a"}
		}
		return w.tx(func(in *world) error {
			for _, name := range names {
				if err := in.st.Lock(in.ctx, name); err != nil {
					return err
				}
			}
			return in.st.UpdateValue(in.ctx, "n", func(old string) (string, error) { return old + "+", nil })
		})
	})
	w.outcome(errs, callers, nil)
	got, err := w.st.Value(w.ctx, "n")
	w.must(err)
	w.same("steps", len(got), callers)
}

// Readers see the work of a transaction completely or not at all.
func rolledBackIsNeverSeen(w *world) {
	a, b := w.user("alice"), w.user("bob")
	rename := func(in *world, name string) error {
		for _, id := range []auth.UserID{a.ID, b.ID} {
			err := errOf(in.st.UpdateAccount(in.ctx, id, func(now *auth.Account) error { now.Name = name; return nil }))
			if err != nil {
				return err
			}
		}
		return nil
	}
	w.must(w.tx(func(in *world) error { return rename(in, "even 0") }))
	errs := race(func(i int) error {
		for round := range rounds {
			switch i % 4 {
			case 0:
				if err := w.tx(
					func(in *world) error { return rename(in, fmt.Sprintf("even %d", i+round)) },
				); err != nil {
					return err
				}
			case 1:
				err := w.tx(func(in *world) error { return errors.Join(rename(in, "never"), errRefused) })
				if !errors.Is(err, errRefused) {
					return err
				}
			default:
				list, err := w.st.Users(w.ctx, auth.UserQuery{Limit: 9})
				if err != nil || len(list) != 2 || list[0].Name != list[1].Name || list[0].Name == "never" {
					return fmt.Errorf("users: %v, %w", list, err)
				}
			}
		}
		return nil
	})
	w.outcome(errs, callers, nil)
}
