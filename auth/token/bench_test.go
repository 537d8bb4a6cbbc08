package token_test

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// noon is when everything in these tests happens.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// BenchmarkVerify reports x-raw: what a verification costs, measured in verifications of the
// bare signature, one of which runs after each. The limit is 1.15.
func BenchmarkVerify(b *testing.B) {
	ring, public, private := benchRing(b)
	text, err := ring.Sign(benchClaims(), noon)
	if err != nil {
		b.Fatal(err)
	}
	message := []byte(text[:strings.LastIndexByte(text, '.')])
	sig := ed25519.Sign(private, message)
	var whole, raw time.Duration
	for b.Loop() {
		begin := time.Now()
		_, err := ring.Verify(text, noon)
		middle := time.Now()
		ok := ed25519.Verify(public, message, sig)
		raw += time.Since(middle)
		whole += middle.Sub(begin)
		if err != nil || !ok {
			b.Fatal(err, ok)
		}
	}
	b.ReportMetric(float64(whole)/float64(b.N), "ns/verify")
	b.ReportMetric(float64(raw)/float64(b.N), "ns/raw")
	b.ReportMetric(float64(whole)/float64(raw), "x-raw")
	b.ReportMetric(testing.AllocsPerRun(10, func() { _, _ = ring.Verify(text, noon) }), "allocs/verify")
}

func BenchmarkSign(b *testing.B) {
	ring, _, _ := benchRing(b)
	c := benchClaims()
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

func benchRing(b *testing.B) (*token.Ring, ed25519.PublicKey, ed25519.PrivateKey) {
	kek := make([]byte, 32)
	k, err := token.NewKey(kek, noon.Add(-time.Hour))
	if err != nil {
		b.Fatal(err)
	}
	ring, err := token.NewRing(kek, []token.StoredKey{k}, token.Config{
		Issuer: "https://app.example", Audience: "https://app.example",
	})
	if err != nil {
		b.Fatal(err)
	}
	return ring, k.Public, token.Unseal(b, kek, k)
}

func benchClaims() token.Claims {
	return token.Claims{
		Subject: "0196a5f0-7c1a-7b3e-9d6a-2f1f0c9b8a71", Session: "0196a5f0-7c1a-7b3e-9d6a-2f1f0c9b8a72",
		ID:       "0196a5f0-7c1a-7b3e-9d6a-2f1f0c9b8a73",
		IssuedAt: noon, ExpiresAt: noon.Add(15 * time.Minute), Scopes: []string{
			"read:notes", "notes!user=0196a5f0-7c1a-7b3e-9d6a-2f1f0c9b8a71",
		}, HasScopes: true,
	}
}
