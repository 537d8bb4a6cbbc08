package authtest_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// hello is a handler of a host.
func hello(w http.ResponseWriter, r *http.Request) {
	p, ok := httpadapter.PrincipalFrom(r.Context())
	if !ok {
		http.Error(w, "who?", http.StatusTeapot)
		return
	}
	_, _ = io.WriteString(w, "hello "+p.User.Username)
}

func TestClientActsAsItsUser(t *testing.T) {
	t.Parallel()
	kit := authtest.New(
		t, func(c *auth.Config) { c.Roles = []auth.Role{{Name: "editor", Scopes: []string{"list:users"}}} },
	)
	kit.User("ada", "editor")
	hp, err := httpadapter.New(kit.Service, httpadapter.Rooms{}, httpadapter.Config{Prefix: "/auth"})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/auth/", hp)
	mux.Handle("/hello", hp.RequireUser(http.HandlerFunc(hello)))
	ada, nobody := kit.Client(mux, "ada"), kit.Client(mux, "")
	for _, c := range []struct {
		client *http.Client
		path   string
		status int
		body   string
	}{
		{ada, "/hello", 200, "hello ada"}, {
			nobody, "/hello", 401, "unauthenticated",
		}, {ada, "/auth/users", 200, `"ada"`}, {ada, "/auth/settings", 403, "insufficient_scope"},
	} {
		answer, err := c.client.Get("http://app.test" + c.path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != c.status || !strings.Contains(string(body), c.body) {
			t.Errorf("%s: %d %s %v", c.path, answer.StatusCode, body, err)
		}
	}
	answer, err := nobody.Post("http://app.test/auth/users", "application/json", strings.NewReader(`{"username":"eve","password":"`+authtest.Password+`"}`))
	if err != nil || answer.StatusCode != 201 {
		t.Errorf("sign-up: %v %v", answer, err)
	}
}

func TestClockExpiresTokens(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t)
	kit.User("ada")
	token := kit.Token("ada")
	kit.Clock.Advance(14 * time.Minute)
	if _, err := kit.Authenticate(t.Context(), token); err != nil {
		t.Error(err)
	}
	kit.Clock.Advance(2 * time.Minute)
	if _, err := kit.Authenticate(t.Context(), token); !errors.Is(err, auth.ErrTokenExpired) {
		t.Error(err)
	}
}

// A handler that stands alone gets its principal from the context.
func TestPrincipalInContext(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t)
	kit.User("ada")
	p := kit.Principal("ada")
	alone := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hello(w, r.WithContext(httpadapter.WithPrincipal(r.Context(), p)))
	})
	answer, err := kit.Client(alone, "").Get("http://app.test/")
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "hello ada" {
		t.Errorf("%s %v", body, err)
	}
}

// Mail is trapped, with what a person would use of it.
func TestMailedFindsCodeAndToken(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t)
	if _, err := kit.CreateUser(
		t.Context(), kit.Operator("test"), auth.UserInput{Username: "ada", Email: "ada@example.org"}, auth.Client{},
	); err != nil {
		t.Fatal(err)
	}
	flow, err := kit.BeginEmailCode(
		t.Context(), "ada@example.org", emailcode.SignIn, auth.Client{},
	)
	if err != nil {
		t.Fatal(err)
	}
	l := kit.Mailed("ada@example.org")
	if l.To != "ada@example.org" || l.Code == "" || l.Token == "" {
		t.Fatalf("%+v", l)
	}
	typed := emailcode.Evidence{Flow: flow.ID, Secret: flow.Secret.Reveal(), Code: l.Code}
	in, err := kit.SignInByCode(t.Context(), typed, auth.SignInRequest{})
	if err != nil || in.User.Username != "ada" {
		t.Error(err)
	}
}
