package main

import (
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
)

// A wrong password and an unknown address get the same answer, with a status of its own and a
// body that programs can read.
func TestLogin(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-029", "pysyft-036")
	s := serve(t)
	id, _ := s.person("ada", guest)
	wrong, unknown := s.login("ada", "wrong horse 42").Want(401,
		"bad_credentials"), s.login("nobody", "wrong horse 42").Want(401, "bad_credentials")
	if wrong.Text != unknown.Text || wrong.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("%s, %s", wrong.Text, unknown.Text)
	}
	if got := s.login("ADA", pass).Want(200, ""); got.Member("user", "id") != id ||
		got.Member("token_type") != "Bearer" || strings.Contains(got.Text, "key") {
		t.Errorf("%s", got.Text)
	}
	for text, status := range map[string]int{`{}`: 422, `{"email":"ada@example.com"}`: 422,
		`{"email":1,"password":"x"}`: 422, `[]`: 400, `{`: 400, `{"email":"a","email":"b","password":"x"}`: 400} {
		s.Call("POST", "/login", "", text).Want(status, "")
	}
	disabled := auth.StatusDisabled
	if _, err := s.accounts.UpdateUser(
		t.Context(), s.operator, auth.UserID(id), auth.UserPatch{Status: &disabled},
	); err != nil {
		t.Fatal(err)
	}
	s.login("ada", pass).Want(403, "account_disabled")
	s.login("ada", "wrong horse 42").Want(401, "bad_credentials")
	r := s.Request("POST", "/login", "email=x")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s.Do(r).Want(415, "unsupported_media_type")
	s.Call("POST", "/login", "", body("email", "a", "password", strings.Repeat("x", 70_000))).Want(413, "too_large")
}

// Registering and signing in are two calls. A sign-in registers nobody, and after a refused
// registration nobody can sign in.
func TestLoginRegistersNobody(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-038")
	s := serve(t)
	s.open(true)
	s.Call(
		"POST", "/login", "", body("email", "a@example.com", "password", pass, "register", true, "name", "a"),
	).Want(422, "invalid_input")
	s.login("a", pass).Want(401, "bad_credentials")
	s.register("a", "").Want(201, "")
	s.login("a", pass).Want(200, "")
}

// A new password is the only valid one, whoever set it, and the account is the same.
func TestNewPassword(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-031", "pysyft-032")
	s := serve(t)
	id, token := s.person("ada", guest)
	other := s.token("ada")
	const next, last = "other horse 42 staple", "third horse 42 staple"
	s.Call("PATCH", "/users/me", token, body("password", next)).Want(422, "invalid_input") // without the current one
	s.Call(
		"PATCH", "/users/me", token, body("password", next, "current_password", "wrong horse 42"),
	).Want(401, "bad_credentials")
	s.Call(
		"PATCH", "/users/me", token, body("password", next, "current_password", pass, "name", "x"),
	).Want(422, "invalid_input")
	s.Call(
		"PATCH", "/users/me", token, body("password", next, "password_verify", next, "current_password", pass),
	).Want(200, "")
	s.login("ada", pass).Want(401, "bad_credentials")
	if got := s.login("ada", next).Want(200, ""); got.Member("user", "id") != id {
		t.Errorf("%s", got.Text)
	}
	s.Call("GET", "/users/me", token, "").Want(200, "")
	s.Call("GET", "/users/me", other, "").Want(401, "token_invalid") // other sessions end
	s.Call("PATCH", "/users/"+id, s.token("root"), body("password", last)).Want(200, "")
	s.login("ada", next).Want(401, "bad_credentials")
	s.login("ada", last).Want(200, "")
	s.Call("GET", "/users/me", token, "").Want(401, "token_invalid")
}

// Guessing is stopped for existing and unknown names. Tries come back with time.
func TestGuessingIsSlowed(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-041")
	s := serve(t)
	s.person("ada", guest)
	for _, name := range []string{"ada", "nobody"} {
		n := 0
		for ; n < 60 && s.login(name, "wrong horse 42").Status != 429; n++ {
		}
		if got := s.login(name, pass).Want(429, "too_many_attempts"); n != 20 || got.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d tries", name, n)
		}
	}
	s.clock.pass(2 * time.Minute)
	s.login("ada", pass).Want(200, "")
}

// If guests are not allowed, a request needs an account. Signing in and registering stay
// possible.
func TestGuestSessions(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-040")
	s := serve(t)
	if got := s.Call("GET", "/auth/whoami", "", "").Want(200, ""); got.Member("kind") != "guest" {
		t.Errorf("%s", got.Text)
	}
	s.Call(
		"PATCH", "/settings", s.token("root"), body("allow_guest_sessions", false, "signup_enabled", true),
	).Want(200, "")
	s.Call("GET", "/auth/whoami", "", "").Want(401, "unauthenticated")
	s.Call("GET", "/users", "", "").Want(401, "unauthenticated")
	s.register("a", "").Want(201, "")
	s.login("a", pass).Want(200, "")
	s.Call("PATCH", "/settings", s.token("root"), body("allow_guest_sessions", true)).Want(200, "")
	s.Call("GET", "/auth/whoami", "", "").Want(200, "")
	s.Call("GET", "/users", "", "").Want(401, "unauthenticated")
}

// A token is valid for a quarter of an hour, and can be refreshed and revoked.
func TestTokenEnds(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.person("ada", guest)
	got := s.login("ada", pass)
	token := got.Member("access_token")
	s.clock.pass(16 * time.Minute)
	s.Call("GET", "/users/me", token, "").Want(401, "token_expired")
	fresh := s.Call(
		"POST", "/auth/token", "", body("grant_type", "refresh_token", "refresh_token", got.Member("refresh_token")),
	).Want(200, "").Member("access_token")
	s.Call("GET", "/users/me", fresh, "").Want(200, "")
	s.Call("DELETE", "/auth/sessions/current", fresh, "").Want(204, "")
	s.Call("GET", "/users/me", fresh, "").Want(401, "token_invalid")
}
