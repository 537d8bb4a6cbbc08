package httpadapter_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/httpadapter"
)

var changing = regexp.MustCompile(`"flow_id":"[0-9a-f-]{36}"|hp_flo_[0-9A-Za-z]{49}`)

// alike compares answers but for what is random in each.
func alike(t *testing.T, what string, a, b answer) {
	t.Helper()
	a.body, b.body = changing.ReplaceAllString(a.body, "…"), changing.ReplaceAllString(b.body, "…")
	sameAnswer(t, what, a, b)
}

// people are the addresses that must not be told apart, with what makes each of them special.
var people = []string{"ada@example.org", "nobody@example.org", "off@example.org", "wait@example.org",
	"busy@example.org", "root@example.org", "nopass@example.org"}

// furnish makes the people. busy has had all the mail that one gets.
func (w *mailWorld) furnish() {
	w.t.Helper()
	ctx, op := w.t.Context(), w.accounts.Operator("test")
	for _, email := range people {
		if email == "nobody@example.org" {
			continue
		}
		u := w.member(email)
		patch := auth.UserPatch{}
		switch email {
		case "off@example.org":
			s := auth.StatusDisabled
			patch.Status = &s
		case "wait@example.org":
			s := auth.StatusPending
			patch.Status = &s
		case "root@example.org":
			patch.Roles = &[]string{"admin", "user"}
		case "nopass@example.org":
			_, err := w.st.Auth().UpdateAccount(
				ctx, u.ID, func(a *auth.Account) error { a.PasswordHash = ""; return nil },
			)
			if err != nil {
				w.t.Fatal(err)
			}
		}
		if _, err := w.accounts.UpdateUser(ctx, op, u.ID, patch); err != nil {
			w.t.Fatal(err)
		}
	}
	for range 6 {
		w.begin("busy@example.org", "sign_in")
	}
}

// starts are all ways to begin a flow that somebody who is not signed in has.
var starts = map[string]func(email string, n int) (path, body string){
	"sign in": func(email string, _ int) (string, string) {
		return "/auth/email-codes", `{"email":"` + email + `","purpose":"sign_in"}`
	},
	"verify": func(email string, _ int) (string, string) {
		return "/auth/email-codes", `{"email":"` + email + `","purpose":"verify_email"}`
	},
	"reset": func(email string, _ int) (string, string) {
		return "/auth/email-codes", `{"email":"` + email + `","purpose":"reset_password"}`
	},
	"sign up": func(email string, n int) (string, string) {
		return "/auth/users", fmt.Sprintf(`{"username":"newcomer%d","email":"%s","password":"%s"}`, n, email, pass)
	},
}

func proving(c *auth.Config, _ *httpadapter.Config) {
	c.Settings.EmailProof = policy.EmailProofRequired
	c.Limits.MailNetwork = limit.Limit{Burst: 1_000_000, Interval: time.Millisecond}
	c.Limits.SignUp = c.Limits.MailNetwork
}

func TestSec_EN04_EN05_StartsAnswerAlike(t *testing.T) {
	t.Parallel()
	w := setupMail(t, proving)
	w.furnish()
	n := 0
	for name, start := range starts {
		var first answer
		for _, email := range people {
			for range 2 {
				path, body := start(email, n)
				n++
				a := w.do("POST", path, body)
				w.want(a, 202, "")
				if first.status == 0 {
					first = a
				}
				alike(t, name+" of "+email, first, a)
				// Sending another one tells no more.
				again := w.do("POST", "/auth/email-codes/"+a.get(t, "flow_id").(string)+
					"/resend", `{"flow_secret":"`+a.get(t, "flow_secret").(string)+`"}`)
				w.want(again, 202, "")
				if again.get(t, "resend_after") != 60.0 {
					t.Errorf("%s of %s: %s", name, email, again.body)
				}
				// Nor does a wrong code, whether there is a right one or not.
				wrong := w.do("POST", "/auth/email-verifications", `{`+proof(t, a, "BBBB-BBBB")+`}`)
				w.want(wrong, 401, "bad_credentials")
			}
		}
	}
	// After a minute, and when the address has had enough, the answers to a resend are still
	// alike.
	w.clock.Advance(61 * time.Second)
	var first answer
	for _, email := range people {
		f := w.begin(email, "sign_in")
		w.clock.Advance(61 * time.Second)
		a := w.do("POST", "/auth/email-codes/"+f.get(t, "flow_id").(string)+
			"/resend", `{"flow_secret":"`+f.get(t, "flow_secret").(string)+`"}`)
		w.want(a, 202, "")
		// the old code lives on where no other was mailed
		a.body = strings.ReplaceAll(a.body, `"expires_in":539`, `"expires_in":600`)
		if first.status == 0 {
			first = a
		}
		alike(t, "resend to "+email, first, a)
	}
}

