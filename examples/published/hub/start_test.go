package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

// running is a hub that was started by the command.
type running struct {
	t        *testing.T
	out, log *hosttest.Buffer
	vars     map[string]string // what the notebook reads
}

// start runs the command in a folder until stop is called or the test ends.
func start(t *testing.T, dir string, args ...string) (h running, stop func()) {
	t.Helper()
	h = running{t: t, vars: map[string]string{}}
	h.out, h.log, stop = hosttest.Start(t, func(ctx context.Context, out, log *hosttest.Buffer) int {
		e := &env{ctx: ctx, out: out, errOut: log, dir: dir, edit: cheap}
		return e.run(append([]string{"--addr", "127.0.0.1:0"}, args...))
	})
	hosttest.Await(t, regexp.MustCompile(`JUPYTERHUB_SERVICE_PREFIX=(\S+)\n`), h.out, h.log)
	for line := range strings.Lines(h.out.String()) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && strings.HasPrefix(name, "JUPYTERHUB_") {
			h.vars[name] = value
		}
	}
	return h, stop
}

// password returns the printed password of a demo user.
func (h running) password(name string) string {
	h.t.Helper()
	m := regexp.MustCompile(`(?m)^Demo \w+: ` + name + `, password (\S+)$`).FindStringSubmatch(h.out.String())
	if m == nil {
		h.t.Fatalf("no password of %s in %s", name, h.out)
	}
	return m[1]
}

// browser is a client that signed in with the form.
func (h running) browser(name string) *http.Client {
	h.t.Helper()
	jar, _ := cookiejar.New(nil)
	b := &http.Client{Jar: jar}
	r, err := b.PostForm(
		h.vars["JUPYTERHUB_HOST"]+"/hub/login", url.Values{"username": {name}, "password": {h.password(name)}},
	)
	if text := read(h.t, r, err); r.StatusCode != 200 || !strings.Contains(text, "Signed in as "+name) {
		h.t.Fatalf("%d %s", r.StatusCode, text)
	}
	return b
}

func read(t *testing.T, r *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// One command starts the hub and prints all that the notebook and its readers need. After a
// second start it is all the same but for a new token.
func TestStart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h, stop := start(t, dir)
	for _, name := range []string{"API_URL", "API_TOKEN", "USER", "SERVER_NAME", "HOST", "SERVICE_PREFIX"} {
		if _, ok := h.vars["JUPYTERHUB_"+name]; !ok {
			t.Errorf("JUPYTERHUB_%s is not printed: %s", name, h.out)
		}
	}
	if h.vars["JUPYTERHUB_USER"] != "sharer" || h.vars["JUPYTERHUB_SERVICE_PREFIX"] != "/user/sharer/" ||
		h.vars["JUPYTERHUB_API_URL"] != h.vars["JUPYTERHUB_HOST"]+"/hub/api" {
		t.Errorf("%v", h.vars)
	}
	r, err := h.browser("sharer").Get(h.vars["JUPYTERHUB_HOST"] + "/user/sharer/")
	if text := read(t, r, err); r.StatusCode != 200 || !strings.Contains(text, "Server sharer/") {
		t.Errorf("%d %s", r.StatusCode, text)
	}
	whoami := func(token string) int {
		q, _ := http.NewRequestWithContext(t.Context(), "GET", h.vars["JUPYTERHUB_API_URL"]+"/user", nil)
		q.Header.Set("Authorization", "Bearer "+token)
		r, err := http.DefaultClient.Do(q)
		read(t, r, err)
		return r.StatusCode
	}
	old, admin := h.vars["JUPYTERHUB_API_TOKEN"], h.password("admin")
	if got := whoami(old); got != 200 {
		t.Errorf("whoami: %d", got)
	}
	stop()
	h, _ = start(t, dir)
	if h.password("admin") != admin {
		t.Error("the administrator has another password")
	}
	h.browser("admin")
	if got := whoami(h.vars["JUPYTERHUB_API_TOKEN"]); got != 200 {
		t.Errorf("the new token: %d", got)
	}
	if got := whoami(old); got != 401 {
		t.Errorf("the old token: %d", got)
	}
	for _, name := range []string{demoFile, "hub.key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
}

// The hub can keep its data in PostgreSQL, and listen for other machines.
func TestStartForOthers(t *testing.T) {
	t.Parallel()
	h, _ := start(t, t.TempDir(), "--db", pgtest.DSN(t), "--addr", "0.0.0.0:0")
	if host := h.vars["JUPYTERHUB_HOST"]; !strings.HasPrefix(host, "http://localhost:") || !strings.Contains(h.log.String(), "in the clear") {
		t.Errorf("%s, log %s", host, h.log)
	}
	h.vars["JUPYTERHUB_HOST"] = strings.Replace(h.vars["JUPYTERHUB_HOST"], "localhost", "127.0.0.1", 1)
	h.browser("shared-with")
}

// A start that is refused prints one line and leaves no password behind.
func TestRefusedStart(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--addr", "nowhere:x"}, {"--nonsense"}, {"--db", "mysql://u:secret@x/y", "--addr", "127.0.0.1:0"}, {"--base-url", "http://hub.example.org", "--addr", "127.0.0.1:0"},
	} {
		out, log := &hosttest.Buffer{}, &hosttest.Buffer{}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // for one that starts all the same
		defer cancel()
		e := &env{ctx: ctx, out: out, errOut: log, dir: t.TempDir(), edit: cheap}
		said := ""
		if status := e.run(args); status != 0 {
			said = log.String()
		}
		if !strings.HasPrefix(said, "hub: ") || strings.Count(said, "\n") != 1 || strings.Contains(said, "secret") ||
			out.String() != "" {
			t.Errorf("%v: %q %q", args, said, out)
		}
	}
}
