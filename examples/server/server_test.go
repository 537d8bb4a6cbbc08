package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var setupToken = regexp.MustCompile(`hp_set_[0-9A-Za-z]{49}`)

func TestSec_PW15_NoDefaultAccount(t *testing.T) {
	t.Parallel()
	p, b := newPlace(t), newBrowser(t)
	s := p.serve()
	token := setupToken.FindString(s.out.String())
	if token == "" || !strings.Contains(s.out.String(), "curl -X POST "+s.url+"/auth/setup") {
		t.Fatalf("start says %s", s.out)
	}
	for _, name := range []string{"admin", "root", "hallpass"} {
		b.wants(401, "POST", s.url+"/auth/sessions", `{"login":"`+name+`","password":"`+name+name+`"}`)
	}
	b.wants(403, "POST", s.url+"/auth/users", `{"username":"ada","password":"`+pass+`"}`, "signup_closed")
	b.wants(401, "POST", s.url+"/auth/setup", `{"token":"hp_set_none","username":"root","password":"`+pass+
		`"}`, "bad_setup_token")
	s.end(t)

	again := p.serve() // the token of an earlier start is valid until there is an admin
	body := `{"token":"` + token + `","username":"root","password":"` + pass + `"}`
	b.wants(201, "POST", again.url+"/auth/setup", body, `"root"`)
	b.wants(409, "POST", again.url+"/auth/setup", body, "setup_done")
	again.end(t)
	last := p.serve("--signup", "open")
	if setupToken.MatchString(last.out.String()) {
		t.Error("a set-up token although there is an admin")
	}
	last.end(t)
}

// Two replicas on one store have set-up tokens of their own. When both are used at the same
// time, they make one admin.
func TestSec_PW15_OneAdminFromTwoReplicas(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(*testing.T) place{"sqlite": newPlace, "postgres": newPostgresPlace} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raceForAdmin(place(t))
		})
	}
}

func raceForAdmin(p place) {
	t := p.t
	replicas := []*serving{p.serve(), p.serve()}
	statuses := make(chan int, 8)
	for i := range cap(statuses) {
		r := replicas[i%2]
		body := fmt.Sprintf(
			`{"token":%q,"username":"root%d","password":%q}`, setupToken.FindString(r.out.String()), i, pass,
		)
		b := newBrowser(t)
		go func() {
			a, err := b.Post(r.url+"/auth/setup", "application/json", strings.NewReader(body))
			if err != nil {
				statuses <- 0
				return
			}
			_ = a.Body.Close()
			statuses <- a.StatusCode
		}()
	}
	count := map[int]int{}
	for range cap(statuses) {
		count[<-statuses]++
	}
	if count[201] != 1 || count[201]+count[401]+count[409] != cap(statuses) {
		t.Errorf("answers by status: %v", count)
	}
	for _, r := range replicas {
		r.end(t)
	}
	if list := p.command("", "user list"); strings.Count(list, "admin") != 1 {
		t.Error(list)
	}
}

// The commands and the server work on PostgreSQL as they do on a file.
func TestPostgres(t *testing.T) {
	t.Parallel()
	p, b := newPostgresPlace(t), newBrowser(t)
	if err := p.checkSchema(t.Context()); err == nil || !strings.Contains(err.Error(), "migrations are pending") {
		t.Errorf("before the first start: %v", err)
	}
	p.command(pass, "create-admin", "--username", "root", "--password-stdin")
	p.command("", "make-admin", "root")
	if out := p.command("", "doctor"); strings.Contains(out, "FAIL") {
		t.Error(out)
	}
	s := p.serve()
	defer s.end(t)
	b.wants(200, "GET", s.url+"/readyz", "")
	b.wants(201, "POST", s.url+"/auth/sessions", `{"login":"root","password":"`+pass+`"}`)
	b.wants(200, "GET", s.url+"/auth/users/me/logins", "", `"outcome":"success"`)
}