// Starting takes as long for every address: the medians are within a tenth of each other. Where
// the machine was busy the test measures again what was off; a step that only some addresses
// take would be off each time.
func TestSec_EN05_StartsTakeAsLong(t *testing.T) {
	const rounds, samples = 20, 60
	for name, start := range starts {
		off := map[string]string{}
		for _, email := range people[1:] {
			off[email] = ""
		}
		for range rounds {
			took := timeStarts(t, start, samples, off)
			base := median(took[people[0]])
			for email := range off {
				ratio := median(took[email]).Seconds() / base.Seconds()
				off[email] = fmt.Sprintf("takes %.2f of %v", ratio, base)
				if ratio > 0.9 && ratio < 1.1 {
					delete(off, email)
				}
			}
			if len(off) == 0 {
				break
			}
		}
		if len(off) > 0 {
			t.Errorf("%s, in the end: %v", name, off)
		}
	}
}

// timeStarts begins flows for a known address and those in others, in changing order, on a
// store that does not grow.
func timeStarts(
	t *testing.T, start func(string, int) (string, string), samples int, others map[string]string,
) map[string][]time.Duration {
	t.Helper()
	w := setupMail(t, proving)
	w.furnish()
	emails := append([]string{people[0]}, slices.Collect(maps.Keys(others))...)
	took := map[string][]time.Duration{}
	for n := range samples {
		for _, i := range rand.Perm(len(emails)) {
			path, body := start(emails[i], n)
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			rec := httptest.NewRecorder()
			begin := time.Now()
			w.mux.ServeHTTP(rec, r)
			took[emails[i]] = append(took[emails[i]], time.Since(begin))
			if rec.Code != 202 {
				t.Fatalf("%d %s", rec.Code, rec.Body)
			}
			next := w.clock.Now().AddDate(1, 0, 0)
			if _, err := w.st.Auth().Flows().DeleteExpiredFlows(t.Context(), next, 1000); err != nil {
				t.Fatal(err)
			}
			if _, err := w.accounts.Outbox.Deliver(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return took
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

// stuckMailer never answers.
type stuckMailer struct{ asked chan struct{} }

func (m stuckMailer) Send(ctx context.Context, _ mail.Message) error {
	m.asked <- struct{}{}
	<-ctx.Done()
	return ctx.Err()
}

// A mail server that is stuck holds up nobody: requests do not wait for mail.
func TestSec_F21_SlowMailSlowsNoRequest(t *testing.T) {
	t.Parallel()
	stuck := stuckMailer{make(chan struct{}, 100)}
	w := setupMail(t, func(c *auth.Config, _ *httpadapter.Config) { c.Mailer = stuck })
	w.member("ada@example.org")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = w.accounts.Run(ctx) }()
	for i := range 20 {
		a := w.do("POST", "/auth/email-codes", `{"email":"ada@example.org","purpose":"sign_in"}`)
		w.want(a, 202, "")
		if i == 0 {
			<-stuck.asked // the first mail hangs by now
		}
	}
	w.want(w.do("POST", "/auth/sessions", `{"login":"ada","password":"`+pass+`"}`), 201, "")
	cancel()
	<-ended
}

func TestSec_EN06_NoWayToAskForNames(t *testing.T) {
	t.Parallel()
	w := setupMail(t, func(c *auth.Config, _ *httpadapter.Config) {
		c.Limits.SignUp = limit.Limit{Burst: 3, Interval: time.Minute}
	})
	w.member("ada@example.org")
	for _, path := range []string{"/auth/users/%s", "/auth/users?q=%s", "/auth/people?q=%s", "/auth/usernames/%s",
		"/auth/users/%s/available", "/auth/email-codes?email=%s@example.org"} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			taken, free := w.do(method, fmt.Sprintf(path, "ada"), ""), w.do(method, fmt.Sprintf(path, "nobody"), "")
			sameAnswer(t, method+" "+path, taken, free)
			if taken.status < 400 {
				t.Errorf("%s %s: %d", method, path, taken.status)
			}
		}
	}
	// Signing up tells that a username is taken, and not often.
	for range 3 {
		w.want(w.do("POST", "/auth/users", `{"username":"ada","password":"`+pass+`"}`), 409, "username_taken")
	}
	w.want(w.do("POST", "/auth/users", `{"username":"ada","password":"`+pass+`"}`), 429, "too_many_attempts")
}

func TestSec_CK05_OtherSitesSendNoMail(t *testing.T) {
	t.Parallel()
	w := setupMail(t)
	w.member("ada@example.org")
	foreign := []with{header("Origin", "https://evil.example"), header("Sec-Fetch-Site", "cross-site")}
	w.want(w.do(
		"POST", "/auth/email-codes", `{"email":"ada@example.org","purpose":"sign_in"}`, foreign...,
	), 403, "cross_origin")
	f := w.begin("ada@example.org", "sign_in")
	l := w.letter("ada@example.org")
	for path, body := range map[string]string{
		"/auth/sessions": `{` + proof(t, f, l.Code) + `}`, "/auth/email-verifications": `{"token":"` + l.Token + `"}`,
		"/auth/password-resets":    `{"token":"` + l.Token + `","password":"` + pass + `"}`,
		"/auth/invitations/accept": `{"token":"x"}`,
		"/auth/email-codes/" + f.get(t, "flow_id").(string) +
			"/resend": `{"flow_secret":"` + f.get(t, "flow_secret").(string) + `"}`,
	} {
		w.want(w.do("POST", path, body, foreign...), 403, "cross_origin")
	}
	w.letter("ada@example.org")
	if n := len(w.box.All()); n != 1 {
		t.Errorf("%d mails", n)
	}
	w.want(w.do("POST", "/auth/sessions", `{`+proof(t, f, l.Code)+`}`), 201, "") // nothing was used up
}

func TestSec_CK06_ReadingChangesNothing(t *testing.T) {
	t.Parallel()
	w := setupMail(t)
	root := w.member("root1@example.org", "admin")
	access, _ := w.token("root1")
	f := w.begin("root1@example.org", "sign_in")
	l := w.letter("root1@example.org")
	w.want(w.do("POST", "/auth/invitations", `{"email":"new@example.org"}`, bearer(access)), 201, "")
	w.letter("new@example.org")
	before := fmt.Sprintf("%+v", *w.st)
	for range 2 {
		for _, rt := range routesOf(t) {
			if rt[0] != "GET" {
				continue
			}
			path := strings.NewReplacer(
				"{user}", string(root.ID), "{login}", w.aLogin(root.ID), "{session}", w.aSession(root.ID),
			).Replace(rt[1])
			for _, query := range []string{
				"", "?token=" + l.Token, "?flow_id=" + f.get(t, "flow_id").(string) + "&code=" + l.Code,
			} {
				for _, method := range []string{"GET", "HEAD"} {
					w.do(method, path+query, "", bearer(access))
					w.do(method, path+query, "")
				}
			}
		}
	}
	if after := fmt.Sprintf("%+v", *w.st); after != before {
		t.Error("reading changed the store")
	}
	w.want(w.do("POST", "/auth/sessions", `{"token":"`+l.Token+`"}`), 201, "")
}

func TestSec_CK08_HostileHostChangesNoMail(t *testing.T) {
	t.Parallel()
	w := setupMail(t, func(c *auth.Config, _ *httpadapter.Config) { c.Links.Reset = "https://pages.example/reset?lang=en" })
	root := w.member("root1@example.org", "admin")
	ada := w.member("ada@example.org")
	access, _ := w.token("root1")
	secret := regexp.MustCompile(
		`hp_(flo|inv)_[0-9A-Za-z]{49}|[` + emailcode.Alphabet + `]{4}-[` + emailcode.Alphabet + `]{4}`,
	)
	sends := map[string]struct{ path, body, to string }{
		"sign in": {"/auth/email-codes", `{"email":"ada@example.org","purpose":"sign_in"}`, ada.Email},
		"reset":   {"/auth/email-codes", `{"email":"ada@example.org","purpose":"reset_password"}`, ada.Email},
		"manager": {"/auth/users/" + string(ada.ID) + "/password-reset", "", ada.Email},
		"invite":  {"/auth/invitations", `{"email":"new@example.org"}`, "new@example.org"},
		"change":  {"/auth/users/me/email", `{"email":"next@example.org"}`, "next@example.org"},
	}
	_ = root
	for name, s := range sends {
		send := func(edit ...with) string {
			a := w.do("POST", s.path, s.body, append(edit, bearer(access))...)
			if a.status != 202 && a.status != 201 {
				t.Fatalf("%s: %d %s", name, a.status, a.body)
			}
			l := w.letter(s.to)
			return secret.ReplaceAllString(l.Subject+l.Text+l.HTML, "…")
		}
		want := send()
		got := send(func(r *http.Request) { r.Host = "evil.example" }, header(
			"X-Forwarded-Host", "evil.example",
		), header("Forwarded", `host=evil.example;proto=http`),
			header("X-Forwarded-Proto", "http"), header("X-Original-Host", "evil.example"), header("Referer", "https://evil.example/"), header("User-Agent", "Call +1 555 evil.example"))
		if got != want || strings.Contains(got, "evil") {
			t.Errorf("%s:\n%s\nbecame\n%s", name, want, got)
		}
		if name == "reset" && !strings.Contains(got, "https://pages.example/reset?lang=en#token=…&for=reset_password") {
			t.Errorf("reset: %s", got)
		}
	}
}

var inlines = regexp.MustCompile(`(?s)<(script|style)>(.*?)</(?:script|style)>`)

func TestSec_CK09_PagesHaveStrictHeaders(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, path := range []string{"/auth/link", "/auth/redoc", "/auth/redocs"} {
		a := w.do("GET", path, "")
		w.want(a, 200, "")
		csp := a.header.Get("Content-Security-Policy")
		for _, want := range []string{
			"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'",
		} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: CSP %q lacks %s", path, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || a.header.Get("X-Content-Type-Options") != "nosniff" ||
			a.header.Get("Referrer-Policy") != "no-referrer" ||
			!strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %v", path, a.header)
		}
		for _, inline := range inlines.FindAllStringSubmatch(a.body, -1) { // its own script and style run
			sum := sha256.Sum256([]byte(inline[2]))
			if want := inline[1] + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
				"'"; !strings.Contains(csp, want) {
				t.Errorf("%s: CSP %q lacks %s", path, csp, want)
			}
		}
		if strings.Contains(a.body, " style=") || strings.Contains(a.body, " onclick=") || strings.Contains(a.body, "http://") || strings.Contains(a.body, "https://") {
			t.Errorf("%s has something that its policy forbids, or loads something", path)
		}
	}
	a := w.do("GET", "/auth/link?token=hp_flo_x", "")
	if a.header.Get("Cache-Control") != "no-store" || strings.Contains(a.body, "hp_flo_x") {
		t.Errorf("link page %v", a.header)
	}
}

