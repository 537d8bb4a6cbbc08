package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/hallpass-go/hallpass/auth"
)

// callers is the number of callers that want the same at once.
const callers = 16

var winnerScenarios = []scenario{
	{"OneAccountPerName", oneAccountPerName},
	{"OneNamePerUpdate", oneNamePerUpdate},
	{"OneRotation", oneRotation},
	{"ReplaysUpToTheLimit", replaysUpToTheLimit},
	{"OneSignInPerHash", oneSignInPerHash},
	{"SignInOrDisabled", signInOrDisabled},
	{"OneFirstValue", oneFirstValue},
	{"NoLostAccountUpdate", noLostAccountUpdate},
	{"NoLostValueUpdate", noLostValueUpdate},
	{"NoLostSessionUpdate", noLostSessionUpdate},
	{"OneRoleAdded", oneRoleAdded},
	{"OneSessionEnd", oneSessionEnd},
}

// race starts all callers at one signal and returns their errors.
func race(call func(i int) error) []error { return raceOf(callers, call) }

// raceOf is race with n callers.
func raceOf(n int, call func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = call(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// errLost is returned by a caller that did not win if the method has no error for that.
var errLost = errors.New("lost")

// outcome stops unless n calls succeeded and all others failed with lost.
func (w *world) outcome(errs []error, n int, lost error) {
	w.t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, lost) {
			w.t.Fatalf("got error %v, want %v or none", err, lost)
		}
	}
	if won != n {
		w.t.Fatalf("%d of %d calls won, want %d", won, len(errs), n)
	}
}

// ok returns errLost for a caller that did not win.
func ok(won bool, err error) error {
	if err == nil && !won {
		return errLost
	}
	return err
}

func oneAccountPerName(w *world) {
	for _, c := range taken {
		all := make([]auth.Account, callers)
		for i := range all {
			all[i] = w.account(fmt.Sprint(c.name, i))
			c.take(&all[i], all[0])
		}
		errs := race(func(i int) error { return w.st.CreateAccount(w.ctx, all[i]) })
		w.outcome(errs, 1, c.err)
		for i, a := range all {
			if errs[i] == nil {
				w.same("winner", w.stored(a.ID), a)
			} else {
				w.absent(a.ID)
			}
		}
	}
}

func oneNamePerUpdate(w *world) {
	all := make([]auth.Account, callers)
	for i := range all {
		all[i] = w.user(fmt.Sprint("user", i))
	}
	for _, c := range taken {
		wanted := w.account("wanted")
		errs := race(func(i int) error {
			return errOf(
				w.st.UpdateAccount(w.ctx, all[i].ID, func(now *auth.Account) error { c.take(now, wanted); return nil }),
			)
		})
		w.outcome(errs, 1, c.err)
		for i := range all {
			if errs[i] == nil {
				c.take(&all[i], wanted)
			}
			w.same(c.name, w.stored(all[i].ID), all[i])
		}
	}
}

func oneRotation(w *world) {
	a := w.user("alice")
	x := w.session(a)
	a.LastLoginAt = start
	for round := range 4 {
		rotations := make([]auth.Rotation, callers)
		for i := range rotations {
			rotations[i] = w.rotation(x)
		}
		errs := race(func(i int) error { return ok(w.st.RotateRefresh(w.ctx, rotations[i])) })
		w.outcome(errs, 1, errLost)
		old := x
		for i, r := range rotations {
			if errs[i] == nil {
				x = after(x, r)
			} else {
				w.noRefresh(r.Next)
			}
		}
		w.actors(x, a.User)
		w.refreshUse(old.TokenHash, auth.RefreshUse{
			Actor: auth.Actor{Session: x, User: a.User}, Generation: round, ConsumedAt: x.LastSeenAt,
		})
	}
}

func replaysUpToTheLimit(w *world) {
	a := w.user("alice")
	x := w.rotate(w.session(a))
	errs := race(func(int) error { return ok(w.st.CountReplay(w.ctx, x.ID, x.Generation, 5)) })
	w.outcome(errs, 5, errLost)
	got, err := w.st.ActorBySession(w.ctx, x.ID)
	w.must(err)
	w.same("replays", got.Session.Replays, 5)
}

// Each sign-in rehashes the password, so only one of those that verified the old hash can
// complete.
func oneSignInPerHash(w *world) {
	a := w.user("alice")
	ins := make([]auth.SignIn, callers)
	for i := range ins {
		ins[i] = w.signIn(a, w.refreshing(a.ID))
		ins[i].NewHash = fmt.Sprint("hash ", i)
	}
	errs := race(func(i int) error { return w.st.CompleteSignIn(w.ctx, ins[i]) })
	w.outcome(errs, 1, auth.ErrStale)
	for i, in := range ins {
		if errs[i] != nil {
			w.notSignedIn(in)
			continue
		}
		w.same("hash", w.stored(a.ID).PasswordHash, in.NewHash)
		w.loginIs(in.Login)
	}
}

