package main

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

var (
	servesLine = regexp.MustCompile(`datasite serves (http://\S+)\n`)
	demoLine   = regexp.MustCompile(`(?m)^Demo administrator: (\S+), password: (\w+) \(shown once\)$`)
)

// program is the command with a database and a key of its own.
type program struct {
	t    *testing.T
	args []string
	vars map[string]string
}

func newProgram(t *testing.T, database string) *program {
	return &program{t: t, args: []string{
		"--db", hosttest.Databases[database](t), "--key-file", t.TempDir() + "/key",
	}, vars: map[string]string{}}
}

func (p *program) env(ctx context.Context, out, errOut *hosttest.Buffer) *env {
	return &env{ctx: ctx, out: out, errOut: errOut, getenv: func(name string) string { return p.vars[name] },
		edit: hosttest.CheapHashing}
}

// start serves until stop is called or the test ends.
func (p *program) start(args ...string) (c hosttest.Client, out *hosttest.Buffer, stop func()) {
	p.t.Helper()
	out, log, stop := hosttest.Start(p.t, func(ctx context.Context, out, log *hosttest.Buffer) int {
		return p.env(ctx, out, log).run(
			append(append([]string{"serve", "--addr", "127.0.0.1:0"}, p.args...), args...),
		)
	})
	return hosttest.Client{T: p.t, URL: hosttest.Await(p.t, servesLine, out, log)}, out, stop
}

// The root has no password that others know. It is random or given, and a known one is refused.
func TestRootIsMade(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-034", "pysyft-138", "pysyft-140")
	for database := range hosttest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t, database)
			c, out, stop := p.start()
			demo := demoLine.FindStringSubmatch(out.String())
			if demo == nil || demo[1] != "root@datasite.invalid" || len(demo[2]) < 20 {
				t.Fatalf("%s", out)
			}
			for _, known := range []string{"changethis", "", "root", "password"} {
				if got := c.Call("POST", "/login", "", body("email", demo[1], "password", known)); got.Status != 401 {
					t.Errorf("%q: %d", known, got.Status)
				}
			}
			c.Call("POST", "/login", "", body("email", demo[1], "password", demo[2])).Want(200, "")
			stop()
			// A second start makes nobody and does not change the root, whatever the
			// environment says.
			for _, email := range []string{demo[1], "other@example.com"} {
				p.vars = map[string]string{"DATASITE_ROOT_PASSWORD": pass}
				c, out, stop := p.start("--root-email", email)
				if strings.Contains(out.String(), "Demo administrator") {
					t.Errorf("%s", out)
				}
				c.Call("POST", "/login", "", body("email", email, "password", pass)).Want(401, "bad_credentials")
				token := c.Call(
					"POST", "/login", "", body("email", demo[1], "password", demo[2]),
				).Want(200, "").Member("access_token")
				if list := hosttest.Read[pageJSON](
					c.Call("GET", "/users", token, "").Want(200, ""),
				); len(list.Items) != 1 {
					t.Errorf("%+v", list)
				}
				stop()
			}
		})
	}
	p := newProgram(t, "sqlite")
	for _, weak := range []string{"changethis", "pw", "password1"} {
		p.vars["DATASITE_ROOT_PASSWORD"] = weak
		out, errOut := &hosttest.Buffer{}, &hosttest.Buffer{}
		status := p.env(t.Context(), out, errOut).run(append([]string{"--addr", "127.0.0.1:0"}, p.args...))
		if status == 0 || strings.Count(errOut.String(), "\n") != 1 || strings.Contains(errOut.String(), weak) {
			t.Errorf("%s: %d %q", weak, status, errOut)
		}
	}
}

