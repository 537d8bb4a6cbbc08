package token_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// noon is when everything in these tests happens.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// BenchmarkVerify stands beside BenchmarkRawVerify: all checks of an access token may add 15 % to its signature.
func BenchmarkVerify(b *testing.B) {
	ring := benchRing(b)
	text, err := ring.Sign(benchClaims(), noon)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Verify(text, noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRawVerify(b *testing.B) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		b.Fatal(err)
	}
	message := make([]byte, 400)
	sig := ed25519.Sign(private, message)
	b.ReportAllocs()
	for b.Loop() {
		if !ed25519.Verify(public, message, sig) {
			b.Fatal("refused")
		}
	}
}

func BenchmarkSign(b *testing.B) {
	ring, c := benchRing(b), benchClaims()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Sign(c, noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	text := token.New(token.API).Reveal()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := token.Parse(token.API, text); err != nil {
			b.Fatal(err)
		}
	}
}

func benchRing(b *testing.B) *token.Ring {
	kek := make([]byte, 32)
	k, err := token.NewKey(kek, noon.Add(-time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	ring, err := token.NewRing(kek, []token.StoredKey{k}, token.Config{Issuer: "https://app.example", Audience: "https://app.example"})
	if err != nil {
		b.Fatal(err)
	}
	return ring
}

func benchClaims() token.Claims {
	return token.Claims{
		Subject: "0196a5f0-7c1a-7b3e-9d6a-2f1f0c9b8a71", Session: "0196a5f0-7c1a-7b3e-9d6a-2f1f0c9b8a72", ID: "0196a5f0-7c1a-7b3e-9d6a-2f1f0c9b8a73",
		IssuedAt: noon, ExpiresAt: noon.Add(15 * time.Minute), Scopes: []string{"read:notes", "notes!user=0196a5f0-7c1a-7b3e-9d6a-2f1f0c9b8a71"}, HasScopes: true,
	}
}
