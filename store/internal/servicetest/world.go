package servicetest

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/store"
)

// Open returns an empty, migrated store and cleans up after the test.
type Open func(t *testing.T) store.Store

// pass is a password that the rules accept.
const pass = "tiny horse 42 staple"

// world is a store with a service on it.
type world struct {
	*auth.Service
	t     *testing.T
	ctx   context.Context
	clock *authtest.Clock
	st    store.Store
	cfg   auth.Config
	op    *auth.Principal

	devices *device.Service
}

// setup opens a store and makes a service with open sign-up; edit may change its configuration.
func setup(t *testing.T, open Open, edit ...func(*auth.Config)) *world {
	t.Helper()
	w := &world{
		t: t, ctx: t.Context(), clock: authtest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), st: open(t),
	}
	w.cfg = auth.Config{
		Secret: []byte("a secret for tests only, 32 bytes"), BaseURL: "https://app.example",
		Settings: policy.Settings{SignUp: policy.SignUpOpen},
		Hashing:  cheap(),
		Roles: []auth.Role{
			{Name: "helper", Scopes: []string{"users", "sessions", "read:logins"}},
			{Name: "eraser", Scopes: []string{"delete:users"}},
		},
		Scopes: scopes.Model{
			Kinds:  []scopes.Kind{{Name: "note"}},
			Scopes: []scopes.Definition{{Name: "read:notes", Label: "Read notes", Filters: []string{"note", "user"}}},
		},
		Now: w.clock.Now,
	}
	for _, e := range edit {
		e(&w.cfg)
	}
	w.Service = w.replica()
	w.op = w.Operator("test")
	var err error
	w.devices, err = device.New(w.Service, w.st.Devices())
	w.must(err)
	return w
}

// cheap hashes fast; Queue lets every racer wait.
func cheap() password.Config {
	return password.Config{
		Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true, Queue: 4096,
	}
}

// replica is another service on the same store.
func (w *world) replica() *auth.Service {
	w.t.Helper()
	s, err := auth.New(w.st.Auth(), w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// signUp makes a user with the password pass.
func (w *world) signUp(name string, roles ...string) auth.User {
	w.t.Helper()
	in := auth.UserInput{Username: name, Password: pass}
	if len(roles) > 0 {
		in.Roles = append(roles, "user")
	}
	u, err := w.CreateUser(w.ctx, w.op, in, auth.Client{})
	w.must(err)
	return u
}

// client is a person at an address.
func client(ip string) auth.Client {
	return auth.Client{IP: netip.MustParseAddr(ip), UserAgent: "test"}
}

var home = client("192.0.2.1")

// tokens signs a user in for tokens.
func (w *world) tokens(name string, scope ...string) auth.TokenAnswer {
	w.t.Helper()
	t, err := w.PasswordGrant(w.ctx, auth.SignInRequest{Login: name, Password: pass, Client: home, Scopes: scope})
	w.must(err)
	return t
}

// principal signs a user in and returns who they act as.
func (w *world) principal(name string, scope ...string) *auth.Principal {
	w.t.Helper()
	p, err := w.Authenticate(w.ctx, w.tokens(name, scope...).Access)
	w.must(err)
	return p
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) want(err, target error) {
	w.t.Helper()
	if !errors.Is(err, target) {
		w.t.Fatalf("got error %v, want %v", err, target)
	}
}

// race starts n calls at one signal and returns their errors.
func race(n int, call func(i int) error) []error {
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

// count counts errors that match target; nil counts successes.
func count(errs []error, target error) (n int) {
	for _, err := range errs {
		if target == nil && err == nil || target != nil && errors.Is(err, target) {
			n++
		}
	}
	return n
}
