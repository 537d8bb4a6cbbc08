package token_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

const (
	issuer   = "https://app.example"
	audience = "https://api.app.example"
	userID   = "0197a000-0000-7000-8000-000000000001"
	session  = "0197a000-0000-7000-8000-000000000002"
)

// start is when the clocks of the tests begin.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// bench is a ring with one key, and the private half of that key for tests that forge tokens.
type bench struct {
	kek     []byte
	stored  token.StoredKey
	ring    *token.Ring
	private ed25519.PrivateKey
}

func kek(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func setup(tb testing.TB) bench {
	tb.Helper()
	b := bench{kek: kek(1)}
	b.stored = newKey(tb, start)
	b.ring = newRing(tb, b.stored)
	b.private = token.Unseal(tb, b.kek, b.stored)
	return b
}

func newKey(tb testing.TB, at time.Time) token.StoredKey {
	tb.Helper()
	k, err := token.NewKey(kek(1), at)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func newRing(tb testing.TB, keys ...token.StoredKey) *token.Ring {
	tb.Helper()
	r, err := token.NewRing(kek(1), keys, token.Config{Issuer: issuer, Audience: audience})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func claims() token.Claims {
	return token.Claims{
		Subject: userID, Session: session, ID: "jti-1", IssuedAt: start, ExpiresAt: start.Add(15 * time.Minute),
	}
}

func sign(tb testing.TB, r *token.Ring, c token.Claims, now time.Time) string {
	tb.Helper()
	text, err := r.Sign(c, now)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// header returns the header that Sign writes, for tests to change.
func (b bench) header() map[string]any {
	return map[string]any{"alg": "EdDSA", "typ": "at+jwt", "kid": b.stored.ID}
}

// body returns the claims that Sign writes, for tests to change.
func (b bench) body() map[string]any {
	return map[string]any{
		"iss": issuer, "aud": audience, "sub": userID, "sid": session, "jti": "jti-1",
		"iat": start.Unix(), "exp": start.Add(15 * time.Minute).Unix(),
	}
}

// forge signs any header and body with the real key. Each is a value to encode as JSON or a raw
// text.
func (b bench) forge(tb testing.TB, header, body any) string {
	tb.Helper()
	input := b64(document(tb, header)) + "." + b64(document(tb, body))
	return input + "." + b64(string(ed25519.Sign(b.private, []byte(input))))
}

func document(tb testing.TB, v any) string {
	tb.Helper()
	if raw, ok := v.(string); ok {
		return raw
	}
	doc, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(doc)
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func with(m map[string]any, name string, v any) map[string]any {
	m[name] = v
	return m
}

func without(m map[string]any, name string) map[string]any {
	delete(m, name)
	return m
}