func TestProbesAndDocuments(t *testing.T) {
	t.Parallel()
	s, b := newPlace(t).serve(), newBrowser(t)
	defer s.end(t)
	for path, want := range map[string]string{
		"/healthz": `"ok"`, "/readyz": `"ready"`, "/docs": "swagger-ui", "/docs/swagger-ui.css": ".swagger-ui",
		"/auth/openapi.json": "3.1.0", "/auth/redoc": "<h1>",
		"/.well-known/jwks.json": `"OKP"`, "/.well-known/oauth-authorization-server": `"token_endpoint":"` + s.url +
			`/auth/token"`,
	} {
		b.wants(200, "GET", s.url+path, "", want)
	}
}

// If the store is gone or not migrated, the server stays up and is not ready.
func TestNotReady(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	db, err := p.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := p.onStore(t.Context(), db, nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := handler(s, newLog("text", &syncBuffer{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := ready(t.Context(), behind{}); err == nil || !strings.Contains(err.Error(), "2 migrations are pending") {
		t.Errorf("behind: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/readyz": 503, "/healthz": 200} {
		w := probe(t, h, path)
		if w.Code != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if again := w.Header().Get("Retry-After"); (again != "") != (want == 503) {
			t.Errorf("%s: Retry-After %q", path, again)
		}
	}
}

// Stored settings win over flags, and the log says so. A flag that was not given differs from
// nothing.
func TestStoredSettingsWin(t *testing.T) {
	t.Parallel()
	p, b := newPlace(t), newBrowser(t)
	p.command("", "settings set", "signup", "invite")
	s := p.serve("--signup", "open", "--password-min", "12", "--log", "json")
	for _, part := range []string{
		`"setting":"signup","stored":"invite","flag":"open"`, `"setting":"password.min","stored":8,"flag":12`,
	} {
		if log := s.log.String(); !strings.Contains(log, part) {
			t.Errorf("log %s lacks %s", log, part)
		}
	}
	b.wants(200, "GET", s.url+"/auth/policy", "", `"signup":"invite"`, `"min":8`)
	s.end(t)
	quiet := p.serve()
	quiet.end(t)
	if log := quiet.log.String(); strings.Contains(log, "differs") {
		t.Errorf("log %s", log)
	}
	seeded := newPlace(t).serve("--signup", "approval", "--password-min", "12")
	b.wants(200, "GET", seeded.url+"/auth/policy", "", `"signup":"approval"`, `"min":12`)
	seeded.end(t)
}

// The service knows the scopes of a model, and its admin holds them.
func TestModel(t *testing.T) {
	t.Parallel()
	p, b := newPlace(t), newBrowser(t)
	path := filepath.Join(p.dir, "model.json")
	model := `{"kinds":[{"name":"note"}],"scopes":[{"name":"notes","label":"Write notes","implies":["read:notes"],` +
		`"filters":["note","user"]},{"name":"read:notes","filters":["note","user"]}]}`
	if err := os.WriteFile(path, []byte(model), 0o600); err != nil {
		t.Fatal(err)
	}
	p.command(pass, "create-admin", "--username", "root", "--password-stdin")
	s := p.serve("--model", path)
	defer s.end(t)
	b.wants(201, "POST", s.url+"/auth/sessions", `{"login":"root","password":"`+pass+`"}`)
	b.wants(200, "GET", s.url+"/auth/scopes", "", `"name":"note"`, `"label":"Write notes"`, `"implies":["read:notes"]`)
	b.wants(200, "GET", s.url+"/auth/whoami", "", `"notes"`, `"read:notes"`)
}

// Paths that are not clean or not known are 404 and never redirected.
func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	defer s.end(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"/", "/nothing", "/auth", "/auth/", "/auth//policy", "//auth/policy",
		"/auth/./policy", "/x/../auth/policy", "/auth/policy/", "/auth/users/%00"} {
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

// The doctor notices a clock that is behind: in the bubble, it starts in the year 2000.
func TestDoctorReadsClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlace(t)
		s, err := p.site(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.db.Close()
		if err := checkClock(t.Context(), s); err == nil || !strings.Contains(
			err.Error(), "it says 2000-01-01T00:00:00Z",
		) {
			t.Errorf("clock: %v", err)
		}
		time.Sleep(30 * 365 * 24 * time.Hour)
		if err := checkClock(t.Context(), s); err != nil {
			t.Errorf("clock: %v", err)
		}
	})
}
