package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
)

// The life of a client on both databases: the first sign-in asks for address and code, later
// starts are silent, an expired token is refreshed silently, and the server may restart.
func TestLifeOfAClient(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-028", "syftbox-029")
	each(t, func(t *testing.T, p *place) {
		s := p.serve()
		status, out, errOut := s.client([]func() string{
			says(""), says("ada"), says("ada@localhost"), says(" Ada@Example.org "), p.code("ada@example.org", 1),
		})
		if status != 0 || strings.Count(out, "Your email address: ") != 4 || !strings.Contains(out, "spam folder") ||
			!strings.Contains(out, "Signed in: ada@example.org") {
			t.Fatalf("status %d: %s%s", status, out, errOut)
		}
		first := p.file("config.json")
		s.silent()
		s.silent("--email", "ada@example.org")
		if again := p.file("config.json"); again.Access != first.Access || again.Refresh != first.Refresh {
			t.Error("tokens that count were used up")
		}
		p.clock.advance(20 * time.Minute)
		s.silent()
		second := p.file("config.json")
		if second.Access == first.Access || second.Refresh == first.Refresh {
			t.Error("nothing was refreshed")
		}
		s.end()
		s = p.serve("--addr", strings.TrimPrefix(s.url, "http://"))
		s.silent()
		if status, out, errOut := p.command("client"); status != 0 || out+errOut != "" { // the file names the server
			t.Errorf("status %d: %s%s", status, out, errOut)
		}
		p.clock.advance(29 * 24 * time.Hour)
		s.silent()
		p.clock.advance(31 * 24 * time.Hour)
		status, out, _ = s.client([]func() string{p.code("ada@example.org", 2)})
		if status != 0 || !strings.Contains(out, "has ended") {
			t.Errorf("status %d: %s", status, out)
		}
		if n := len(p.box.All()); n != 2 {
			t.Errorf("%d mails", n)
		}
	})
}

