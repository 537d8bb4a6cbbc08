package token_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/hallpass-go/hallpass/auth/token"
)

func TestSignedTokensVerify(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]token.Claims{
		"plain":     {},
		"no scopes": {HasScopes: true, Scopes: []string{}},
		"scopes":    {HasScopes: true, Scopes: []string{"read:notes", "notes!user=" + userID}},
		"ten":       {HasScopes: true, Scopes: slices.Repeat([]string{"read:notes"}, 10)},
	} {
		want := claims()
		want.Scopes, want.HasScopes = c.Scopes, c.HasScopes
		got, err := b.ring.Verify(sign(t, b.ring, want, start), start)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	// The tests forge exactly what Sign makes, so other forged tokens fail only because of
	// their change.
	if _, err := b.ring.Verify(b.forge(t, b.header(), b.body()), start); err != nil {
		t.Error("forged without a change:", err)
	}
}

// wantInvalid fails unless Verify refuses the token with ErrInvalid.
func wantInvalid(t *testing.T, r *token.Ring, name, text string) {
	t.Helper()
	if c, err := r.Verify(text, start); !errors.Is(err, token.ErrInvalid) || !reflect.DeepEqual(c, token.Claims{}) {
		t.Errorf("%s: %+v, %v", name, c, err)
	}
}

func TestSec_JW01_OneAlgorithmPerKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	der, err := x509.MarshalPKIXPublicKey(b.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	type attack struct {
		name   string
		method jwt.SigningMethod
		key    any
	}
	attacks := []attack{
		{"none", jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType},
		{
			"RS256", jwt.SigningMethodRS256, rsaKey,
		}, {"PS256", jwt.SigningMethodPS256, rsaKey}, {"ES256", jwt.SigningMethodES256, ecKey},
	}
	pemKey := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	for name, key := range map[string][]byte{"raw": b.stored.Public, "DER": der, "PEM": pemKey,
		"base64": []byte(b64(string(b.stored.Public))), "JWKS": b.ring.JWKS()} {
		for _, m := range []jwt.SigningMethod{jwt.SigningMethodHS256, jwt.SigningMethodHS384, jwt.SigningMethodHS512} {
			attacks = append(attacks, attack{m.Alg() + " with the public key, " + name, m, key})
		}
	}
	for _, a := range attacks {
		tok := jwt.NewWithClaims(a.method, jwt.MapClaims(b.body()))
		tok.Header["typ"], tok.Header["kid"] = "at+jwt", b.stored.ID
		text, err := tok.SignedString(a.key)
		if err != nil {
			t.Fatal(a.name, err)
		}
		wantInvalid(t, b.ring, a.name, text)
		// This is the same signature, called EdDSA.
		_, rest, _ := strings.Cut(text, ".")
		wantInvalid(t, b.ring, a.name+" as EdDSA", b64(document(t, b.header()))+"."+rest)
	}
	for _, alg := range []any{"none", "None", "NONE", "nOnE", "", "eddsa", "EDDSA", "Ed25519", "EdDSA ", "HS256",
		"ES256", nil, 1, true, []string{"EdDSA"}} {
		wantInvalid(
			t, b.ring, fmt.Sprintf("true signature, alg %v", alg), b.forge(t, with(b.header(), "alg", alg), b.body()),
		)
	}
	wantInvalid(t, b.ring, "no alg", b.forge(t, without(b.header(), "alg"), b.body()))
}

func TestSec_JW01_SignatureCovers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := b.forge(t, b.header(), b.body())
	parts := strings.Split(good, ".")
	other := setup(t)
	sum := sha512.Sum512([]byte(parts[0] + "." + parts[1]))
	ph, err := b.private.Sign(nil, sum[:], crypto.SHA512) // Ed25519ph is another algorithm
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, b.stored.Public)
	mac.Write([]byte(parts[0] + "." + parts[1]))
	for name, text := range map[string]string{
		"empty signature":  parts[0] + "." + parts[1] + ".",
		"short signature":  parts[0] + "." + parts[1] + "." + parts[2][:40],
		"zero signature":   parts[0] + "." + parts[1] + "." + b64(strings.Repeat("\x00", 64)),
		"long signature":   parts[0] + "." + parts[1] + "." + parts[2] + "AAAA",
		"Ed25519ph":        parts[0] + "." + parts[1] + "." + b64(string(ph)),
		"HMAC":             parts[0] + "." + parts[1] + "." + b64(string(mac.Sum(nil))),
		"other body":       parts[0] + "." + b64(document(t, with(b.body(), "sub", "somebody"))) + "." + parts[2],
		"swapped":          parts[1] + "." + parts[0] + "." + parts[2],
		"empty body":       parts[0] + ".." + parts[2],
		"empty header":     "." + parts[1] + "." + parts[2],
		"by another key":   other.forge(t, b.header(), b.body()),
		"with another kid": b.forge(t, other.header(), b.body()),
	} {
		wantInvalid(t, b.ring, name, text)
	}
}

func TestSec_JW01_KidRequiredAndKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.ring.Verify(
		b.forge(t, with(b.header(), "kid", "elsewhere"), b.body()), start,
	); !errors.Is(err, token.ErrUnknownKey) || !errors.Is(err, token.ErrInvalid) {
		t.Error(err)
	}
	for _, kid := range []any{"", nil, 7, []string{b.stored.ID}} {
		wantInvalid(t, b.ring, fmt.Sprintf("kid %v", kid), b.forge(t, with(b.header(), "kid", kid), b.body()))
	}
	wantInvalid(t, b.ring, "no kid", b.forge(t, without(b.header(), "kid"), b.body()))
}