func TestSec_PW13_ResetTakesNoPassword(t *testing.T) {
	t.Parallel()
	w := setupMail(t)
	w.member("root1@example.org", "admin")
	ada := w.member("ada@example.org")
	access, _ := w.token("root1")
	a := w.do(
		"POST", "/auth/users/"+string(ada.ID)+"/password-reset", `{"password":"chosen by the manager"}`, bearer(access),
	)
	if a.status != 202 || a.body != "" {
		t.Errorf("%d %q", a.status, a.body)
	}
	w.want(w.do("POST", "/auth/sessions", `{"login":"ada","password":"chosen by the manager"}`), 401, "bad_credentials")
	w.want(w.do("POST", "/auth/sessions", `{"login":"ada","password":"`+pass+`"}`), 201, "")
	link := w.letter("ada@example.org").Token
	w.want(w.do("POST", "/auth/password-resets", `{"token":"`+link+`","password":"another horse 43 staple"}`), 204, "")
	w.want(w.do(
		"POST", "/auth/password-resets", `{"token":"`+link+`","password":"a third horse 44 staple"}`,
	), 401, "bad_credentials")
	w.want(w.do(
		"POST", "/auth/users", `{"username":"eve","email":"eve@example.org","password":"`+pass+`"}`, bearer(access),
	), 403, "field_forbidden")
}

