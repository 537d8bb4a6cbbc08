package token_test

import (
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// An access token is signed with a key whose private half is sealed in storage.
func Example() {
	secret := []byte("a secret of the host, 32 bytes or more")
	if err := token.CheckSecret(secret); err != nil {
		log.Fatal(err)
	}
	kek := token.DeriveKey(secret, "signing keys")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	stored, err := token.NewKey(kek, now)
	if err != nil {
		log.Fatal(err)
	}
	ring, err := token.NewRing(kek, []token.StoredKey{stored}, token.Config{
		Issuer: "https://app.example", Audience: "https://app.example",
	})
	if err != nil {
		log.Fatal(err)
	}
	text, err := ring.Sign(token.Claims{
		Subject: "gertrude", Session: "laptop", ID: "1", IssuedAt: now, ExpiresAt: now.Add(15 * time.Minute),
	}, now)
	if err != nil {
		log.Fatal(err)
	}
	c, err := ring.Verify(text, now.Add(5*time.Minute))
	fmt.Println(c.Subject, c.Session, err)
	_, err = ring.Verify(text, now.Add(time.Hour))
	fmt.Println(errors.Is(err, token.ErrExpired))
	_, err = ring.Verify(text[1:], now)
	fmt.Println(errors.Is(err, token.ErrInvalid))
	// Output:
	// gertrude laptop <nil>
	// true
	// true
}

// A secret is shown once, found again by its hash, and never printed by accident.
func ExampleNew() {
	s := token.New(token.API)
	fmt.Println(len(s.Reveal()), s.Reveal()[:7])
	fmt.Printf("%v %+v\n", s, struct{ Token token.Secret }{s})
	users := map[token.Hash]string{s.Hash(): "gertrude"}

	got, err := token.Parse(token.API, s.Reveal())
	fmt.Println(users[got.Hash()], err)
	_, err = token.Parse(token.Refresh, s.Reveal())
	fmt.Println(err)
	// Output:
	// 56 hp_api_
	// [redacted] {Token:[redacted]}
	// gertrude <nil>
	// malformed secret
}

// Whoever stores the keys also rotates them.
func ExampleRing_Rotation() {
	kek := make([]byte, 32) // from DeriveKey
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	cfg := token.Config{Issuer: "https://app.example", Audience: "https://app.example"}
	var stored []token.StoredKey
	for day := range 62 {
		ring, err := token.NewRing(kek, stored, cfg)
		if err != nil {
			log.Fatal(err)
		}
		needNew, drop := ring.Rotation(now, 30*24*time.Hour, 15*time.Minute)
		if needNew {
			k, err := token.NewKey(kek, now)
			if err != nil {
				log.Fatal(err)
			}
			stored = append(stored, k)
		}
		if len(drop) > 0 {
			stored = stored[len(drop):] // the oldest
		}
		if needNew || len(drop) > 0 {
			fmt.Printf("day %d: made one: %v, dropped %d\n", day, needNew, len(drop))
		}
		now = now.Add(24 * time.Hour)
	}
	// Output:
	// day 0: made one: true, dropped 0
	// day 30: made one: true, dropped 0
	// day 31: made one: false, dropped 1
	// day 60: made one: true, dropped 0
	// day 61: made one: false, dropped 1
}
