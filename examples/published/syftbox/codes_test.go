package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
)

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, p *place)) {
	t.Helper()
	for name, newPlace := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newPlace(t))
		})
	}
}

// A mailed code signs in once, and makes the account.
func TestCodeSignsInOnce(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-006", "syftbox-012", "syftbox-040", "syftbox-045", "syftbox-049", "syftbox-050",
		"syftbox-075", "syftbox-085")
	each(t, func(t *testing.T, p *place) {
		s := p.serve()
		flow := s.begin("ada@example.org")
		var form struct {
			Code struct {
				Length   int
				Alphabet string
			}
			ExpiresIn int `json:"expires_in"`
		}
		if err := json.Unmarshal([]byte(flow.text), &form); err != nil || form.Code.Length != 8 ||
			len(form.Code.Alphabet) != 20 || form.ExpiresIn != 600 {
			t.Errorf("%s %v", flow.text, err)
		}
		mail := p.letter("ada@example.org", 1)
		if len(mail.Code) != 9 || strings.Trim(mail.Code, form.Code.Alphabet+"-") != "" ||
			!strings.Contains(mail.Text, "10 minutes") || !strings.Contains(mail.HTML, mail.Code) {
			t.Errorf("%s", mail.Text)
		}
		got := s.want(
			s.finish(flow, " "+strings.ToLower(strings.ReplaceAll(mail.Code, "-", ""))+" "), 200, `"expires_in":900`,
		)
		s.want(s.send("GET", "/identity", got.get("access_token"), ""), 200, `"email":"ada@example.org"`)
		s.want(s.send("GET", "/auth/users/me/sessions", got.get("access_token"), ""), 200, `"expires_at"`)
		for range 2 {
			s.want(s.finish(flow, mail.Code), 400, "invalid_grant")
		}
		s.want(s.send(
			"POST", "/auth/token", "", `{"grant_type":"`+grantCode+`","token":"`+mail.Token+`"}`,
		), 400, "invalid_grant")
	})
}

// Only plain addresses with a dot in their domain are accepted, and no account has another.
func TestAddresses(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-003", "syftbox-042", "syftbox-060", "syftbox-061")
	p := newPlace(t)
	s := p.serve()
	for _, bad := range []string{
		"", "ada", "@example.org", "ada@", "a b@example.org", "Ada <ada@example.org>", "<ada@example.org>",
		"ada@example.org(x)", "ada@exa_mple.org", "ada@example..org",
		".ada@example.org", "ada@example.org,bob@example.org", `\"<b>\"@example.org`,
		"ada@example.org\\r\\nBcc: eve@example.org", "ada@éxample.org", strings.Repeat("a", 65) + "@example.org",
	} {
		r := s.want(
			s.send("POST", "/auth/email-codes", "", `{"email":"`+bad+`","purpose":"sign_in"}`), 422, `"field":"email"`,
		)
		if r.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%v", r.header)
		}
	}
	s.want(s.send("POST", "/auth/email-codes", "", `{"purpose":"sign_in"}`), 422, "email")
	for i, good := range []string{
		"ada+tag@example.org", "a.d.a@example.org", "a-d-a@ex-ample.org", "ada@box.dept.example.org",
	} {
		s.tokens(good, 1)
		if len(p.box.All()) != i+1 {
			t.Errorf("%s: %d mails", good, len(p.box.All()))
		}
	}
	r := s.finish(s.begin("ada@localhost"), p.letter("ada@localhost", 1).Code)
	s.want(r, 400, "email: invalid")
}

// An address gets only a few mails, however often somebody asks, and the answers do not show
// it.
func TestMailsToOneAddressAreFew(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-005")
	p := newPlace(t)
	s := p.serve()
	for range 40 {
		s.begin("ada@example.org")
	}
	s.begin("bob@example.org")
	p.letter("bob@example.org", 1) // after all others
	if n := len(p.box.To("ada@example.org")); n != 5 {
		t.Errorf("%d mails", n)
	}
}

// The answer does not show whether there is an account, and asking makes none.
func TestAskingTellsNothing(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-047")
	p := newPlace(t)
	s := p.serve()
	s.tokens("ada@example.org", 1)
	shape := func(r reply) string {
		var m map[string]any
		if err := json.Unmarshal([]byte(r.text), &m); err != nil {
			t.Fatal(err)
		}
		delete(m, "flow_id")
		delete(m, "flow_secret")
		r.header.Del("Date")
		r.header.Del("Content-Length")
		return fmt.Sprint(r.status, m, r.header)
	}
	if a, b := shape(s.begin("ada@example.org")), shape(s.begin("new@example.org")); a != b {
		t.Errorf("%s\n%s", a, b)
	}
	accounts := p.accounts()
	if _, err := accounts.UserByLogin(
		t.Context(), accounts.Operator("test"), "new@example.org",
	); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("asking made an account: %v", err)
	}
}

// A flow accepts the code of its own mail, with five tries, and no code of another flow,
// purpose or kind.
func TestCodeBelongsToItsFlow(t *testing.T) {
	t.Parallel()
	behaviours.Shows(
		t, "syftbox-007", "syftbox-010", "syftbox-046", "syftbox-051", "syftbox-053", "syftbox-055", "syftbox-064",
	)
	each(t, func(t *testing.T, p *place) {
		s := p.serve()
		ada := s.tokens("ada@example.org", 1)
		mine := s.begin("ada@example.org")
		mineCode := p.letter("ada@example.org", 2).Code
		strangers := s.begin("ada@example.org")
		bobs := s.begin("bob@example.org")
		bobsCode := p.letter("bob@example.org", 1).Code
		for _, wrong := range []string{bobsCode, ada.get("access_token"), "1234", "BBBB-BBBB-BBBB"} {
			s.want(s.finish(strangers, wrong), 400, "invalid_grant")
		}
		s.want(s.finish(strangers, mineCode), 400, "invalid_grant")
		// the right code, after five tries
		s.want(s.finish(strangers, p.letter("ada@example.org", 3).Code), 400, "invalid_grant")
		s.want(s.finish(bobs, mineCode), 400, "invalid_grant")
		s.want(s.finish(bobs, bobsCode), 200, "access_token")
		s.want(s.finish(mine, mineCode), 200, "access_token") // whatever strangers did

		s.want(s.send("GET", "/identity", ada.get("refresh_token"), ""), 401, "token_invalid")
		s.want(s.refreshed(ada.get("access_token")), 400, "invalid_grant")
		s.want(s.send("GET", "/identity", mine.get("flow_secret"), ""), 401, "token_invalid")
	})
}