// In development nobody is asked anything. Everything else is the same.
func TestLifeInDevelopment(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serveDev()
	if status, out, errOut := s.client(
		nil, "--dev", "--email", "ada@example.org",
	); status != 0 || !strings.Contains(out, "Signed in: ada@example.org") {
		t.Fatalf("status %d: %s%s", status, out, errOut)
	}
	a := s.file("config.json")
	s.want(s.send("GET", "/identity", string(a.Access), ""), 200, "ada@example.org")
	s.silent("--dev")
	s.silent()
	s.clock.advance(time.Hour)
	s.silent("--dev")
	if status, out, errOut := s.client(
		nil, "--dev", "--email", "bob@example.org", "--quiet", "--config", "bob.json",
	); status != 0 || out+errOut != "" {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	// Without --dev the client asks, and the code is on the server's terminal.
	status, out, errOut := s.client([]func() string{func() string {
		for {
			if i := strings.LastIndex(s.out.String(), "mail to eve@example.org"); i >= 0 {
				return shownCode.FindString(s.out.String()[i:])
			}
			time.Sleep(time.Millisecond)
		}
	}}, "--email", "eve@example.org", "--config", "eve.json")
	if status != 0 {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
}

// After losing or damaging the file, or its tokens, the user signs in again.
func TestLostFile(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-103")
	p := newPlace(t)
	s := p.serve()
	before := s.signIn("ada@example.org", 1)
	if err := os.Remove(filepath.Join(p.dir, "config.json")); err != nil {
		t.Fatal(err)
	}
	after := s.signIn("ada@example.org", 2)
	a, b := s.send("GET", "/identity", string(before.Access), ""), s.send("GET", "/identity", string(after.Access), "")
	if a.text != b.text || a.status != 200 {
		t.Errorf("another account: %s %s", a.text, b.text)
	}
	for i, damaged := range []string{`{"email":"ada@exam`, "", "null", "[]", `{"access_token":7}`, "\x00\x00"} {
		p.write("config.json", damaged, 0o600)
		status, out, errOut := s.client([]func() string{p.code("bob@example.org", i+1)}, "--email", "bob@example.org")
		if status != 0 || !strings.Contains(out, "is damaged") {
			t.Errorf("%q: status %d: %s%s", damaged, status, out, errOut)
		}
		if kept, err := os.ReadFile(
			filepath.Join(p.dir, "config.json.damaged"),
		); err != nil || string(kept) != damaged {
			t.Errorf("%q was kept: %v", kept, err)
		}
		s.silent()
		p.clock.advance(time.Hour) // an address gets 5 mails an hour
	}
	p.change(func(a *account) { a.Refresh = "" })
	status, out, errOut := s.client([]func() string{p.code("bob@example.org", 7)})
	if status != 0 || !p.file("config.json").signedIn() {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
}

// Using a refresh token twice ends the session, for the thief and for the owner. The owner gets
// a mail and signs in again.
func TestStolenRefreshToken(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-030")
	each(t, func(t *testing.T, p *place) {
		s := p.serve()
		stolen := s.signIn("ada@example.org", 1)
		p.clock.advance(time.Hour)
		s.silent()
		p.clock.advance(time.Hour)
		s.want(s.refreshed(string(stolen.Refresh)), 400, "invalid_grant")
		s.want(s.send("GET", "/identity", string(p.file("config.json").Access), ""), 401, "")
		if mail := p.letter("ada@example.org", 2); !strings.Contains(mail.Text, "stolen") {
			t.Errorf("%s", mail.Text)
		}
		status, out, errOut := s.client([]func() string{p.code("ada@example.org", 3)})
		if status != 0 || !strings.Contains(out, "has ended. Signing in again.") {
			t.Errorf("status %d: %s%s", status, out, errOut)
		}
		s.silent()
	})
	// The thief is faster.
	p := newPlace(t)
	s := p.serve()
	stolen := s.signIn("ada@example.org", 1)
	thief := s.want(s.refreshed(string(stolen.Refresh)), 200, "")
	s.want(s.refreshed(thief.get("refresh_token")), 200, "")
	p.clock.advance(time.Hour)
	if status, out, errOut := s.client(nil); status == 0 || !strings.Contains(out, "has ended") ||
		!strings.Contains(errOut, "nobody answers") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	s.want(s.send("GET", "/auth/whoami", thief.get("access_token"), ""), 401, "")
}

// A client was killed after the server used its refresh token and before the next one was
// stored. It starts again as if nothing had happened.
func TestKilledWhileRefreshing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.serve()
	s.signIn("ada@example.org", 1)
	p.clock.advance(time.Hour)
	before := p.file("config.json")
	s.silent()
	p.change(func(a *account) { *a = before })
	s.silent()
	p.clock.advance(time.Hour)
	s.silent()
}

// Tokens that the server refuses are refreshed or replaced, whatever they look like. The client
// does not look into them.
func TestTokensThatAreNone(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-091")
	p := newPlace(t)
	s := p.serve()
	s.signIn("ada@example.org", 1)
	for _, bad := range []secret{"", "x", "a.b.c", secret(
		hs256(`{"email":"ada@example.org"}`, "changethis"),
	), secret(segment(`{"email":"ada@example.org"}`))} {
		p.change(func(a *account) { a.Access = bad })
		s.silent()
		if got := p.file("config.json").Access; got == bad || got == "" {
			t.Errorf("%q was not refreshed", string(bad))
		}
	}
	p.change(func(a *account) { a.Access, a.Refresh = "a.b.c", "x" })
	status, out, errOut := s.client([]func() string{p.code("ada@example.org", 2)})
	if status != 0 || !strings.Contains(out, "has ended") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
}

// Tokens of another address than the one in the file are not used.
func TestTokensOfAnother(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-031", "syftbox-100")
	p := newPlace(t)
	s := p.serve()
	bob := s.signIn("bob@example.org", 1, "--config", "bob.json")
	s.signIn("ada@example.org", 1)
	p.change(func(a *account) { a.Access, a.Refresh = bob.Access, bob.Refresh })
	status, out, errOut := s.client([]func() string{p.code("ada@example.org", 2)})
	if status != 0 || !strings.Contains(out, "of bob@example.org, not of ada@example.org") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	s.silent()
	s.want(s.send("GET", "/identity", string(p.file("config.json").Access), ""), 200, "ada@example.org")

	// If a server gives tokens of somebody else, they are not kept.
	odd := newFake(t, map[string]string{
		"/auth/email-codes": `{"flow_id":"f","flow_secret":"s","code":{"length":8,"alphabet":"B"},` +
			`"expires_in":600,"resend_after":60,"dev_code":"BBBB-BBBB"}`,
		"/auth/token": `{"access_token":"a","refresh_token":"r"}`,
		"/identity":   `{"email":"eve@example.org\u001b[2J"}`,
	})
	status, _, errOut = p.command(
		"client", "--dev", "--server", odd.URL, "--email", "ada@example.org", "--config", "odd.json",
	)
	if status == 0 || !strings.Contains(errOut, "tokens of eve@example.org") || strings.Contains(errOut, "\x1b") {
		t.Errorf("status %d: %q", status, errOut)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "odd.json")); err == nil {
		t.Error("the tokens were kept")
	}
}

// fake is a server with given answers. Other requests, and answers that begin with a number,
// fail.
type fake struct {
	*httptest.Server
	mu    sync.Mutex
	calls []string
}

func newFake(t *testing.T, answers map[string]string) *fake {
	f := &fake{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.calls = append(f.calls, r.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		answer := answers[r.URL.Path]
		switch {
		case strings.HasPrefix(answer, "http"):
			http.Redirect(w, r, answer, http.StatusTemporaryRedirect)
			return
		case answer == "":
			w.WriteHeader(http.StatusInternalServerError)
		case strings.HasPrefix(answer, "503"):
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) called() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// A server in trouble is no reason to sign in again: no mail is sent, and the file stays.
func TestOutageIsNoSignOut(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-032")
	p := newPlace(t)
	gone := newFake(t, nil)
	gone.Close()
	elsewhere := newFake(t, map[string]string{"/identity": `{"email":"ada@example.org"}`})
	for how, f := range map[string]*fake{
		"broken":          newFake(t, nil),
		"overloaded":      newFake(t, map[string]string{"/identity": "503"}),
		"no syftbox":      newFake(t, map[string]string{"/identity": "<html>"}),
		"nobody":          newFake(t, map[string]string{"/identity": "{}"}),
		"elsewhere":       newFake(t, map[string]string{"/identity": elsewhere.URL + "/identity"}),
		"gone altogether": gone,
	} {
		text := `{"server_url":"` + f.URL + `","email":"ada@example.org","access_token":"a","refresh_token":"r"}`
		p.write("config.json", text, 0o600)
		status, out, errOut := p.command("client")
		if status == 0 || out != "" || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%s: status %d: %s%s", how, status, out, errOut)
		}
		for _, path := range f.called() {
			if path != "/identity" {
				t.Errorf("%s: %s was called", how, path)
			}
		}
		if now, err := os.ReadFile(filepath.Join(p.dir, "config.json")); err != nil || string(now) != text {
			t.Errorf("%s: %s %v", how, now, err)
		}
	}
	if len(elsewhere.called()) > 0 {
		t.Error("a token went along with a redirect")
	}
	// The token endpoint is in trouble after a 401.
	p.write("config.json", `{"server_url":"`+gone.URL+`","email":"ada@example.org","refresh_token":"r"}`, 0o600)
	busy := newFake(t, map[string]string{"/auth/token": "503"})
	p.change(func(a *account) { a.Server = busy.URL })
	if status, out, _ := p.command("client"); status == 0 || out != "" || len(busy.called()) != 1 {
		t.Errorf("status %d: %s, %v", status, out, busy.called())
	}
}

// Wrong codes have a limit, input that can't be a code is not sent, and the user can get
// another mail.
func TestWrongCodes(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-033", "syftbox-053", "syftbox-102")
	p := newPlace(t)
	s := p.serve()
	wrong := says("BBBB-BBBB")
	status, out, errOut := s.client([]func() string{
		says(""), says("1234-5678"), says("BBBB"), wrong, wrong, wrong, wrong, func() string {
			return strings.ToLower(p.letter("ada@example.org", 1).Code)
		},
	}, "--email", "ada@example.org")
	if status != 0 || strings.Count(out, "That code is wrong") != 4 || strings.Count(
		out, "A code has 8 characters",
	) != 2 || !strings.Contains(out, "Another mail can be asked for in 60 seconds") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	status, out, errOut = s.client(
		[]func() string{wrong, wrong, wrong, wrong, wrong}, "--email", "bob@example.org", "--config", "bob.json",
	)
	if status == 0 || !strings.Contains(errOut, "that code is wrong") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	for _, first := range []func() string{wrong, says("BBBB")} {
		status, out, errOut = s.client(
			[]func() string{first}, "--email", "eve@example.org", "--config", "eve.json", "--quiet",
		)
		if status == 0 || !strings.Contains(errOut, "that code is wrong") || strings.Contains(out, "mail with a code") {
			t.Errorf("status %d: %s%s", status, out, errOut)
		}
	}
	many := make([]func() string, maxAnswers)
	for i := range many {
		many[i] = says("?")
	}
	if status, _, errOut = s.client(
		many, "--email", "eve@example.org", "--config", "eve.json",
	); status == 0 || !strings.Contains(errOut, "no code was given") {
		t.Errorf("status %d: %s", status, errOut)
	}
	if status, _, errOut = s.client(
		[]func() string{says(""), says("x"), says("y"), says("z@"), says("@")}, "--config", "none.json",
	); status == 0 || !strings.Contains(errOut, "ada@example.org") {
		t.Errorf("status %d: %s", status, errOut)
	}
	for _, name := range []string{"bob.json", "eve.json", "none.json"} {
		if _, err := os.Stat(filepath.Join(p.dir, name)); err == nil {
			t.Errorf("%s is there", name)
		}
	}
}

// Another mail, an expired code, and the link of the mail instead of the code.
func TestOtherWaysToTheCode(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.serve()
	later := func(by time.Duration, then func() string) func() string {
		return func() string { p.clock.advance(by); return then() }
	}
	first := func() string { return p.letter("ada@example.org", 1).Code }
	status, out, errOut := s.client([]func() string{later(time.Minute+time.Second, says("")), func() string {
		p.letter("ada@example.org", 2)
		return first()
	}, p.code("ada@example.org", 2)}, "--email", "ada@example.org")
	if status != 0 || !strings.Contains(out, "another mail is on its way") ||
		strings.Count(out, "That code is wrong") != 1 {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	status, out, errOut = s.client([]func() string{func() string {
		return later(10*time.Minute, says(p.letter("bob@example.org", 1).Code))()
	}, p.code("bob@example.org", 2)}, "--email", "bob@example.org", "--config", "bob.json")
	if status != 0 || strings.Count(out, "The code has expired") != 1 {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	expired := later(10*time.Minute, says("BBBB-BBBB"))
	status, out, errOut = s.client(
		[]func() string{expired, expired, expired}, "--email", "dan@example.org", "--config", "dan.json",
	)
	if status == 0 || !strings.Contains(errOut, "the code has expired") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	status, out, errOut = s.client([]func() string{func() string {
		return s.url + "/auth/link#token=" + p.letter("eve@example.org", 1).Token + "&for=sign_in"
	}}, "--email", "eve@example.org", "--config", "eve.json")
	if status != 0 {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
}

// The user of a disabled account is told so after the right code, and is not asked again.
func TestDisabledAccount(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.serve()
	s.signIn("ada@example.org", 1)
	accounts := p.accounts()
	op := accounts.Operator("test")
	u, err := accounts.UserByLogin(t.Context(), op, "ada@example.org")
	if err == nil {
		off := auth.StatusDisabled
		_, err = accounts.UpdateUser(t.Context(), op, u.ID, auth.UserPatch{Status: &off})
	}
	if err != nil {
		t.Fatal(err)
	}
	status, out, errOut := s.client([]func() string{p.code("ada@example.org", 2)})
	if status == 0 || !strings.Contains(errOut, "disabled") || !strings.Contains(out, "has ended") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
}

// Flags win: tokens of another address or server are not used, and the client says so.
func TestFlagsAreMeant(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-035")
	p := newPlace(t)
	s := p.serve()
	s.signIn("ada@example.org", 1)
	status, out, errOut := s.client([]func() string{p.code("bob@example.org", 1)}, "--email", "bob@example.org")
	if status != 0 || !strings.Contains(out, "Signing in as bob@example.org") ||
		!strings.Contains(out, "in place of ada@example.org") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	if a := p.file("config.json"); a.Email != "bob@example.org" {
		t.Errorf("%v", a)
	}
	s.silent()
	other := newFake(t, nil)
	status, out, _ = p.command("client", "--server", other.URL)
	if status == 0 || !strings.Contains(out, "at "+other.URL) || len(other.called()) != 1 ||
		other.called()[0] != "/auth/email-codes" {
		t.Errorf("status %d: %s %v", status, out, other.called())
	}
	s.silent("--server", s.url+"/") // the same server
	s.silent("--server", strings.ToUpper(s.url[:4])+s.url[4:])
}

// Address and server come from the older file. Its token is not used, and the file stays.
func TestOlderFile(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-037")
	p := newPlace(t)
	s := p.serve()
	old := `{"server_url":"` + s.url + `","email":"Ada@example.org","access_token":"` + hs256("{}", "x") +
		`","data_dir":"/box"}`
	p.write(legacyName, old, 0o644)
	status, out, errOut := p.talk([]func() string{p.code("ada@example.org", 1)}, "client")
	if status != 0 || p.file("config.json").Email != "ada@example.org" || p.file("config.json").Server != s.url {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	if now, err := os.ReadFile(filepath.Join(p.dir, legacyName)); err != nil || string(now) != old {
		t.Errorf("%s %v", now, err)
	}
	s.silent()
}

// login prints what client does not. With --quiet it prints nothing either.
func TestLogin(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-087", "syftbox-088")
	p := newPlace(t)
	s := p.serve()
	status, out, errOut := p.talk(
		[]func() string{p.code("ada@example.org", 1)}, "login", "--server", s.url, "--email", "ada@example.org",
	)
	if status != 0 || strings.Contains(out, "Already") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	a := p.file("config.json")
	for range 2 {
		status, out, errOut = p.command("login")
		if status != 0 || !strings.Contains(out, "Already logged in: ada@example.org at "+s.url) ||
			!strings.Contains(out, "config.json") || errOut != "" || strings.Contains(out, string(a.Access)) {
			t.Errorf("status %d: %s%s", status, out, errOut)
		}
		if status, out, errOut = p.command("login", "--quiet"); status != 0 || out+errOut != "" {
			t.Errorf("status %d: %s%s", status, out, errOut)
		}
	}
}

// Without a person, environment variables answer. The access token is used and not stored; the
// refresh token starts a file.
func TestHeadless(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.serve()
	got := s.tokens("ada@example.org", 1)
	api := s.want(
		s.send("POST", "/auth/users/me/tokens", got.get("access_token"), `{"name":"box","scopes":[]}`), 201, "hp_api_",
	).get("token")
	for _, token := range []string{got.get("access_token"), api} {
		p.vars["SYFTBOX_ACCESS_TOKEN"] = token
		s.silent()
		s.silent("--email", "ada@example.org")
		if status, _, errOut := s.client(
			nil, "--email", "bob@example.org",
		); status == 0 || !strings.Contains(errOut, "is of ada@example.org, not of bob@example.org") {
			t.Errorf("status %d: %s", status, errOut)
		}
	}
	p.vars["SYFTBOX_ACCESS_TOKEN"] = "not-to-be-shown"
	if status, out, errOut := s.client(nil); status == 0 || !strings.Contains(
		errOut, "SYFTBOX_ACCESS_TOKEN: the server answers 401",
	) || strings.Contains(out+errOut, "not-to-be-shown") {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	if left, err := filepath.Glob(filepath.Join(p.dir, "config*")); err != nil || len(left) > 0 {
		t.Errorf("it left %v %v", left, err)
	}
	delete(p.vars, "SYFTBOX_ACCESS_TOKEN")
	p.vars["SYFTBOX_REFRESH_TOKEN"] = got.get("refresh_token")
	s.silent()
	if a := p.file("config.json"); a.Email != "ada@example.org" || a.Refresh == secret(got.get("refresh_token")) {
		t.Errorf("%v", a)
	}
	p.clock.advance(time.Hour)
	s.silent() // the file's own, which is newer
	s.silent()
	if n := len(p.box.All()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// If nobody can answer, nothing is asked and no mail is sent.
func TestNobodyAtTheTerminal(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.serve()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	closed, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(closed.Close()); err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, in := range []*os.File{null, closed} {
		var out, errOut bytes.Buffer
		status := p.env(t.Context(), in, &out, &errOut).run(
			[]string{"client", "--server", s.url, "--email", "ada@example.org"},
		)
		if status == 0 || out.Len() > 0 || !strings.Contains(errOut.String(), "SYFTBOX_ACCESS_TOKEN") {
			t.Errorf("status %d: %s%s", status, &out, &errOut)
		}
	}
	s.begin("bob@example.org")
	p.letter("bob@example.org", 1)
	if n := len(p.box.All()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// A user who leaves instead of answering leaves nothing behind, and no other client waits.
func TestLeavingTheTerminal(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.serve()
	ctx, cancel := context.WithCancel(t.Context())
	q := &person{
		answers: []func() string{func() string { cancel(); <-t.Context().Done(); return "" }}, typed: make(chan string),
	}
	var errOut bytes.Buffer
	if status := p.env(ctx, q, q, &errOut).run(
		[]string{"client", "--server", s.url, "--email", "ada@example.org"},
	); status == 0 {
		t.Error("status 0")
	}
	if _, err := os.Stat(filepath.Join(p.dir, "config.json")); err == nil {
		t.Error("there is a file")
	}
	s.signIn("ada@example.org", 2)
}

// Two clients that share a file both end up signed in, whether they sign in or refresh: with
// one mail, one session and no theft.
func TestClientsShareAFile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *place) {
		s := p.serve()
		asked := make(chan struct{})
		var wait sync.WaitGroup
		wait.Go(func() {
			status, out, errOut := s.client([]func() string{
				func() string { close(asked); return p.letter("ada@example.org", 1).Code },
			}, "--email", "ada@example.org")
			if status != 0 {
				t.Errorf("status %d: %s%s", status, out, errOut)
			}
		})
		<-asked // the first one has the file
		for range 4 {
			wait.Go(func() { s.silentOrWaiting("--email", "ada@example.org") })
		}
		wait.Wait()
		for range 3 {
			p.clock.advance(time.Hour)
			for range 6 {
				wait.Go(func() { s.silentOrWaiting() })
			}
			wait.Wait()
		}
		a := p.file("config.json")
		var sessions struct{ Items []json.RawMessage }
		r := s.want(s.send("GET", "/auth/users/me/sessions", string(a.Access), ""), 200, "")
		if err := json.Unmarshal([]byte(r.text), &sessions); err != nil || len(sessions.Items) != 1 ||
			len(p.box.All()) != 1 {
			t.Errorf("%d sessions, %d mails, %v", len(sessions.Items), len(p.box.All()), err)
		}
	})
}

// silentOrWaiting checks clients that may have to wait for another one.
func (s *serving) silentOrWaiting(args ...string) {
	status, out, errOut := s.client(nil, args...)
	for line := range strings.Lines(out + errOut) {
		if !strings.HasPrefix(line, "Another syftbox works with") {
			status = 1
		}
	}
	if status != 0 {
		s.t.Errorf("status %d: %s%s", status, out, errOut)
	}
}
