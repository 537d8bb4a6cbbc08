package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

const pass = "tiny horse 42 staple"

// place is a directory with the database and the key of one server.
type place struct {
	t   *testing.T
	dir string
}

// command runs a command line with the place's database and key; they follow the subcommand.
func (p place) command(in string, words int, args ...string) (status int, out, errOut string) {
	p.t.Helper()
	all := append([]string{}, args[:words]...)
	all = append(all, "--db", filepath.Join(p.dir, "test.db"), "--key-file", filepath.Join(p.dir, "test.key"))
	var stdout, stderr bytes.Buffer
	status = run(p.t.Context(), append(all, args[words:]...), strings.NewReader(in), &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

func (p place) ok(in string, words int, args ...string) string {
	p.t.Helper()
	status, out, errOut := p.command(in, words, args...)
	if status != 0 {
		p.t.Fatalf("%v: status %d, %s", args, status, errOut)
	}
	return out
}

// refused wants a status that is not zero and one line that holds text.
func (p place) refused(text, in string, words int, args ...string) {
	p.t.Helper()
	status, _, errOut := p.command(in, words, args...)
	if status == 0 || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, text) {
		p.t.Errorf("%v: status %d, %q, want a line with %q", args, status, errOut, text)
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	p := place{t, t.TempDir()}
	p.refused("wrong", "", 1, "doctor")
	p.ok("", 1, "migrate")
	p.refused("too short", "short\n", 1, "create-admin", "--username", "root", "--password-stdin")
	p.refused("empty", "\n", 1, "create-admin", "--username", "root", "--password-stdin")
	p.ok(pass+"\n", 1, "create-admin", "--username", "root", "--email", "root@example.org", "--password-stdin")
	p.refused("taken", pass+"\n", 1, "create-admin", "--username", "Root", "--password-stdin")
	if out := p.ok("", 1, "doctor"); strings.Contains(out, "FAIL") {
		t.Error(out)
	}
	if out := p.ok("", 2, "user", "list"); !strings.Contains(out, "root@example.org") || !strings.Contains(out, "admin,user") {
		t.Error(out)
	}
	if out := p.ok("", 2, "user", "show", "root@example.org"); !strings.Contains(out, "root") {
		t.Error(out)
	}
	p.refused("last admin", "", 2, "user", "disable", "root")
	p.refused(`no user "ada"`, "", 2, "user", "disable", "ada")
	p.refused(`no user "ada"`, "", 1, "make-admin", "ada")
	p.ok(pass, 1, "create-admin", "--username", "ada", "--password-stdin")
	p.ok("", 2, "user", "disable", "ada")
	p.ok("", 2, "user", "enable", "ada")
	p.ok("", 2, "user", "end-sessions", "ada")
	p.ok("", 1, "make-admin", "ada")

	p.ok("", 2, "settings", "set", "signup", "open")
	p.ok("", 2, "settings", "set", "session.idle", "3600")
	p.ok("", 2, "settings", "set", "domains", `["example.org"]`)
	if out := p.ok("", 2, "settings", "get", "session.idle"); out != "3600\n" {
		t.Errorf("session.idle %q", out)
	}
	if out := p.ok("", 2, "settings", "get"); !strings.Contains(out, `"signup": "open"`) {
		t.Error(out)
	}
	p.refused("no setting", "", 2, "settings", "set", "session.nothing", "1")
	p.refused("no setting", "", 2, "settings", "get", "nothing")
	p.refused("wrong type", "", 2, "settings", "set", "session.idle", "soon")
	p.refused("one of", "", 2, "settings", "set", "signup", "everybody")
	p.refused("unknown flag", "", 1, "migrate", "--nothing")
	p.refused("must be one of", "", 1, "serve", "--signup", "everybody")
	p.refused("base URL", "", 1, "serve", "--addr", "127.0.0.1:0", "--base-url", "ftp://x")
	p.refused("https", "", 1, "serve", "--addr", "127.0.0.1:0", "--base-url", "http://app.example")
	if !json.Valid([]byte(p.ok("", 1, "openapi"))) || p.ok("", 1, "version") == "" {
		t.Error("openapi or version")
	}
}

func TestKeyBelongsToStore(t *testing.T) {
	t.Parallel()
	p := place{t, t.TempDir()}
	p.ok(pass, 1, "create-admin", "--username", "root", "--password-stdin")
	key := filepath.Join(p.dir, "test.key")
	info, err := os.Stat(key)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v %v", info, err)
	}
	old, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	p.refused("is missing", "", 2, "user", "list")
	if _, err := os.Stat(key); err == nil {
		t.Error("a key was made for a store that has one")
	}
	other := place{t, t.TempDir()}
	other.ok("", 2, "user", "list")
	foreign, err := os.ReadFile(filepath.Join(other.dir, "test.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(foreign), "", "short", strings.Repeat("!", 60)} {
		if err := os.WriteFile(key, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		p.refused("key", "", 1, "serve", "--addr", "127.0.0.1:0")
	}
	if err := errors.Join(os.WriteFile(key, old, 0o644), os.Chmod(key, 0o644)); err != nil {
		t.Fatal(err)
	}
	if status, out, _ := p.command("", 1, "doctor"); status == 0 || !strings.Contains(out, "chmod 600") {
		t.Errorf("doctor: %d %s", status, out)
	}
}

// syncBuffer is a buffer that a server writes while the test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// serving is a server that runs.
type serving struct {
	url      string
	out, log *syncBuffer
	stop     context.CancelFunc
	status   chan int
}

var urlLine = regexp.MustCompile(`hallpass serves (http://\S+)/auth\n`)

func (p place) serve(args ...string) *serving {
	p.t.Helper()
	ctx, stop := context.WithCancel(p.t.Context())
	s := &serving{out: &syncBuffer{}, log: &syncBuffer{}, stop: stop, status: make(chan int, 1)}
	all := append([]string{"--addr", "127.0.0.1:0", "--db", filepath.Join(p.dir, "test.db"), "--key-file", filepath.Join(p.dir, "test.key")}, args...)
	go func() { s.status <- run(ctx, all, strings.NewReader(""), s.out, s.log) }()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if m := urlLine.FindStringSubmatch(s.out.String()); m != nil {
			s.url = m[1]
			return s
		}
	}
	p.t.Fatalf("the server does not start: %s", s.log)
	return nil
}

func (s *serving) end(t *testing.T) {
	t.Helper()
	s.stop()
	select {
	case status := <-s.status:
		if status != 0 {
			t.Errorf("status %d: %s", status, s.log)
		}
	case <-time.After(15 * time.Second):
		t.Error("the server does not end")
	}
}

func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	r, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	doc, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(doc)
}

var setupToken = regexp.MustCompile(`hp_set_[0-9A-Za-z]{49}`)

func TestSec_PW15_NoDefaultAccount(t *testing.T) {
	t.Parallel()
	p := place{t, t.TempDir()}
	s := p.serve()
	token := setupToken.FindString(s.out.String())
	if token == "" || !strings.Contains(s.out.String(), "curl -X POST "+s.url+"/auth/setup") {
		t.Fatalf("start says %s", s.out)
	}
	for _, name := range []string{"admin", "root", "hallpass"} {
		if status, body := post(t, s.url+"/auth/sessions", `{"login":"`+name+`","password":"`+name+name+`"}`); status != 401 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, body := post(t, s.url+"/auth/users", `{"username":"ada","password":"`+pass+`"}`); status != 403 {
		t.Errorf("sign-up: %d %s", status, body)
	}
	s.end(t)

	again := p.serve() // the token of an earlier start counts until the first admin exists
	body := `{"token":"` + token + `","username":"root","password":"` + pass + `"}`
	for _, want := range []int{201, 409} {
		if status, text := post(t, again.url+"/auth/setup", body); status != want {
			t.Errorf("set-up: %d %s, want %d", status, text, want)
		}
	}
	again.end(t)
	last := p.serve("--signup", "open")
	if setupToken.MatchString(last.out.String()) {
		t.Error("a set-up token although there is an admin")
	}
	last.end(t)
}

func TestProbesDocsAndDifferences(t *testing.T) {
	t.Parallel()
	p := place{t, t.TempDir()}
	p.ok("", 2, "settings", "set", "signup", "invite")
	s := p.serve("--signup", "open", "--log", "json")
	defer s.end(t)
	if log := s.log.String(); !strings.Contains(log, `"setting":"signup"`) || !strings.Contains(log, `"stored":"invite"`) {
		t.Errorf("log %s", log)
	}
	for path, want := range map[string]string{
		"/healthz": `"ok"`, "/readyz": `"ready"`, "/docs": "swagger-ui", "/auth/openapi.json": "3.1.0", "/auth/redoc": "<h1>",
		"/.well-known/jwks.json": `"OKP"`, "/.well-known/oauth-authorization-server": `"token_endpoint":"` + s.url + `/auth/token"`,
	} {
		r, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil || r.StatusCode != 200 || !strings.Contains(string(doc), want) {
			t.Errorf("%s: %d %v %.200s", path, r.StatusCode, err, doc)
		}
	}
}

// Paths that are not clean, and unknown ones, are 404 and never redirected.
func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	s := place{t, t.TempDir()}.serve()
	defer s.end(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"/", "/nothing", "/auth", "/auth/", "/auth//policy", "//auth/policy", "/auth/./policy", "/x/../auth/policy", "/auth/policy/", "/auth/users/%00"} {
		r, err := client.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != 404 || r.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", path, r.StatusCode, r.Header.Get("Content-Type"))
		}
	}
}

