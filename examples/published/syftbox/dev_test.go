package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
)

// Development mode is on the loopback only, says what it is, and only its flag turns it on.
func TestDevelopmentIsLocalAndLoud(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, args := range [][]string{
		{"--addr", "0.0.0.0:0"}, {"--addr", ":0"}, {"--addr", "[::]:0"}, {"--base-url", "https://box.example.org"}, {"--mail", "console"}, {"--db", "x.db"},
		{"--key-file", "x.key"}, {"--trusted-proxies", "10.0.0.0/8"},
	} {
		status, out, errOut := p.command(append([]string{"server", "--dev"}, args...)...)
		if status == 0 || strings.Contains(out, "serves") || !strings.Contains(errOut, "--dev") ||
			strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: status %d, %s%s", args, status, out, errOut)
		}
	}
	s := p.serveDev()
	if !strings.HasPrefix(s.out.String(), "*** DEVELOPMENT MODE ***") ||
		!strings.Contains(s.log.String(), "DEVELOPMENT MODE") {
		t.Errorf("it is quiet: %s%s", s.out, s.log)
	}
	if q := p.serve(); strings.Contains(q.out.String()+q.log.String(), "DEVELOPMENT") {
		t.Error("production says it is development")
	}
}

// Only a server in development mode adds the code to its answer, whatever it is asked.
func TestOnlyDevelopmentTellsCodes(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-002")
	p := newPlace(t)
	dev := p.serveDev()
	flow := dev.begin("ada@example.org")
	code := flow.get(devCode)
	dev.want(dev.finish(flow, code), 200, "access_token")
	if !strings.Contains(dev.out.String(), "--- mail to ada@example.org") || !strings.Contains(dev.out.String(), code) {
		t.Errorf("the mail is not on the terminal: %s", dev.out)
	}
	for _, purpose := range []string{"verify_email", "reset_password"} {
		if r := dev.send(
			"POST", "/auth/email-codes", "", `{"email":"ada@example.org","purpose":"`+purpose+`"}`,
		); strings.Contains(r.text, devCode) {
			t.Errorf("%s: %s", purpose, r.text)
		}
	}
	s := p.serve()
	for _, r := range []reply{
		s.begin("ada@example.org"), s.send("POST", "/auth/email-codes?dev=true", "",
			`{"email":"ada@example.org","purpose":"sign_in"}`, "X-Dev", "true"),
	} {
		if strings.Contains(r.text, devCode) || strings.Contains(r.text, p.letter("ada@example.org", 1).Code) {
			t.Errorf("production tells the code: %s", r.text)
		}
	}
	s.want(s.send(
		"POST", "/auth/email-codes", "", `{"email":"ada@example.org","purpose":"sign_in","dev":true}`,
	), 422, "unknown_field")
	if status, _, errOut := s.client(
		nil, "--dev", "--email", "ada@example.org",
	); status == 0 || !strings.Contains(errOut, "not in development mode") {
		t.Errorf("status %d: %s", status, errOut)
	}
	if status, _, errOut := p.command("client", "--dev", "--server", "https://box.example.org", "--email", "ada@example.org"); status == 0 || !strings.Contains(errOut, "on this machine") {
		t.Errorf("status %d: %s", status, errOut)
	}
}

// Flows that begin at once get their own codes, also among other mails and when people ask
// again.
func TestDevelopmentTellsEachFlowItsCode(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serveDev()
	var wait sync.WaitGroup
	for i := range 16 {
		email := fmt.Sprintf("p%d@example.org", i%3)
		wait.Go(func() {
			flow := s.begin(email)
			s.send("POST", "/auth/email-codes", "", `{"email":"`+email+`","purpose":"verify_email"}`)
			s.send("POST", "/auth/email-codes/"+flow.get("flow_id")+
				"/resend", "", `{"flow_secret":"`+flow.get("flow_secret")+`"}`)
			if r := s.finish(flow, flow.get(devCode)); r.status != 200 && r.get("error") != "invalid_grant" {
				t.Errorf("%d %s", r.status, r.text)
			} else if r.status != 200 { // the flows of an address end with the first of them that signs in
				flow = s.begin(email)
				s.want(s.finish(flow, flow.get(devCode)), 200, "access_token")
			}
		})
	}
	wait.Wait()
}

