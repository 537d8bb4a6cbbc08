package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
)

// A server without flags about mail does not start. There is no mode without sign-in.
func TestNothingIsOffByDefault(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-021")
	p := newPlace(t)
	if status, _, errOut := p.command(
		"server", "--addr", "127.0.0.1:0",
	); status == 0 || !strings.Contains(errOut, "--mail") {
		t.Errorf("status %d: %s", status, errOut)
	}
	if left, err := os.ReadDir(p.dir); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	for _, s := range []*serving{p.serve(), p.serveDev()} {
		s.want(s.send("GET", "/identity", "", ""), 401, "unauthenticated")
		s.want(s.send("GET", "/auth/whoami", "", ""), 401, "unauthenticated")
	}
	for _, name := range []string{"syftbox.key", "syftbox-dev.key"} {
		key, err := os.ReadFile(filepath.Join(p.dir, name))
		if raw, bad := base64.StdEncoding.DecodeString(
			strings.TrimSpace(string(key)),
		); err != nil || bad != nil || len(raw) != 32 {
			t.Errorf("%s: %d bytes, %v %v", name, len(raw), err, bad)
		}
	}
}

// A missing or short key, or that of another server, is refused. All secrets are derived from
// the one key.
func TestKeyMustBeAKey(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-019", "syftbox-082")
	p := newPlace(t)
	p.serve().end()
	real, err := os.ReadFile(filepath.Join(p.dir, "syftbox.key"))
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"empty": "", "one character": "x", "the published default": "changethis",
		"short":   base64.StdEncoding.EncodeToString(make([]byte, 31)),
		"another": base64.StdEncoding.EncodeToString(make([]byte, 32)),
	} {
		p.write("syftbox.key", text, 0o600)
		status, out, errOut := p.command("server", "--mail", "console", "--addr", "127.0.0.1:0")
		if status == 0 || !strings.Contains(errOut, "key") || strings.Contains(out, "serves") ||
			strings.Count(errOut, "\n") != 1 {
			t.Errorf("%s: status %d, %s%s", what, status, out, errOut)
		}
	}
	if err := os.Remove(filepath.Join(p.dir, "syftbox.key")); err != nil {
		t.Fatal(err)
	}
	if status, _, errOut := p.command(
		"server", "--mail", "console", "--addr", "127.0.0.1:0",
	); status == 0 || !strings.Contains(errOut, "missing") {
		t.Errorf("status %d, %s", status, errOut)
	}
	p.write("syftbox.key", string(real), 0o600)
	p.serve()
}

// The output of a starting server shows neither its key nor the password of its mail server.
func TestStartTellsNoSecret(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-083")
	p := newPlace(t)
	s := p.serve("--mail", "smtp://box:not-to-be-shown@127.0.0.1:1")
	s.tokens("ada@example.org", 1)
	s.end()
	key, err := os.ReadFile(filepath.Join(p.dir, "syftbox.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, hidden := range []string{
		strings.TrimSpace(string(key)), "not-to-be-shown", p.letter("ada@example.org", 1).Code,
	} {
		if said := s.out.String() + s.log.String(); strings.Contains(said, hidden) {
			t.Errorf("%q is in %s", hidden, said)
		}
	}
	if status, _, errOut := p.command("server", "--mail", "smtp://box:not-to-be-shown@:bad"); status == 0 ||
		strings.Contains(errOut, "not-to-be-shown") {
		t.Errorf("status %d: %s", status, errOut)
	}
}

// The set-up token in the greeting is on one line and makes the first admin, who signs in like
// everybody.
func TestFirstAdmin(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.serve()
	var token string
	for line := range strings.Lines(s.out.String()) {
		if _, rest, ok := strings.Cut(line, "Set-up token: "); ok {
			token = strings.TrimSpace(rest)
		}
	}
	s.want(s.send(
		"POST", "/auth/setup", "", `{"token":"`+token+`","email":"root@localhost","password":"tiny horse 42 staple"}`,
	), 422, "email")
	s.want(s.send(
		"POST", "/auth/setup", "", `{"token":"`+token+`","email":"root@example.org","password":"tiny horse 42 staple"}`,
	), 201, "root@example.org")
	root := s.tokens("root@example.org", 1).get("access_token")
	s.want(s.send("GET", "/auth/users", root, ""), 200, "root@example.org")
	s.want(s.send(
		"POST", "/auth/token", "",
		`{"grant_type":"password","username":"root@example.org","password":"tiny horse 42 staple"}`,
	), 400, "unauthorized_client")
	s.end()
	if again := p.serve(); strings.Contains(again.out.String(), "hp_set_") {
		t.Error("a set-up token although there is an admin")
	}
}