func TestSec_JW02_TokensBringNoKeys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	key := map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64(string(b.stored.Public))}
	for name, v := range map[string]any{
		"jku": "https://app.example/jwks.json", "x5u": "https://app.example/cert.pem", "jwk": key, "x5c": []string{"MIIB"},
		"x5t": "AAAA", "x5t#S256": "AAAA", "crit": []string{"exp"}, "b64": false, "zip": "DEF", "cty": "JWT",
		"enc": "A256GCM",
		"url": "https://app.example", "ALG": "none", "Kid": "x", "": "x",
	} {
		wantInvalid(t, b.ring, name, b.forge(t, with(b.header(), name, v), b.body()))
		wantInvalid(t, b.ring, name+" as text", b.forge(t, with(b.header(), name, "x"), b.body()))
	}
}

func TestSec_JW03_OnlyAccessTokensPass(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, typ := range []any{"JWT", "jwt", "AT+JWT", "at+jwt ", "application/at+jwt", "at", "refresh+jwt",
		"logout+jwt", "dpop+jwt", "id+jwt", "secevent+jwt", "", nil, 1} {
		wantInvalid(t, b.ring, fmt.Sprintf("typ %v", typ), b.forge(t, with(b.header(), "typ", typ), b.body()))
	}
	wantInvalid(t, b.ring, "no typ", b.forge(t, without(b.header(), "typ"), b.body()))
	// No opaque secret passes as an access token, and no access token as an opaque secret.
	access := sign(t, b.ring, claims(), start)
	for _, c := range classes {
		wantInvalid(t, b.ring, string(c), token.New(c).Reveal())
		if _, err := token.Parse(c, access); !errors.Is(err, token.ErrMalformed) {
			t.Errorf("access token as %s: %v", c, err)
		}
	}
	if _, ok := token.ClassOf(access); ok {
		t.Error("an access token has a class")
	}
}

func TestSec_JW04_IssuerAudienceAndRequiredClaims(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, name := range []string{"iss", "aud", "sub", "sid", "jti", "iat", "exp"} {
		wantInvalid(t, b.ring, "no "+name, b.forge(t, b.header(), without(b.body(), name)))
		for _, v := range []any{"", nil, true, []string{}, map[string]any{}, 0, -1} {
			wantInvalid(t, b.ring, fmt.Sprintf("%s %v", name, v), b.forge(t, b.header(), with(b.body(), name, v)))
		}
	}
	for _, v := range []any{issuer + "/", "http://app.example", strings.ToUpper(issuer), audience, []string{issuer}} {
		wantInvalid(t, b.ring, fmt.Sprintf("iss %v", v), b.forge(t, b.header(), with(b.body(), "iss", v)))
	}
	for _, v := range []any{issuer, audience + " ", []string{audience}, []string{audience, "https://evil.example"}} {
		wantInvalid(t, b.ring, fmt.Sprintf("aud %v", v), b.forge(t, b.header(), with(b.body(), "aud", v)))
	}
	for name, v := range map[string]any{"nbf": start.Unix(), "admin": "yes", "cnf": map[string]any{}, "ISS": issuer} {
		wantInvalid(t, b.ring, "unknown "+name, b.forge(t, b.header(), with(b.body(), name, v)))
	}
	wantInvalid(t, b.ring, "scope as list", b.forge(t, b.header(), with(b.body(), "scope", []string{"a"})))
	wantInvalid(t, b.ring, "scope as number", b.forge(t, b.header(), with(b.body(), "scope", 1)))
	other, err := token.NewRing(b.kek, []token.StoredKey{b.stored}, token.Config{Issuer: issuer, Audience: issuer})
	if err != nil {
		t.Fatal(err)
	}
	wantInvalid(t, b.ring, "of another audience, same key", sign(t, other, claims(), start))
}

func TestSec_JW04_TimesAndLeeway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const ttl = 15 * time.Minute
	for _, leeway := range []time.Duration{0, time.Nanosecond, 10 * time.Second, 30 * time.Second, time.Minute} {
		r, err := token.NewRing(
			b.kek, []token.StoredKey{b.stored}, token.Config{Issuer: issuer, Audience: audience, Leeway: leeway},
		)
		if err != nil {
			t.Fatal(err)
		}
		text := sign(t, r, claims(), start)
		if leeway == 0 {
			leeway = 30 * time.Second
		}
		for _, c := range []struct {
			after time.Duration
			want  error
		}{
			{0, nil}, {ttl, nil}, {ttl + leeway - 1, nil}, {
				ttl + leeway, token.ErrExpired,
			}, {ttl + leeway + 1, token.ErrExpired}, {1000 * time.Hour, token.ErrExpired},
			{-leeway, nil}, {-leeway - 1, token.ErrInvalid}, {-time.Hour, token.ErrInvalid},
		} {
			if _, err := r.Verify(text, start.Add(c.after)); !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Errorf("leeway %v: at %v: %v, want %v", leeway, c.after, err, c.want)
			}
		}
	}
	for _, leeway := range []time.Duration{-1, time.Minute + 1, time.Hour} {
		if _, err := token.NewRing(
			b.kek, nil, token.Config{Issuer: issuer, Audience: audience, Leeway: leeway},
		); err == nil {
			t.Errorf("leeway %v is accepted", leeway)
		}
	}
	// The signature is checked first, so whoever can't sign never learns that a token has
	// expired.
	forged := setup(t).forge(t, b.header(), b.body())
	if _, err := b.ring.Verify(forged, start.Add(time.Hour)); errors.Is(err, token.ErrExpired) ||
		!errors.Is(err, token.ErrInvalid) {
		t.Error(err)
	}
}
