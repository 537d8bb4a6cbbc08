package storetest

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var crossingScenarios = []scenario{
	{"RenameOrRegister", renameOrRegister},
	{"BatchesAddUp", batchesAddUp},
}

// A rename frees a name and reserves it while others register it. Whoever first stores the
// account and then checks whether the name is reserved never gets it.
func renameOrRegister(w *world) {
	for round := range 4 {
		name, renamer := fmt.Sprint("name", round), round*callers/4
		holder := w.user(name)
		others := make([]auth.Account, callers)
		for i := range others {
			others[i] = w.account(fmt.Sprint("other", round, "-", i))
			others[i].UsernameKey = name
		}
		errs := race(func(i int) error {
			return w.tx(func(in *world) error {
				if i == renamer {
					return in.rename(holder.ID, name, "new "+name)
				}
				return in.register(others[i])
			})
		})
		w.must(errs[renamer])
		errs[renamer] = auth.ErrUsernameTaken
		w.outcome(errs, 0, auth.ErrUsernameTaken)
		_, err := w.st.AccountByLogin(w.ctx, name)
		w.want(err, auth.ErrNotFound)
		for _, a := range others {
			w.absent(a.ID)
		}
		// Back to its last holder.
		w.must(w.tx(func(in *world) error { return in.rename(holder.ID, "new "+name, name) }))
	}
}

// rename gives a user another name and reserves the old one for that user.
func (w *world) rename(id auth.UserID, old, name string) error {
	_, err := w.st.UpdateAccount(w.ctx, id, func(now *auth.Account) error { now.UsernameKey = name; return nil })
	if err != nil {
		return err
	}
	return w.st.ReserveUsername(w.ctx, old, id, start.Add(time.Hour))
}

// register makes an account unless its name is reserved.
func (w *world) register(a auth.Account) error {
	if err := w.st.CreateAccount(w.ctx, a); err != nil {
		return err
	}
	reserved, err := w.st.UsernameReserved(w.ctx, a.UsernameKey, a.ID, start)
	if err == nil && reserved {
		return auth.ErrUsernameTaken
	}
	return err
}

// Concurrent deletions in batches delete nothing twice, and leave the rest for the next batch.
func batchesAddUp(w *world) {
	const records = 40
	a := w.user("alice")
	w.must(w.tx(func(in *world) error {
		for i := range records {
			in.session(a) // also stores a login
			in.takes(start, 0, bucket(fmt.Sprint("bucket ", i), 1))
		}
		return nil
	}))
	later := start.Add(24 * time.Hour)
	for name, remove := range map[string]func(limit int) (int, error){
		"sessions": func(limit int) (int, error) { return w.st.DeleteExpiredSessions(w.ctx, later, limit) },
		"logins":   func(limit int) (int, error) { return w.st.DeleteLoginsBefore(w.ctx, later, limit) },
		"buckets":  func(limit int) (int, error) { return w.st.Limits().DeleteFullBuckets(w.ctx, later, limit) },
	} {
		var removed atomic.Int64
		w.outcome(race(func(int) error {
			const limit = 4
			n, err := remove(limit)
			removed.Add(int64(n))
			if err == nil && n > limit {
				err = fmt.Errorf("%s: a batch of %d for a limit of %d", name, n, limit)
			}
			return err
		}), callers, nil)
		rest, err := remove(records)
		w.must(err)
		w.same(name+" removed in all", int(removed.Load())+rest, records)
	}
	w.sessions("left", auth.SessionQuery{User: a.ID, Now: start})
	w.same("logins left", len(w.logins(auth.LoginQuery{Limit: records})), 0)
}
