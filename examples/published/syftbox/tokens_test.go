package main

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
)

// An access token says whose it is, for whom, and until when, which is soon.
func TestAccessTokens(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-015", "syftbox-062")
	p := newPlace(t)
	s := p.serve()
	got := s.tokens("ada@example.org", 1)
	access := got.get("access_token")
	parts := strings.Split(access, ".")
	read := func(part string) (m map[string]any) {
		doc, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || json.Unmarshal(doc, &m) != nil {
			t.Fatalf("%s: %v", doc, err)
		}
		return m
	}
	header, claims := read(parts[0]), read(parts[1])
	who := s.send("GET", "/identity", access, "")
	if header["alg"] != "EdDSA" || header["typ"] != "at+jwt" || claims["sub"] != who.get("id") ||
		claims["iss"] != s.url || claims["aud"] != s.url {
		t.Errorf("%v %v", header, claims)
	}
	for _, name := range []string{"jti", "sid", "iat", "exp"} {
		if claims[name] == nil {
			t.Errorf("no %s in %v", name, claims)
		}
	}
	if strings.Contains(
		parts[1], base64.RawURLEncoding.EncodeToString([]byte("ada@example")),
	) || claims["email"] != nil {
		t.Errorf("the address is in the token: %v", claims)
	}
	if life := claims["exp"].(float64) - claims["iat"].(float64); life != 900 {
		t.Errorf("it lives for %v seconds", life)
	}
	p.clock.advance(16 * time.Minute) // clocks may differ by less
	s.want(s.send("GET", "/identity", access, ""), 401, "token_expired")
	s.want(s.refreshed(got.get("refresh_token")), 200, "access_token")
}

// A token of another issuer is refused, though the same key signed it.
func TestIssuerIsChecked(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-066")
	p := newPlace(t)
	here := p.serve()
	mine := here.tokens("ada@example.org", 1).get("access_token")
	p.edit = func(c *auth.Config) { c.BaseURL = "http://localhost:1" }
	there := p.serve()
	theirs := there.tokens("ada@example.org", 2).get("access_token")
	here.want(here.send("GET", "/identity", mine, ""), 200, "")
	there.want(there.send("GET", "/identity", theirs, ""), 200, "")
	here.want(here.send("GET", "/identity", theirs, ""), 401, "token_invalid")
	there.want(there.send("GET", "/identity", mine, ""), 401, "token_invalid")
}

// Without a credential there is nothing, for guests neither, and an address is none.
func TestNobodyIsNobody(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-073", "syftbox-077")
	s := newPlace(t).serve()
	for _, path := range []string{
		"/identity", "/identity?x-syft-from=guest@syftbox.net", "/identity?user=guest@syft.org",
		"/auth/whoami?x-syft-from=GUEST@syftbox.net",
	} {
		r := s.want(s.send("GET", path, "", "", "X-Syft-From", "guest@syftbox.net"), 401, "unauthenticated")
		if !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%v", r.header)
		}
	}
	// Who has that address is a user as others are.
	guest := s.tokens("guest@syftbox.net", 1).get("access_token")
	s.want(s.send("GET", "/auth/whoami", guest, ""), 200, `"kind":"user"`)
	s.want(s.send("GET", "/auth/users", guest, ""), 403, "insufficient_scope")
}

// A refresh without a token says which field is missing.
func TestRefreshWithoutToken(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-070")
	s := newPlace(t).serve()
	s.want(s.refreshed(""), 400, "refresh_token: required")
	s.want(s.send("POST", "/auth/token", "", `{"grant_type":"refresh_token"}`), 400, "invalid_request")
}