// An account is disabled and its sessions are ended while it signs in. No session may be left.
func signInOrDisabled(w *world) {
	for round := range 4 {
		a := w.user(fmt.Sprint("user", round))
		ins := make([]auth.SignIn, callers)
		for i := range ins {
			ins[i] = w.signIn(a, w.refreshing(a.ID))
		}
		errs := race(func(i int) error {
			if i != callers/2 {
				return w.st.CompleteSignIn(w.ctx, ins[i])
			}
			return w.tx(func(in *world) error {
				_, err := in.st.UpdateAccount(
					in.ctx, a.ID, func(now *auth.Account) error { now.Status = auth.StatusDisabled; return nil },
				)
				if err != nil {
					return err
				}
				return errOf(in.st.DeleteSessions(in.ctx, a.ID, ""))
			})
		})
		for _, err := range errs {
			if err != nil && !errors.Is(err, auth.ErrStale) {
				w.t.Fatal(err)
			}
		}
		w.must(errs[callers/2])
		w.same("status", w.stored(a.ID).Status, auth.StatusDisabled)
		w.sessions("of a disabled user", auth.SessionQuery{User: a.ID, Now: start})
	}
}

func oneFirstValue(w *world) {
	stored := make([]string, callers)
	w.outcome(race(func(i int) (err error) {
		stored[i], err = w.st.InitValue(w.ctx, "a", strconv.Itoa(i))
		return err
	}), callers, nil)
	if n := len(slices.Compact(slices.Clone(stored))); n != 1 {
		w.t.Fatalf("%d callers got different values: %q", callers, stored)
	}
	w.value("a", stored[0])
}

// rounds is the number of updates of each caller.
const rounds = 5

func noLostAccountUpdate(w *world) {
	a := w.user("alice")
	add := func(now *auth.Account) error { now.Name += "+"; return nil }
	w.outcome(race(func(i int) error {
		for range rounds {
			err := errOf(w.st.UpdateAccount(w.ctx, a.ID, add))
			if i%2 == 1 { // also inside a transaction
				err = errors.Join(
					err, w.tx(func(in *world) error { return errOf(in.st.UpdateAccount(in.ctx, a.ID, add)) }),
				)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}), callers, nil)
	w.same("updates", len(w.stored(a.ID).Name)-len(a.Name), callers*rounds*3/2)
}

func noLostValueUpdate(w *world) {
	add := func(old string) (string, error) { return old + "+", nil }
	w.outcome(race(func(i int) error {
		for range rounds {
			if err := w.st.UpdateValue(w.ctx, "a", add); err != nil { // the first of them creates it
				return err
			}
			if err := w.tx(func(in *world) error { return in.st.UpdateValue(in.ctx, "a", add) }); err != nil {
				return err
			}
		}
		return nil
	}), callers, nil)
	got, err := w.st.Value(w.ctx, "a")
	w.must(err)
	w.same("updates", len(got), callers*rounds*2)
}

func noLostSessionUpdate(w *world) {
	a := w.user("alice")
	x := w.session(a)
	w.outcome(race(func(i int) error {
		for range rounds {
			err := errOf(w.st.UpdateSession(w.ctx, x.ID, func(now *auth.Session) error {
				now.Scopes = append(now.Scopes, strconv.Itoa(i))
				return nil
			}))
			if err != nil {
				return err
			}
		}
		return nil
	}), callers, nil)
	got, err := w.st.ActorBySession(w.ctx, x.ID)
	w.must(err)
	w.same("updates", len(got.Session.Scopes)-len(x.Scopes), callers*rounds)
}

func oneRoleAdded(w *world) {
	a := w.user("alice")
	w.outcome(race(func(int) error { return ok(w.st.AddRole(w.ctx, a.ID, "admin")) }), 1, errLost)
	w.same("roles", w.stored(a.ID).Roles, []auth.RoleID{"admin", "editor", "user"})
	w.outcome(race(func(int) error { return ok(w.st.RemoveRole(w.ctx, a.ID, "admin")) }), 1, errLost)
	w.same("roles", w.stored(a.ID).Roles, a.Roles)
}

func oneSessionEnd(w *world) {
	a := w.user("alice")
	x := w.session(a)
	w.outcome(race(func(int) error { return w.st.DeleteSession(w.ctx, a.ID, x.ID) }), 1, auth.ErrNotFound)
	w.outcome(race(func(int) error { return w.st.DeleteAccount(w.ctx, a.ID) }), 1, auth.ErrNotFound)
}
