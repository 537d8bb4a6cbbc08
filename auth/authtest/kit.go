package authtest

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// Password is the password of every user that a Kit makes.
const Password = "tiny horse 42 staple"

// Kit is accounts for tests.
type Kit struct {
	*auth.Service
	Store *memstore.Store
	Clock *Clock
	Mail  *mail.Memory // where mail goes; Mailed sends what waits

	t testing.TB
}

// New makes a Kit on an empty store. edit may change the configuration, for roles, scopes and
// hooks of the host; the test fails if the result is not valid.
func New(t testing.TB, edit ...func(*auth.Config)) *Kit {
	t.Helper()
	k := &Kit{Store: memstore.New(), Mail: mail.NewMemory(), Clock: NewClock(
		time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC),
	), t: t}
	cfg := auth.Config{
		Secret: []byte("for tests, and known to everybody"), BaseURL: "http://localhost", Now: k.Clock.Now,
		Settings: policy.Settings{SignUp: policy.SignUpOpen}, Mailer: k.Mail,
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
	}
	for _, e := range edit {
		e(&cfg)
	}
	var err error
	if k.Service, err = auth.New(k.Store.Auth(), cfg); err != nil {
		t.Fatal(err)
	}
	return k
}

// User makes a user with the password Password, and with roles on top of the default ones.
func (k *Kit) User(username string, roles ...string) auth.User {
	k.t.Helper()
	op := k.Operator("test")
	u, err := k.CreateUser(k.t.Context(), op, auth.UserInput{Username: username, Password: Password}, auth.Client{})
	for _, r := range roles {
		if err == nil {
			err = k.AddRole(k.t.Context(), op, u.ID, auth.RoleID(r))
		}
	}
	if err == nil {
		u, err = k.Service.User(k.t.Context(), op, u.ID)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	return u
}

// Token signs a user in and returns an access token.
func (k *Kit) Token(username string) string {
	k.t.Helper()
	t, err := k.PasswordGrant(k.t.Context(), auth.SignInRequest{Login: username, Password: Password})
	if err != nil {
		k.t.Fatal(err)
	}
	return t.Access
}

// Principal signs a user in and returns who they act as, with the rights that they hold now.
func (k *Kit) Principal(username string) *auth.Principal {
	k.t.Helper()
	p, err := k.Authenticate(k.t.Context(), k.Token(username))
	if err != nil {
		k.t.Fatal(err)
	}
	return p
}

// Client returns a client that calls h without a network, signed in as the user; with an empty
// name, as nobody. URLs need a scheme and a host, which nothing looks at.
func (k *Kit) Client(h http.Handler, username string) *http.Client {
	k.t.Helper()
	c := caller{handler: h}
	if username != "" {
		c.token = k.Token(username)
	}
	return &http.Client{Transport: c}
}

// caller is a transport that ends at a handler.
type caller struct {
	handler http.Handler
	token   string
}

// RoundTrip implements http.RoundTripper.
func (c caller) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if c.token != "" && in.Header.Get("Authorization") == "" {
		in.Header.Set("Authorization", "Bearer "+c.token)
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, in)
	_ = in.Body.Close() // as a transport has to
	answer := w.Result()
	answer.Request = r
	return answer, nil
}
