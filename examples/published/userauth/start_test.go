package main

import (
	"context"
	"net"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

var servesLine = regexp.MustCompile(`userauth serves (https?://\S+)\n`)

// start runs a command line that serves, and returns its URL. The server has to end well with
// the test.
func (p place) start(args ...string) (base string, out, log *hosttest.Buffer) {
	p.t.Helper()
	out, log, _ = hosttest.Start(p.t, func(ctx context.Context, out, log *hosttest.Buffer) int {
		return p.env(ctx, "", out, log).run(args)
	})
	base = hosttest.Await(p.t, servesLine, out, log)
	return base, out, log
}

// A newcomer's first minute: one command, the first admin by the set-up token or by makeadmin,
// a token, and a title.
func TestStart(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	base, out, log := p.start("server", "start", "--port", "0")
	if !strings.HasPrefix(base, "http://127.0.0.1:") {
		t.Errorf("by default it listens on %s", base)
	}
	if said := log.String(); !strings.Contains(said, "stand-in") || strings.Contains(said, "in the clear") {
		t.Errorf("log %s", said)
	}
	s := &serving{service: &service{site: p.site()}, t: t, url: base}
	setUp := regexp.MustCompile(
		`(?m)^There is no admin yet. Set-up token: (hp_set_\w{49})$`,
	).FindStringSubmatch(out.String())
	if setUp == nil {
		t.Fatalf("start says %s", out)
	}
	body := `{"token":"` + setUp[1] + `","username":"root","email":"root@example.com","password":"` + pass + `"}`
	s.want(s.do(s.request("POST", "/auth/setup", "", "application/json", body)), 201, "")
	root := s.token("root")
	if me := read[userJSON](s, s.call("GET", "/user/me", root, "")); me.Role != "admin user" {
		t.Errorf("%+v", me)
	}
	tom := s.register("tom", "Tom", "Cruise")
	token := s.token("tom")
	s.want(s.upload("/user/me/validate_photo", token, "image/jpeg", photoOfWhom("Tom Cruise", "0.99")), 200, "")
	if status, said, errOut := p.command(
		"", "database", "makeadmin", "tom",
	); status != 0 || said != "User tom is now admin!\n" {
		t.Errorf("makeadmin: %d %s%s", status, said, errOut)
	}
	s.want(s.call("GET", "/users", token, ""), 200, "") // the running server sees it at once
	s.want(s.call("PATCH", "/user/"+string(tom.UUID), root, `{"role":"normal user"}`), 200, "")
	s.want(s.call("PATCH", "/user/me", root, `{"role":"normal user"}`), 409, "last_admin")

	again, out, _ := p.start("--addr", "127.0.0.1:0") // without a subcommand, and with an admin
	if strings.Contains(out.String(), "hp_set_") {
		t.Error("a set-up token although there is an admin")
	}
	s.url = again
	s.want(s.call("GET", "/users", s.token("root"), ""), 200, "")
}

// A container listens on all addresses, which needs a flag, and the log says what it means. In
// production, photos are judged only if a flag says by what.
func TestStartForOthers(t *testing.T) {
	t.Parallel()
	p := newPostgresPlace(t)
	base, _, log := p.start("server", "start", "--ip", "0.0.0.0", "--port", "0")
	if !strings.HasPrefix(base, "http://localhost:") || !strings.Contains(log.String(), "in the clear") || strings.Contains(log.String(), "stand-in") {
		t.Errorf("%s, log %s", base, log)
	}
	s := &serving{service: &service{site: p.site()}, t: t, url: strings.Replace(base, "localhost", "127.0.0.1", 1)}
	s.register("tom", "Tom", "Cruise")
	token := s.token("tom")
	s.want(
		s.upload("/user/me/validate_photo", token, "image/jpeg", photoOfWhom("Tom Cruise", "0.99")), 501, "no_verifier",
	)

	base, _, log = p.start("start", "--addr", "[::]:0", "--base-url", "https://auth.example.org", "--recogniser", "stand-in")
	if base != "https://auth.example.org" || strings.Contains(log.String(), "in the clear") || !strings.Contains(log.String(), "stand-in") {
		t.Errorf("%s, log %s", base, log)
	}
}

// No value in the environment can become another part of the database's address.
func TestDatabaseAddress(t *testing.T) {
	t.Parallel()
	vars := map[string]string{
		"DEPLOYMENT_TYPE": "PROD", "POSTGRES_USERNAME": "u@x:/", "POSTGRES_PASSWORD": "p@ss/w:rd?host=evil#%20",
		"POSTGRES_HOST": "db.example.org",
		"POSTGRES_PORT": "5433", "POSTGRES_DBNAME": "a b/c?sslmode=disable&x=+%",
	}
	e := &env{getenv: func(name string) string { return vars[name] }}
	for _, host := range []string{"db.example.org", "::1", "/var/run/postgresql"} {
		vars["POSTGRES_HOST"] = host
		address, err := e.database()
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		q, pw := u.Query(), ""
		if u.User != nil {
			pw, _ = u.User.Password()
		}
		if u.User.Username() != vars["POSTGRES_USERNAME"] || pw != vars["POSTGRES_PASSWORD"] ||
			q.Get("dbname") != vars["POSTGRES_DBNAME"] || q.Has("sslmode") {
			t.Errorf("%s is %s", host, address)
		}
		if at := net.JoinHostPort(host, "5433"); u.Host != at &&
			(q.Get("host") != host || q.Get("port") != "5433" || u.Host != "") {
			t.Errorf("%s: host %q in %s", host, u.Host, address)
		}
	}
}