// The owner of a leaked token ends the session that it is of; everybody else stays signed in.
func TestLeakedTokenIsRevoked(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-017")
	each(t, func(t *testing.T, p *place) {
		s := p.serve()
		leaked, mine, bobs := s.tokens("ada@example.org", 1), s.tokens("ada@example.org",
			2), s.tokens("bob@example.org", 1)
		s.want(s.send("DELETE", "/auth/users/me/sessions", mine.get("access_token"), ""), 204, "")
		s.want(s.send("GET", "/identity", leaked.get("access_token"), ""), 401, "")
		s.want(s.refreshed(leaked.get("refresh_token")), 400, "invalid_grant")
		s.want(s.send("GET", "/identity", mine.get("access_token"), ""), 200, "")
		s.want(s.send("GET", "/identity", bobs.get("access_token"), ""), 200, "")
	})
}

// Who asks for too many mails can still refresh, and is told how long to wait; addresses that
// clients make up change nothing.
func TestLimits(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-078", "syftbox-079")
	p := newPlace(t)
	p.edit = func(c *auth.Config) { c.Limits.MailNetwork = limit.Limit{Burst: 3, Interval: time.Hour} }
	s := p.serve()
	got := s.tokens("ada@example.org", 1)
	s.begin("bob@example.org")
	s.begin("eve@example.org")
	for _, header := range [][]string{
		nil, {"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-For", "203.0.113.10"}, {"X-Real-Ip", "203.0.113.11"},
	} {
		r := s.want(s.send(
			"POST", "/auth/email-codes", "", `{"email":"new@example.org","purpose":"sign_in"}`, header...,
		), 429, "too_many_attempts")
		if r.header.Get("Retry-After") == "" {
			t.Errorf("%v", r.header)
		}
	}
	for range 20 {
		got = s.want(s.refreshed(got.get("refresh_token")), 200, "access_token")
	}
	status, out, errOut := s.client(nil, "--email", "ada@example.org")
	if status == 0 || !strings.Contains(errOut, "too_many_attempts") || !strings.Contains(errOut, "try again in") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	s.want(s.send(
		"GET", "/auth/users/me/logins", got.get("access_token"), "", "X-Forwarded-For", "203.0.113.9",
	), 200, `"ip":"127.0.0.1"`)
	s.end()

	s = p.serve("--trusted-proxies", "127.0.0.0/8")
	s.want(s.send("POST", "/auth/email-codes", "", `{"email":"new@example.org","purpose":"sign_in"}`, "X-Forwarded-For",
		"203.0.113.9"), 202, "")
}

// Signing out ends the session at the server and takes the tokens out of the file; --all ends
// those of lost files, too.
func TestLogout(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-072")
	p := newPlace(t)
	s := p.serve()
	one, lost := s.signIn("ada@example.org", 1), s.signIn("ada@example.org", 2, "--config", "lost.json")
	if status, out, errOut := p.command("logout"); status != 0 || out != "Signed out.\n" {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	s.want(s.send("GET", "/identity", string(one.Access), ""), 401, "")
	s.want(s.refreshed(string(one.Refresh)), 400, "invalid_grant")
	if a := p.file("config.json"); a.Access != "" || a.Refresh != "" || a.Email != "ada@example.org" {
		t.Errorf("%v", a)
	}
	if status, _, errOut := p.command("logout"); status == 0 || !strings.Contains(errOut, "nobody is signed in") {
		t.Errorf("status %d: %s", status, errOut)
	}
	s.want(s.send("GET", "/identity", string(lost.Access), ""), 200, "")
	if err := os.Remove(filepath.Join(p.dir, "lost.json")); err != nil {
		t.Fatal(err)
	}
	s.signIn("ada@example.org", 3)
	p.clock.advance(time.Hour)
	if status, out, errOut := p.command("logout", "--all"); status != 0 || out != "Signed out.\n" {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	s.want(s.refreshed(string(lost.Refresh)), 400, "invalid_grant")

	s.signIn("ada@example.org", 4)
	s.end()
	if status, _, errOut := p.command("logout"); status == 0 || !strings.Contains(errOut, "reached") ||
		!p.file("config.json").signedIn() {
		t.Errorf("status %d: %s", status, errOut) // what the server was not told of is kept, to be told later
	}
}