// No code, link, address or secret of a flow is kept in the clear, logged or shown twice.
func TestSec_TK03_MailedSecretsAreKeptHashed(t *testing.T) {
	t.Parallel()
	w := setupMail(t)
	w.member("root1@example.org", "admin")
	access, _ := w.token("root1")
	f := w.begin("root1@example.org", "sign_in")
	inv := w.do("POST", "/auth/invitations", `{"email":"new@example.org"}`, bearer(access))
	d := w.do("POST", "/auth/device/authorize", `{"client_name":"cli"}`)
	waiting := fmt.Sprintf("%+v", *w.st)
	code, link, invitation := w.letter(
		"root1@example.org",
	).Code, w.letter("root1@example.org").Token, w.letter("new@example.org").Token
	w.box.FailWith(func(mail.Message) error { return context.DeadlineExceeded })
	w.begin("root1@example.org", "reset_password")
	if _, err := w.accounts.Outbox.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, dump := range []string{waiting, fmt.Sprintf("%+v", *w.st), w.log.String(), w.do(
		"GET", "/auth/audit", "", bearer(access),
	).body, w.do("GET", "/auth/users/me/export", "", bearer(access)).body} {
		for _, secret := range []string{
			code, strings.ReplaceAll(code, "-", ""), link, invitation, f.get(t, "flow_secret").(string),
			d.get(t, "device_code").(string),
			d.get(t, "user_code").(string), strings.ReplaceAll(d.get(t, "user_code").(string), "-", ""),
		} {
			if strings.Contains(dump, secret) {
				t.Errorf("%.9s… is kept in the clear", secret)
			}
		}
	}
	if found := regexp.MustCompile(token.Pattern); found.MatchString(inv.body) {
		t.Errorf("the inviter sees %s", inv.body)
	}
}