// Requests that do not come from this machine are refused, whatever brought them here.
func TestDevelopmentAnswersOnlyThisMachine(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serveDev()
	for _, header := range [][]string{
		{"Host", "rebound.example.org"}, {
			"Host", "127.0.0.1.example.org",
		}, {"Host", "10.0.0.1:8080"}, {"X-Forwarded-For", "203.0.113.9"}, {"Forwarded", "for=203.0.113.9"},
		{"X-Forwarded-Host", "localhost"}, {"X-Real-Ip", "127.0.0.1"}, {"Via", "1.1 tunnel"},
	} {
		s.want(s.send(
			"POST", "/auth/email-codes", "", `{"email":"ada@example.org","purpose":"sign_in"}`, header...,
		), 403, "development_mode")
		s.want(s.send("GET", "/auth/policy", "", "", header...), 403, "development_mode")
	}
	for _, header := range [][]string{{"Host", "localhost:8080"}, {"Host", "localhost"}, {"Host", "[::1]:80"},
		{"Host", "[::1]"}, {"Host", "127.0.0.2"}} {
		s.want(s.send("GET", "/auth/policy", "", "", header...), 200, "")
	}
	s.want(s.send("POST", "/auth/email-codes", "", `{"email":"ada@example.org","purpose":"sign_in"}`, "Origin", "https://evil.example.org", "Sec-Fetch-Site", "cross-site"), 403, "cross_origin")
	for peer, here := range map[string]bool{
		"127.0.0.1:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true, "192.0.2.1:1": false, "": false,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/", nil)
		r.RemoteAddr = peer
		if fromHere(r) != here {
			t.Errorf("%q counts as here: %v", peer, !here)
		}
	}
}

// Identity tokens that anybody can make are refused in both modes: the base64 of the first
// design, and the JWT with the published key of the second.
func TestSelfMadeTokensAreRefused(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "syftbox-023", "syftbox-024", "syftbox-025", "syftbox-067")
	p := newPlace(t)
	for name, s := range map[string]*serving{"production": p.serve(), "development": p.serveDev()} {
		now := p.clock.now().Unix()
		body := fmt.Sprintf(`{"email":"ada@example.org","type":"access_token","iat":%d,"exp":%d}`, now, now+3600)
		expired := fmt.Sprintf(
			`{"email":"ada@example.org","type":"access_token","iat":%d,"exp":%d}`, now-7200, now-3600,
		)
		for how, token := range map[string]string{
			"base64":                   base64.StdEncoding.EncodeToString([]byte(body)),
			"base64 for URLs":          base64.RawURLEncoding.EncodeToString([]byte(body)),
			"base64 that is expired":   base64.StdEncoding.EncodeToString([]byte(expired)),
			"address in base64":        base64.StdEncoding.EncodeToString([]byte(`{"email":"ada@example.org"}`)),
			"address":                  "ada@example.org",
			"JWT of the public secret": hs256(body, "changethis"),
			"JWT of an empty secret":   hs256(body, ""),
			"JWT without exp": hs256(
				`{"email":"ada@example.org","type":"access_token","sub":"ada@example.org"}`, "changethis",
			),
			"JWT without signature":     segment(`{"alg":"none"}`) + "." + segment(body) + ".",
			"JWT without any signature": segment(`{"alg":"none","typ":"at+jwt"}`) + "." + segment(body),
		} {
			for _, path := range []string{"/identity", "/auth/whoami"} {
				r := s.send("GET", path, token, "")
				if s.want(r, 401, "token_invalid"); r.header.Get("WWW-Authenticate") == "" {
					t.Errorf("%s, %s: %v", name, how, r.header)
				}
			}
		}
		s.want(
			s.send("GET", "/identity?user=ada@example.org&x-syft-from=ada@example.org", "", ""), 401, "unauthenticated",
		)
	}
}

func segment(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// hs256 makes a JWT as the published servers did.
func hs256(claims, key string) string {
	text := segment(`{"alg":"HS256","typ":"JWT"}`) + "." + segment(claims)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
