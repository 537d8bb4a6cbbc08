package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

const pass = "tiny horse 42 staple"

// clock is a clock that a test moves.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// serving is a site in this process.
type serving struct {
	*service
	hosttest.Client
	clock *clock
	log   *hosttest.Buffer
	mail  *mail.Memory // nil for a site without mail
	file  string       // of the database, if it is SQLite
}

// serve serves a site on SQLite with a root, and keeps its mail.
func serve(t *testing.T, edit ...func(*options)) *serving {
	t.Helper()
	return serveOn(t, hosttest.Databases["sqlite"](t), edit...)
}

// without is an option: a site without mail.
func without(o *options) { o.mailer = nil }

func serveOn(t *testing.T, address string, edit ...func(*options)) *serving {
	t.Helper()
	out := &serving{clock: &clock{}, log: &hosttest.Buffer{}, mail: mail.NewMemory(), file: address}
	o := options{mailer: out.mail, report: func(err error) { _, _ = out.log.Write([]byte(err.Error() + "\n")) }}
	for _, e := range edit {
		e(&o)
	}
	e := &env{ctx: context.Background(), edit: func(c *auth.Config) {
		hosttest.CheapHashing(c)
		c.Now = out.clock.now
		c.BaseURL = "http://127.0.0.1"
	}}
	s, err := siteFlags{DB: address, KeyFile: filepath.Join(t.TempDir(), "key")}.open(e, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.db.Close() })
	if out.service, err = newService(
		s, slog.New(slog.NewTextHandler(out.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	); err != nil {
		t.Fatal(err)
	}
	if _, err := host.FirstAdmin(
		t.Context(), s.accounts, s.operator, rootOf("root@example.com", "Root", pass),
	); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(out.service)
	t.Cleanup(srv.Close)
	out.Client = hosttest.Client{T: t, URL: srv.URL}
	return out
}

// person makes a user with a role in the name of the site, and returns the id and a token.
func (s *serving) person(name string, r rung) (id, token string) {
	s.T.Helper()
	u, err := s.accounts.CreateUser(s.T.Context(), s.operator, auth.UserInput{
		Email: name + "@example.com", Name: name, Password: pass, Roles: roleNames(r, false),
	}, auth.Client{})
	if err != nil {
		s.T.Fatal(err)
	}
	return string(u.ID), s.token(name)
}

// login tries to sign in.
func (s *serving) login(name, password string) hosttest.Reply {
	s.T.Helper()
	return s.Call("POST", "/login", "", body("email", name+"@example.com", "password", password))
}

func (s *serving) token(name string) string {
	s.T.Helper()
	return s.login(name, pass).Want(200, "").Member("access_token")
}

// role returns the present role of a user.
func (s *serving) role(id string) string {
	s.T.Helper()
	u, err := s.accounts.User(s.T.Context(), s.operator, auth.UserID(id))
	if err != nil {
		s.T.Fatal(err)
	}
	return rungOf(u.Roles).wire
}

// rootID returns the id of the root.
func (s *serving) rootID() string {
	s.T.Helper()
	return s.Call("GET", "/users/me", s.token("root"), "").Want(200, "").Member("id")
}

// open turns the switch.
func (s *serving) open(on bool) {
	s.T.Helper()
	s.Call("PATCH", "/settings", s.token("root"), body("signup_enabled", on)).Want(200, "")
}

// register registers somebody, with a token unless it is empty.
func (s *serving) register(name, token string, more ...any) hosttest.Reply {
	s.T.Helper()
	return s.Call("POST", "/register", token, body(append(
		[]any{"email", name + "@example.com", "name", name, "password", pass, "password_verify", pass}, more...,
	)...))
}

// count returns the number of accounts.
func (s *serving) count() int {
	s.T.Helper()
	list, err := s.accounts.Users(s.T.Context(), s.operator, auth.UserFilter{PageQuery: auth.PageQuery{Limit: 200}})
	if err != nil {
		s.T.Fatal(err)
	}
	return len(list.Items)
}

// mails returns the mails to an address.
func (s *serving) mails(name string) []mail.Message {
	s.T.Helper()
	for len(s.welcomes.queue) > 0 {
		s.welcomes.send(s.T.Context(), <-s.welcomes.queue)
	}
	if _, err := s.accounts.Outbox.Deliver(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
	return s.mail.To(name + "@example.com")
}

// linkToken returns the token in the last mail to an address.
func (s *serving) linkToken(name string) string {
	s.T.Helper()
	list := s.mails(name)
	if len(list) == 0 {
		s.T.Fatalf("no mail to %s", name)
	}
	_, rest, ok := strings.Cut(list[len(list)-1].Text, "#token=")
	token, _, _ := strings.Cut(rest, "&")
	if !ok {
		s.T.Fatalf("no token in %s", list[len(list)-1].Text)
	}
	return token
}

// body makes a JSON object of names and values.
func body(pairs ...any) string {
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	doc, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	return string(doc)
}