// Errors of the command line are one line without secrets. It makes links for people without
// mail.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "sqlite")
	run := func(args ...string) (int, string, string) {
		out, errOut := &hosttest.Buffer{}, &hosttest.Buffer{}
		status := p.env(t.Context(), out, errOut).run(append(args, p.args...))
		return status, out.String(), errOut.String()
	}
	for _, args := range [][]string{{"--addr", "x:y"}, {
		"--addr", "127.0.0.1:0", "--mail", "smtp:secret",
	}, {"reset-link", "nobody@example.com"}, {"reset-link"}, {"what"}} {
		if status, _, said := run(args...); status == 0 || strings.Count(said, "\n") != 1 ||
			strings.Contains(said, "secret") {
			t.Errorf("%v: %d %q", args, status, said)
		}
	}
	c, out, _ := p.start("--mail", "console")
	demo := demoLine.FindStringSubmatch(out.String())
	status, link, said := run("reset-link", demo[1])
	token := regexp.MustCompile(`#token=(hp_flo_\w+)&`).FindStringSubmatch(link)
	if status != 0 || token == nil || !strings.HasPrefix(link, "http://127.0.0.1:8082/auth/link#") {
		t.Fatalf("%d %s%s", status, link, said)
	}
	c.Call("POST", "/reset_password", "", body("token", token[1], "new_password", pass)).Want(204, "")
	root := c.Call("POST", "/login", "", body("email", demo[1], "password", pass)).Want(200, "").Member("access_token")
	c.Call("POST", "/register", root, body("email", "a@example.com", "name", "a", "password", pass)).Want(201, "")
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(
		out.String(), "Welcome to datasite",
	); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no welcome: %s", out)
		}
	}
}

// The environment sets the switch only until somebody turns it. A turned switch survives a
// restart.
func TestEnableSignup(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "sqlite")
	p.vars["DATASITE_ROOT_PASSWORD"] = pass
	enabled := func(c hosttest.Client) bool {
		return hosttest.Read[metadataJSON](c.Call("GET", "/metadata", "", "").Want(200, "")).SignupEnabled
	}
	c, _, stop := p.start("--enable-signup")
	if !enabled(c) {
		t.Error("closed")
	}
	root := c.Call(
		"POST", "/login", "", body("email", "root@datasite.invalid", "password", pass),
	).Want(200, "").Member("access_token")
	c.Call("PATCH", "/settings", root, body("signup_enabled", false)).Want(200, "")
	stop()
	if c, _, _ := p.start("--enable-signup"); enabled(c) {
		t.Error("a restart opens sign-up again")
	}
}

// Two replicas on one database see a change of the switch at once.
func TestReplicas(t *testing.T) {
	t.Parallel()
	for database := range hosttest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			p := newProgram(t, database)
			p.vars["DATASITE_ROOT_PASSWORD"] = pass
			one, _, _ := p.start()
			two, out, _ := p.start()
			if strings.Contains(out.String(), "Demo administrator") {
				t.Error("two roots")
			}
			root := one.Call(
				"POST", "/login", "", body("email", "root@datasite.invalid", "password", pass),
			).Want(200, "").Member("access_token")
			for i, on := range []bool{true, false, true} {
				one.Call("PATCH", "/settings", root, body("signup_enabled", on)).Want(200, "")
				for deadline := time.Now().Add(time.Second); hosttest.Read[metadataJSON](
					two.Call("GET", "/metadata", "", ""),
				).SignupEnabled != on; {
					if time.Now().After(deadline) {
						t.Fatalf("turn %d is not seen", i)
					}
				}
			}
		})
	}
}

// A queued welcome still goes out when the site stops.
func TestWelcomeBeforeTheEnd(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "sqlite")
	dir := t.TempDir()
	p.vars["DATASITE_ROOT_PASSWORD"] = pass
	c, _, stop := p.start("--mail", "file:"+dir)
	root := c.Call(
		"POST", "/login", "", body("email", "root@datasite.invalid", "password", pass),
	).Want(200, "").Member("access_token")
	for _, name := range []string{"a", "b", "c"} {
		c.Call(
			"POST", "/register", root, body("email", name+"@example.com", "name", name, "password", pass),
		).Want(201, "")
	}
	stop()
	if n := len(filesIn(t, dir)); n != 3 {
		t.Errorf("%d mails", n)
	}
}
