package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

const (
	pass   = "tiny horse 42 staple"
	myself = "http://127.0.0.1:8081"
)

// databases maps each kind of database to a function that makes an empty one.
var databases = map[string]func(*testing.T) string{
	"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "hub.db") },
	"postgres": func(t *testing.T) string { return pgtest.DSN(t) },
}

// cheap makes hashing fast, and lets a test try more often than a person may.
func cheap(c *auth.Config) {
	c.Hashing = password.Config{
		Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
	}
	many := limit.Limit{Burst: 1000, Interval: time.Second}
	c.Limits = limit.Limits{ShareCode: many, Network: many, Pair: many, Account: many, AccountLong: many, Device: many}
}

// world is a hub with the people, groups and programs of the recording.
type world struct {
	*service
	t       *testing.T
	log     *hosttest.Buffer
	ahead   time.Duration // of the clock
	cookies map[string]string
	users   map[string]auth.User
}

func newWorld(t *testing.T, address string) *world {
	t.Helper()
	w := &world{t: t, log: &hosttest.Buffer{}, cookies: map[string]string{}, users: map[string]auth.User{}}
	e := &env{ctx: t.Context(), dir: t.TempDir(), edit: cheap}
	custom := []scopes.Definition{
		{
			Name: "custom:app:read", Filters: []string{"user", "group"},
		}, {Name: "custom:app:write", Implies: []string{"custom:app:read"}, Filters: []string{"user", "group"}},
	}
	var err error
	w.service, err = e.open(address, "hub.key", hubConfig{
		base: myself, custom: custom, log: slog.New(
			slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}),
		),
		now: func() time.Time { return time.Now().Add(w.ahead) },
		roles: []auth.Role{
			{Name: "namer", Scopes: []string{"read:users:name", "read:groups:name"}},
			{Name: "robot", Scopes: programs["robot"]}, {Name: "reader", Scopes: programs["reader"]},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.db.Close() })
	for name, roles := range map[string][]string{
		"sharer": {"user", roleSharer}, "other": {"user", roleSharer, "namer"}, "shared-with": {"user"},
		"third": {"user"}, "noshare": {"user"},
	} {
		u, err := w.accounts.CreateUser(
			t.Context(), w.operator, auth.UserInput{Username: name, Password: pass, Roles: roles}, auth.Client{},
		)
		w.must(err)
		w.users[name] = u
	}
	for name, members := range map[string][]string{"team": {"other", "third"}, "class-a": {"sharer"}, "empty": nil} {
		_, err := w.accounts.Groups.Create(t.Context(), w.operator, auth.GroupInput{Name: name})
		w.must(err)
		for _, m := range members {
			w.must(w.accounts.Groups.AddMember(t.Context(), w.operator, name, w.users[m].ID))
		}
	}
	for name, list := range programs {
		_, err := w.accounts.Services.Create(t.Context(), w.operator, auth.ServiceInput{Name: name})
		w.must(err)
		if len(list) > 0 {
			w.must(w.accounts.Services.AddRole(t.Context(), w.operator, name, auth.RoleID(name)))
		}
	}
	for _, name := range []string{"sharer", "other"} {
		w.must(w.servers.start(t.Context(), w.server(name, "").id, w.now()))
	}
	return w
}

// programs are the services of the recording and what they may do.
var programs = map[string][]string{
	"robot":  {"list:users", "admin:users", "admin:servers", "tokens", "shares", "admin:groups", "groups:shares"},
	"reader": {"read:shares"}, "nobody": nil,
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) newNames() *names { return &names{w.service, map[string]string{}, map[string]server{}} }

func (w *world) server(owner, name string) server {
	w.t.Helper()
	v, ok, err := w.newNames().server(w.t.Context(), owner, name)
	if err != nil || !ok {
		w.t.Fatal(owner, name, err)
	}
	return v
}

// program makes a token of a service.
func (w *world) program(name string) string {
	w.t.Helper()
	v, err := w.accounts.Services.ServiceAccount(w.t.Context(), w.operator, name)
	w.must(err)
	_, secret, err := w.accounts.APITokens.Create(
		w.t.Context(), w.operator, auth.Holder{Service: v.ID}, auth.APITokenInput{Name: name, Scopes: programs[name]},
	)
	w.must(err)
	return secret.Reveal()
}

// session signs in a user and returns a token that may do whatever the user may, like a token
// that inherits.
func (w *world) session(name string) string {
	w.t.Helper()
	t, err := w.accounts.PasswordGrant(w.t.Context(), auth.SignInRequest{Login: name, Password: pass})
	w.must(err)
	return t.Access
}

// cookie signs in a user with the form, once.
func (w *world) cookie(name string) string {
	w.t.Helper()
	if w.cookies[name] == "" {
		got := w.do(request{method: "POST", path: "/hub/login?next=%2Fhub%2Fhome", form: url.Values{
			"username": {name}, "password": {pass},
		}})
		if got.status != http.StatusFound || got.header.Get("Location") != "/hub/home" {
			w.t.Fatalf("sign in as %s: %d %s", name, got.status, got.text)
		}
		w.cookies[name] = (&http.Response{Header: got.header}).Cookies()[0].Value
	}
	return w.cookies[name]
}

// request is a request to send.
type request struct {
	method, path, auth, cookie, body string
	form                             url.Values
	header                           map[string]string
}

// answer is the answer to it.
type answer struct {
	status int
	header http.Header
	text   string
}

func (a answer) json(t *testing.T) (out map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.text), &out); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.text, err)
	}
	return out
}

func (w *world) do(q request) answer {
	w.t.Helper()
	body := q.body
	if q.form != nil {
		body = q.form.Encode()
	}
	r, err := http.NewRequestWithContext(
		context.Background(), q.method, myself+strings.ReplaceAll(q.path, " ", "%20"), strings.NewReader(body),
	)
	w.must(err)
	r.RemoteAddr = "192.0.2.1:1"
	if q.form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if q.auth != "" {
		r.Header.Set("Authorization", q.auth)
	}
	if q.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "hub", Value: q.cookie})
	}
	for name, v := range q.header {
		r.Header.Set(name, v)
	}
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	var text bytes.Buffer
	_, err = text.ReadFrom(rec.Result().Body)
	w.must(err)
	return answer{rec.Code, rec.Header(), text.String()}
}
