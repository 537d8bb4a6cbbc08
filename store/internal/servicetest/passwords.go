package servicetest

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
)

// stronger returns a service with stronger hashing than that of the hashes in the store.
func (w *world) stronger() *auth.Service {
	w.cfg.Hashing.Params.Iterations = 2
	return w.replica()
}

// newPasswordWins checks that a sign-in that replaces an old hash never undoes a change of the
// password at the same time.
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
			t.Fatalf("sign-ins during the change: %v", errs)
		}
		_, err := newer.PasswordGrant(w.ctx, auth.SignInRequest{Login: name, Password: fresh, Client: home})
		w.must(err)
		_, err = newer.PasswordGrant(w.ctx, auth.SignInRequest{Login: name, Password: pass, Client: home})
		w.want(err, auth.ErrBadCredentials)
		list, err := w.Sessions.List(w.ctx, w.op, u.ID, auth.PageQuery{})
		w.must(err)
		if len(list.Items) != 1 {
			t.Fatalf("%d old sessions are left after the change", len(list.Items)-1)
		}
	}
}

// rehashOnSignIn checks that the right password replaces a hash that is weaker than today's,
// and only once. A wrong password replaces nothing.
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
			t.Fatalf("the hash %.10s was not replaced", stored)
		}
		_, err = newer.PasswordGrant(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
		w.must(err)
		if hash() != replaced {
			t.Fatal("a hash with today's parameters was replaced")
		}
	}
}

// FloodMemory checks that 200 sign-ins at once all succeed with the hashing of production, and
// need at most 50 MB beyond the memory of the hashing slots.
func FloodMemory(t *testing.T, open Open) {
	const users, extra = 200, 50 << 20
	w := setup(t, open, func(c *auth.Config) { c.Limits = unlimited() })
	for i := range users {
		w.signUp(fmt.Sprintf("user%d", i))
	}
	w.cfg.Hashing = password.Config{Params: password.DefaultParams(), Queue: users}
	s := w.replica()
	slots := uint64(runtime.GOMAXPROCS(0)) * uint64(password.DefaultParams().MemoryKiB) << 10
	// The first flood hashes twice for each user, since their hashes are weak at first. On a
	// busy machine the garbage collector may run late. Memory that is not bounded exceeds the
	// limit each time.
	var used uint64
	for range 3 {
		peak, stop := watchMemory()
		start := peak.Load()
		errs := race(users, func(i int) error {
			_, err := s.PasswordGrant(
				w.ctx, auth.SignInRequest{Login: fmt.Sprintf("user%d", i), Password: pass, Client: home},
			)
			return err
		})
		stop()
		if n := count(errs, nil); n != users {
			t.Fatalf("%d of %d sign-ins succeeded: %v", n, users, errs)
		}
		used = peak.Load() - start
		t.Logf("200 parallel sign-ins: %d MB on top of %d MB, allowed %d MB", used>>20, start>>20, (slots+extra)>>20)
		if used <= slots+extra {
			return
		}
	}
	t.Errorf("%d MB used, %d MB allowed", used>>20, (slots+extra)>>20)
}

// watchMemory follows how much memory the program uses until stop is called.
func watchMemory() (peak *atomic.Uint64, stop func()) {
	runtime.GC()
	peak = &atomic.Uint64{}
	read := func() {
		held := []metrics.Sample{
			{Name: "/memory/classes/heap/objects:bytes"},
			{Name: "/memory/classes/heap/unused:bytes"},
			{Name: "/memory/classes/heap/stacks:bytes"},
		}
		metrics.Read(held)
		var sum uint64
		for _, h := range held {
			sum += h.Value.Uint64()
		}
		peak.Store(max(peak.Load(), sum))
	}
	read()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				read()
			}
		}
	}()
	return peak, func() { close(done); <-ended }
}
