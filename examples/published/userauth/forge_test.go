package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// shifted is the clock of this machine, perhaps moved ahead.
type shifted struct{ ahead atomic.Int64 }

func (s *shifted) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// shift moves the clock ahead until the returned function is called.
func (s *shifted) shift(by time.Duration) (back func()) {
	s.ahead.Add(int64(by))
	return func() { s.ahead.Add(-int64(by)) }
}

// forgery is a token that is not valid, and how much later it is presented.
type forgery struct {
	how, text string
	later     time.Duration
}

// publishedKey is the signing key in the source of the published service. It comes from a
// tutorial.
const publishedKey = "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"

// forgeries returns the ways to forge what a placeholder stands for, or all of them if it does
// not say which.
func (r *replay) forgeries(holder string) (out []forgery) {
	victim, now := "alice", r.clock.now().Unix()
	if len(r.people) > 0 {
		victim = r.people[0].username
	}
	real := r.witness()
	parts := strings.Split(real, ".")
	flipped := "A"
	if parts[2][10] == 'A' {
		flipped = "B"
	}
	all := []forgery{
		{how: "with another signature", text: parts[0] + "." + parts[1] + "." + parts[2][:10] + flipped +
			parts[2][11:]},
		{how: "without a signature", text: encode(`{"alg":"none","typ":"at+jwt"}`) + "." + parts[1] + "."},
		{how: "with an empty signature", text: parts[0] + "." + parts[1] + "."},
		{how: "expired", text: real, later: 31 * time.Minute},
		{how: "minted", text: minted(map[string]any{"sub": victim, "exp": now + 600})},
		{how: "minted-without-exp", text: minted(map[string]any{"sub": victim})},
		{how: "no-sub", text: minted(map[string]any{"exp": now + 600})},
		{how: "int-sub", text: minted(map[string]any{"sub": 1, "exp": now + 600})},
	}
	for _, f := range all {
		if strings.Contains(holder, ":"+f.how) {
			return []forgery{f}
		}
	}
	return all
}

// minted signs claims with the published key.
func minted(claims map[string]any) string {
	doc, _ := json.Marshal(claims) // plain values
	text := encode(`{"alg":"HS256","typ":"JWT"}`) + "." + encode(string(doc))
	mac := hmac.New(sha256.New, []byte(publishedKey))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// witness returns a real token of a user whom the test made.
func (r *replay) witness() string {
	r.t.Helper()
	const name = "witness-of-the-test"
	in := auth.SignInRequest{Login: name, Password: pass}
	t, err := r.accounts.PasswordGrant(r.t.Context(), in)
	if err != nil {
		r.ownUser(name)
		t, err = r.accounts.PasswordGrant(r.t.Context(), in)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	if got := r.do(r.request("GET", "/users/me", t.Access, "", "")); got.status != 200 {
		r.t.Fatalf("the witness is no one: %s", got.text)
	}
	return t.Access
}