// A code is valid for ten minutes. An expired code is answered like a wrong one.
func TestCodeExpires(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-008", "syftbox-054")
	p := newPlace(t)
	s := p.serve()
	early, late := s.begin("ada@example.org"), s.begin("bob@example.org")
	inTime, tooLate := p.letter("ada@example.org", 1).Code, p.letter("bob@example.org", 1).Code
	p.clock.advance(9*time.Minute + 50*time.Second)
	s.want(s.finish(early, inTime), 200, "access_token")
	wrong := s.finish(late, "BBBB-BBBB")
	p.clock.advance(10 * time.Second)
	if expired := s.finish(late, tooLate); expired.text != wrong.text || expired.status != 400 ||
		expired.get("error") != "invalid_grant" {
		t.Errorf("%s, wrong %s", expired.text, wrong.text)
	}
}

// If many use a code at once, one wins.
func TestCodeHasOneWinner(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-056")
	each(t, func(t *testing.T, p *place) {
		s := p.serve()
		flow := s.begin("ada@example.org")
		code := p.letter("ada@example.org", 1).Code
		var won atomic.Int32
		var wait sync.WaitGroup
		for range 16 {
			wait.Go(func() {
				if s.finish(flow, code).status == 200 {
					won.Add(1)
				}
			})
		}
		wait.Wait()
		if won.Load() != 1 {
			t.Errorf("%d won", won.Load())
		}
	})
}

// A mailed code is valid after a restart, and mail that could not be sent goes out later.
func TestCodesSurvive(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-048", "syftbox-043")
	each(t, func(t *testing.T, p *place) {
		s := p.serve()
		flow := s.begin("ada@example.org")
		code := p.letter("ada@example.org", 1).Code
		s.end()
		s = p.serve()
		s.want(s.finish(flow, code), 200, "access_token")

		tried := make(chan struct{}, 16)
		p.box.FailWith(func(mail.Message) error { tried <- struct{}{}; return errors.New("550 text of the provider") })
		flow = s.begin("bob@example.org")
		<-tried
		if strings.Contains(flow.text, "provider") {
			t.Error(flow.text)
		}
		p.box.FailWith(nil)
		p.clock.advance(10 * time.Second)
		s.begin("eve@example.org") // which wakes whoever sends
		s.want(s.finish(flow, p.letter("bob@example.org", 1).Code), 200, "access_token")
	})
}

// An address is one identity however it is written, and the answer has its canonical form.
func TestAddressesAreComparedWithoutCase(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-013", "syftbox-058")
	p := newPlace(t)
	s := p.serve()
	first := s.tokens("Alice@Example.com", 1).get("access_token")
	second := s.want(
		s.finish(s.begin("alice@example.COM"), p.letter("Alice@Example.com", 2).Code), 200, "",
	).get("access_token")
	a, b := s.send("GET", "/identity", first, ""), s.send("GET", "/identity", second, "")
	if a.text != b.text || a.get("email") != "alice@example.com" {
		t.Errorf("%s %s", a.text, b.text)
	}
	status, out, errOut := s.client([]func() string{p.code("Alice@Example.com", 3)}, "--email", "ALICE@example.com")
	if status != 0 || p.file("config.json").Email != "alice@example.com" {
		t.Errorf("status %d: %s%s", status, out, errOut)
	}
	p.clock.advance(time.Hour)
	s.silent("--email", "Alice@Example.com")
}

// A flow can get another mail after a minute of the server's clock. The earlier code is no
// longer valid, and the tries go on.
func TestResending(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-084")
	p := newPlace(t)
	s := p.serve()
	flow := s.begin("ada@example.org")
	resend := func() reply {
		return s.want(s.send("POST", "/auth/email-codes/"+flow.get("flow_id")+
			"/resend", "", `{"flow_secret":"`+flow.get("flow_secret")+`"}`), 202, "resend_after")
	}
	first := p.letter("ada@example.org", 1).Code
	resend()
	p.clock.advance(59 * time.Second)
	resend()
	p.clock.advance(time.Second)
	resend()
	second := p.letter("ada@example.org", 2).Code
	if n := len(p.box.All()); n != 2 || first == second {
		t.Errorf("%d mails, codes %s and %s", n, first, second)
	}
	s.want(s.finish(flow, first), 400, "invalid_grant")
	s.want(s.finish(flow, second), 200, "access_token")
}

// Only this server sends mail through it.
func TestNoMailForOthers(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-027")
	s := newPlace(t).serve()
	token := s.tokens("ada@example.org", 1).get("access_token")
	for _, token := range []string{"", token} {
		for _, path := range []string{"/emails/", "/emails", "/auth/emails"} {
			s.want(s.send("POST", path, token, `{"to":"bob@example.org","subject":"x","html":"<a>"}`), 404, "not_found")
		}
	}
	if n := len(s.box.All()); n != 1 {
		t.Errorf("%d mails", n)
	}
}
