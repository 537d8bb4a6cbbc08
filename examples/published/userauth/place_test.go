package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

const pass = "tiny horse 42 staple"

// place is a working directory and an environment for one test.
type place struct {
	t    *testing.T
	dir  string
	vars map[string]string
	edit func(*auth.Config)
}

// places makes a place on each kind of database.
var places = map[string]func(*testing.T) place{"sqlite": newPlace, "postgres": newPostgresPlace}

// newPlace is a place with default settings, on SQLite, with cheap hashing.
func newPlace(t *testing.T) place {
	return place{t: t, dir: t.TempDir(), vars: map[string]string{}, edit: func(c *auth.Config) {
		c.Hashing = password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		}
	}}
}

// newPostgresPlace has a database whose name and password could break a URL that is not
// escaped.
func newPostgresPlace(t *testing.T) place {
	t.Helper()
	p := newPlace(t)
	dsn := pgtest.DSN(t)
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := "user auth/?&#%+@:" + rand.Text()
	sql := func(text string) {
		conn, err := pgx.Connect(context.Background(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), text); err != nil {
			t.Error(err)
		}
	}
	sql("CREATE DATABASE " + pgx.Identifier{name}.Sanitize())
	t.Cleanup(func() { sql("DROP DATABASE " + pgx.Identifier{name}.Sanitize() + " WITH (FORCE)") })
	if cfg.Password == "" {
		cfg.Password = "p@ss/w:rd?#%" // which nobody asks for
	}
	p.vars = map[string]string{
		"DEPLOYMENT_TYPE": "PROD", "POSTGRES_USERNAME": cfg.User, "POSTGRES_PASSWORD": cfg.Password,
		"POSTGRES_HOST": cfg.Host,
		"POSTGRES_PORT": strconv.Itoa(int(cfg.Port)), "POSTGRES_DBNAME": name,
	}
	return p
}

func (p place) env(ctx context.Context, in string, out, errOut io.Writer) *env {
	return &env{
		ctx: ctx, in: strings.NewReader(in), out: out, errOut: errOut,
		getenv: func(name string) string { return p.vars[name] }, dir: p.dir, edit: p.edit,
	}
}

// command runs a command line with in as its input.
func (p place) command(in string, args ...string) (status int, out, errOut string) {
	p.t.Helper()
	var o, e bytes.Buffer
	status = p.env(p.t.Context(), in, &o, &e).run(args)
	return status, o.String(), e.String()
}

// site opens the place's database.
func (p place) site(edit ...func(*auth.Config)) *site {
	p.t.Helper()
	all := func(c *auth.Config) {
		for _, e := range edit {
			e(c)
		}
	}
	s, err := siteFlags{KeyFile: "userauth.key"}.open(p.env(context.Background(), "", io.Discard, io.Discard), all)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = s.db.Close() })
	return s
}

// serving is the service in this process.
type serving struct {
	*service
	t   *testing.T
	url string
	log *bytes.Buffer
}

// serve serves the accounts of the place. The stand-in judges photos.
func (p place) serve(edit ...func(*auth.Config)) *serving {
	p.t.Helper()
	standIn := func(c *auth.Config) { c.RoleClaims = claims(standInRecogniser{}) }
	s := &serving{t: p.t, log: &bytes.Buffer{}}
	var err error
	s.service, err = newService(
		p.site(append([]func(*auth.Config){standIn}, edit...)...), nil, slog.New(slog.NewTextHandler(s.log, nil)),
	)
	if err != nil {
		p.t.Fatal(err)
	}
	srv := httptest.NewServer(s.service)
	p.t.Cleanup(srv.Close)
	s.url = srv.URL
	return s
}

// reply is an answer whose body was read.
type reply struct {
	status int
	header http.Header
	text   string
}

// client follows no redirects, and there should be none.
var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// do sends a request as it is.
func (s *serving) do(r *http.Request) reply {
	s.t.Helper()
	a, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.documented(r, a.StatusCode)
	return reply{a.StatusCode, a.Header, string(text)}
}

// request makes a request, with a token unless it is empty.
func (s *serving) request(method, path, token, kind, body string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}
