package servicetest

import (
	"fmt"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
)

// stronger is a world whose hashes are below the parameters of a newer service.
func (w *world) stronger() *auth.Service {
	w.cfg.Hashing.Params.Iterations = 2
	return w.replica()
}

// newPasswordWins: a sign-in that replaces an old hash never undoes a change of the
// password that crosses it.
func newPasswordWins(t *testing.T, open Open) {
	w := setup(t, open, func(c *auth.Config) { c.AllowManagerPasswords = true })
	newer := w.stronger()
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for i := range rounds {
		name := fmt.Sprintf("user%d", i)
		u := w.signUp(name)
		fresh := fmt.Sprintf("fresh %s for %d", pass, i)
		errs := race(3, func(i int) error {
			if i == 0 {
				return newer.ChangePassword(w.ctx, w.op, u.ID, auth.PasswordChange{New: fresh}, home)
			}
			_, err := newer.PasswordGrant(w.ctx, auth.SignInRequest{Login: name, Password: pass, Client: home})
			return err
		})
		w.must(errs[0])
		if count(errs[1:], nil)+count(errs[1:], auth.ErrBadCredentials) != 2 {
			t.Fatalf("sign-ins: %v", errs)
		}
		_, err := newer.PasswordGrant(w.ctx, auth.SignInRequest{Login: name, Password: fresh, Client: home})
		w.must(err)
		_, err = newer.PasswordGrant(w.ctx, auth.SignInRequest{Login: name, Password: pass, Client: home})
		w.want(err, auth.ErrBadCredentials)
		list, err := w.Sessions(w.ctx, w.op, u.ID, auth.PageQuery{})
		w.must(err)
		if len(list.Items) != 1 {
			t.Fatalf("%d sessions survive the change", len(list.Items)-1)
		}
	}
}

// rehashOnSignIn: a right password replaces a hash below today's parameters, once, and a wrong
// one does not.
func rehashOnSignIn(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	hash := func() string {
		a, err := w.st.Auth().Account(w.ctx, u.ID)
		w.must(err)
		return a.PasswordHash
	}
	old, err := bcrypt.GenerateFromPassword([]byte(pass), bcrypt.MinCost)
	w.must(err)
	weak := hash()
	newer := w.stronger()
	for _, stored := range []string{weak, string(old)} {
		_, err := w.st.Auth().UpdateAccount(
			w.ctx, u.ID, func(a *auth.Account) error { a.PasswordHash = stored; return nil },
		)
		w.must(err)
		_, err = newer.PasswordGrant(w.ctx, auth.SignInRequest{Login: "ada", Password: pass + "x", Client: home})
		w.want(err, auth.ErrBadCredentials)
		if hash() != stored {
			t.Fatal("a wrong password replaced the hash")
		}
		_, err = newer.PasswordGrant(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
		w.must(err)
		replaced := hash()
		if replaced == stored {
			t.Fatalf("%.10s was not replaced", stored)
		}
		_, err = newer.PasswordGrant(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
		w.must(err)
		if hash() != replaced {
			t.Fatal("a hash with today's parameters was replaced")
		}
	}
}

func (w *world) guess(s *auth.Service, login, pw string, c auth.Client) error {
	_, err := s.SignIn(w.ctx, auth.SignInRequest{Login: login, Password: pw, Client: c})
	return err
}

// hundredFailures: after a hundred failures in a row, from wherever, not even the right
// password is looked at until the account has cooled down; a success forgets the failures. The
// same holds for a name that nobody has.
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
					t.Fatalf("retry after %v", limit.RetryAfter)
				}
				if limit.RetryAfter > 10*time.Minute {
					break // the slow bucket is empty
				}
				w.clock.Advance(limit.RetryAfter)
				continue
			}
			w.want(err, auth.ErrBadCredentials)
			failures++
		}
		if failures < 90 {
			t.Fatalf("only %d failures", failures)
		}
		w.want(w.guess(w.Service, login, pass, home), auth.ErrTooManyAttempts)
	}
	w.clock.Advance(24 * time.Hour)
	w.must(w.guess(w.Service, "ada", pass, home))
	for range 19 {
		w.want(w.guess(w.Service, "ada", "wrong password", home), auth.ErrBadCredentials)
	}
}

// replicasShareBudget: three replicas together allow what one does.
func replicasShareBudget(t *testing.T, open Open) {
	w := setup(t, open, func(c *auth.Config) { c.Limits.Pair = limit.Limit{Burst: 7, Interval: time.Hour} })
	w.signUp("ada")
	replicas := []*auth.Service{w.replica(), w.replica(), w.replica()}
	errs := race(48, func(i int) error { return w.guess(replicas[i%3], "ada", "wrong password", home) })
	if count(errs, auth.ErrBadCredentials) != 7 || count(errs, auth.ErrTooManyAttempts) != 41 {
		t.Fatalf("tries allowed: %d", count(errs, auth.ErrBadCredentials))
	}
	list, err := w.History.Logins(w.ctx, w.op, "", auth.LoginFilter{PageQuery: auth.PageQuery{Limit: 200}})
	w.must(err)
	if len(list.Items) != 8 { // one for each try, and one for all that were refused
		t.Fatalf("%d logins recorded", len(list.Items))
	}
}

// strangerCannotLockOut: a stranger who uses up an account's tries stops others, not
// the device that signed in to it before; whose mark is worth nothing for another account.
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
		t.Fatal("never blocked")
	}
	block("bob")
	w.want(w.guess(w.Service, "bob", pass, owner), auth.ErrTooManyAttempts) // ada's device is no friend of bob's
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
	w.want(w.guess(w.Service, "ada", pass, owner), auth.ErrTooManyAttempts) // its own budget is one, too
	w.clock.Advance(time.Minute)
	block("ada")
	w.must(w.guess(w.Service, "ada", pass, owner))
}