func TestSec_IO02_ServerLimits(t *testing.T) {
	t.Parallel()
	srv := newServer(http.NotFoundHandler(), newLog("text", io.Discard))
	if srv.ReadHeaderTimeout != 5*time.Second || srv.ReadTimeout == 0 || srv.WriteTimeout == 0 || srv.IdleTimeout == 0 || srv.MaxHeaderBytes != 16<<10 {
		t.Errorf("limits %+v", srv)
	}
	p := place{t, t.TempDir()}
	s := p.serve()
	defer s.end(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Large", strings.Repeat("x", 40<<10))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("large headers: %d", answer.StatusCode)
	}
}

// A signal lets the requests that run end, and the server ends with them.
func TestDrain(t *testing.T) {
	t.Parallel()
	p := place{t, t.TempDir()}
	p.ok(pass, 1, "create-admin", "--username", "root", "--password-stdin")
	s := p.serve()
	began, ended := make(chan struct{}, 8), make(chan int, 8)
	for range 8 {
		go func() {
			body := io.MultiReader(strings.NewReader(`{"login":"root","password":`), underWay{began}, strings.NewReader(`"`+pass+`"}`))
			r, err := http.Post(s.url+"/auth/sessions", "application/json", body)
			if err != nil {
				ended <- 0
				return
			}
			_ = r.Body.Close()
			ended <- r.StatusCode
		}()
	}
	for range 8 {
		<-began
	}
	s.end(t)
	answered := 0
	for range 8 {
		if status := <-ended; status == 201 {
			answered++
		}
	}
	if answered == 0 {
		t.Error("no running request was answered")
	}
}

// underWay tells that a request is under way.
type underWay struct{ began chan struct{} }

func (s underWay) Read([]byte) (int, error) {
	s.began <- struct{}{}
	return 0, io.EOF
}
