package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

const pass = "tiny horse 42 staple"

// place is a database and a key for one test.
type place struct {
	storeFlags
	t   *testing.T
	dir string
}

func newPlace(t *testing.T) place {
	dir := t.TempDir()
	return place{storeFlags{DB: filepath.Join(dir, "test.db"), KeyFile: filepath.Join(dir, "test.key")}, t, dir}
}

func newPostgresPlace(t *testing.T) place {
	t.Helper()
	p := newPlace(t)
	p.DB = pgtest.DSN(t)
	return p
}

// command runs a subcommand on the database and key, with in as its input.
func (p place) command(in, subcommand string, args ...string) string {
	p.t.Helper()
	var out, errOut bytes.Buffer
	if status := run(p.t.Context(), p.args(subcommand, args...), strings.NewReader(in), &out, &errOut); status != 0 {
		p.t.Fatalf("%s: status %d, %s", subcommand, status, errOut.String())
	}
	return out.String()
}

// args puts the flags between the subcommand and its arguments.
func (p place) args(subcommand string, args ...string) []string {
	files := []string{"--db", p.DB, "--key-file", p.KeyFile}
	return append(append(strings.Fields(subcommand), files...), args...)
}

type syncBuffer = hosttest.Buffer

// serving is a server in this process.
type serving struct {
	url      string
	out, log *syncBuffer
	stop     context.CancelFunc
	status   chan int
}

var urlLine = regexp.MustCompile(`hallpass serves (http://\S+)/auth\n`)

// serve starts a server, which ends with the test at the latest.
func (p place) serve(args ...string) *serving {
	p.t.Helper()
	ctx, stop := context.WithCancel(p.t.Context())
	s := &serving{out: &syncBuffer{}, log: &syncBuffer{}, stop: stop, status: make(chan int, 1)}
	all := p.args("serve", append([]string{"--addr", "127.0.0.1:0"}, args...)...)
	go func() { s.status <- run(ctx, all, strings.NewReader(""), s.out, s.log) }()
	s.url = hosttest.Await(p.t, urlLine, s.out, s.log)
	return s
}

func (s *serving) end(t *testing.T) {
	t.Helper()
	s.stop()
	select {
	case status := <-s.status:
		if status != 0 {
			t.Errorf("status %d: %s", status, s.log)
		}
	case <-time.After(20 * time.Second):
		t.Error("the server does not end")
	}
}

// browser is a client that keeps cookies.
type browser struct {
	t *testing.T
	*http.Client
}

func newBrowser(t *testing.T) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return browser{t, &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

func (b browser) send(method, url, body string) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	a, err := b.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer a.Body.Close()
	doc, err := io.ReadAll(a.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return a.StatusCode, string(doc)
}

// wants sends a request and expects a status, and parts in the answer.
func (b browser) wants(status int, method, url, body string, parts ...string) {
	b.t.Helper()
	got, doc := b.send(method, url, body)
	if got != status {
		b.t.Errorf("%s %s: %d %.300s, want %d", method, url, got, doc, status)
	}
	for _, part := range parts {
		if !strings.Contains(doc, part) {
			b.t.Errorf("%s %s: %.300s lacks %s", method, url, doc, part)
		}
	}
}

func probe(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

// behind is a store that answers and is not migrated.
type behind struct{}

func (behind) Ping(context.Context) error { return nil }

func (behind) Pending(context.Context) ([]string, error) { return []string{"0001_a", "0002_b"}, nil }
