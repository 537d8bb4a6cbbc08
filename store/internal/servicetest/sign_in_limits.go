package servicetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
)

// hundredFailures checks that after a hundred failures in a row, from any network, even the
// right password is refused for a while, and that a success clears the failures. The same holds
// for a name that nobody has.
func hundredFailures(t *testing.T, open Open) {
	w := setup(t, open)
	w.signUp("ada")
	for _, login := range []string{"ada", "nobody-has-this"} {
		failures := 0
		for i := 0; failures < 100; i++ {
			err := w.guess(w.Service, login, "wrong password", client(fmt.Sprintf("198.51.%d.%d", i/250, i%250)))
			if err == nil || i > 10_000 {
				t.Fatal(err)
			}
			var limit *auth.LimitError
			if asLimit(err, &limit) {
				if limit.RetryAfter <= 0 || limit.RetryAfter > time.Hour {
					t.Fatalf("told to retry after %v", limit.RetryAfter)
				}
				if limit.RetryAfter > 10*time.Minute {
					break // the long-term limit is reached
				}
				w.clock.Advance(limit.RetryAfter)
				continue
			}
			w.want(err, auth.ErrBadCredentials)
			failures++
		}
		if failures < 90 {
			t.Fatalf("refused after only %d failures", failures)
		}
		w.want(w.guess(w.Service, login, pass, home), auth.ErrTooManyAttempts)
	}
	w.clock.Advance(24 * time.Hour)
	w.must(w.guess(w.Service, "ada", pass, home))
	for range 19 {
		w.want(w.guess(w.Service, "ada", "wrong password", home), auth.ErrBadCredentials)
	}
}

func asLimit(err error, to **auth.LimitError) bool { return errors.As(err, to) }

// replicasShareBudget checks that three replicas together allow as many tries as one does.
func replicasShareBudget(t *testing.T, open Open) {
	w := setup(t, open, func(c *auth.Config) { c.Limits.Pair = limit.Limit{Burst: 7, Interval: time.Hour} })
	w.signUp("ada")
	replicas := []*auth.Service{w.replica(), w.replica(), w.replica()}
	errs := race(48, func(i int) error { return w.guess(replicas[i%3], "ada", "wrong password", home) })
	if count(errs, auth.ErrBadCredentials) != 7 || count(errs, auth.ErrTooManyAttempts) != 41 {
		t.Fatalf("%d tries were allowed, want 7", count(errs, auth.ErrBadCredentials))
	}
	list, err := w.History.Logins(w.ctx, w.op, "", auth.LoginFilter{PageQuery: auth.PageQuery{Limit: 200}})
	w.must(err)
	if len(list.Items) != 8 { // one for each try, and one for all refused tries together
		t.Fatalf("%d logins were recorded", len(list.Items))
	}
}

// strangerCannotLockOut checks that a device that has signed in to an account before can still
// do so after a stranger used up its tries. The mark of that device counts for no other
// account.
func strangerCannotLockOut(t *testing.T, open Open) {
	w := setup(t, open)
	w.signUp("ada")
	w.signUp("bob")
	in, err := w.SignIn(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
	w.must(err)
	owner := home
	owner.Device = in.Device
	block := func(login string) {
		for i := range 1000 {
			if w.guess(w.Service, login, "wrong password", client(fmt.Sprintf("203.0.113.%d", i%250))) != nil &&
				count(
					[]error{w.guess(w.Service, login, "wrong password", client("192.0.2.1"))}, auth.ErrTooManyAttempts,
				) == 1 {
				return
			}
		}
		t.Fatal("the account was never blocked")
	}
	block("bob")
	// The device has never signed in as bob.
	w.want(w.guess(w.Service, "bob", pass, owner), auth.ErrTooManyAttempts)
	block("ada")
	w.want(w.guess(w.Service, "ada", pass, home), auth.ErrTooManyAttempts)
	forged := owner
	forged.Device = in.Device[:len(in.Device)-1] + "A"
	if in.Device == forged.Device {
		forged.Device = in.Device[:len(in.Device)-1] + "B"
	}
	w.want(w.guess(w.Service, "ada", pass, forged), auth.ErrTooManyAttempts)
	for range 20 {
		w.want(w.guess(w.Service, "ada", "wrong password", owner), auth.ErrBadCredentials)
	}
	// The device has a limit of its own.
	w.want(w.guess(w.Service, "ada", pass, owner), auth.ErrTooManyAttempts)
	w.clock.Advance(time.Minute)
	block("ada")
	w.must(w.guess(w.Service, "ada", pass, owner))
}

// throttledNamesLeaveNothing checks that refused tries on names that nobody has are not
// recorded, since there is no limit to such names.
func throttledNamesLeaveNothing(t *testing.T, open Open) {
	w := setup(t, open, func(c *auth.Config) { c.Limits.Network = limit.Limit{Burst: 3, Interval: time.Hour} })
	for i := range 30 {
		_ = w.guess(w.Service, fmt.Sprintf("nobody%d", i), "wrong password", home)
	}
	list, err := w.History.Logins(w.ctx, w.op, "", auth.LoginFilter{})
	w.must(err)
	if len(list.Items) != 3 {
		t.Fatalf("%d logins were recorded", len(list.Items))
	}
}

// devicesShareBudget checks that many devices that have signed in to an account before get no
// more than a hundred guesses together.
func devicesShareBudget(t *testing.T, open Open) {
	w := setup(t, open)
	w.signUp("ada")
	var marks []auth.Client
	for range 12 {
		in, err := w.SignIn(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
		w.must(err)
		c := home
		c.Device = in.Device
		marks = append(marks, c)
	}
	looked := 0
	for _, c := range marks {
		for range 20 {
			if errors.Is(w.guess(w.Service, "ada", "wrong password", c), auth.ErrBadCredentials) {
				looked++
			}
		}
	}
	if looked != 100 {
		t.Fatalf("%d guesses were checked, want 100", looked)
	}
}
