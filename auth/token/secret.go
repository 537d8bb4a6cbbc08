package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"strings"
)

// Class says what an opaque secret is for. It stands in the text, so that one kind is never
// taken for another and leaked ones can be found.
type Class string

// The classes.
const (
	API        Class = "api" // API token
	Refresh    Class = "ref" // refresh token
	Session    Class = "ses" // session cookie
	ShareCode  Class = "shr" // share code
	Invitation Class = "inv" // invitation
	Flow       Class = "flo" // flow of an email code, and mailed links
	Device     Class = "dev" // device code
	SetUp      Class = "set" // set-up of the first admin
)

// Pattern matches every opaque secret in running text, for scanners. What it finds may
// still fail the checksum.
const Pattern = `\bhp_(api|ref|ses|shr|inv|flo|dev|set)_[0-9A-Za-z]{49}\b`

// Secret is an opaque secret of 256 bits. Printing, logging or encoding one shows
// "[redacted]"; Reveal gives the text to whom it belongs. The zero Secret is none.
// Secrets do not compile with ==, which would stop at the first difference; use Equal.
type Secret struct {
	_ [0]func()
	// Package fmt prints unexported fields of the structs it is given without asking for
	// methods. Of a pointer it prints the address.
	text *string
}

// New makes a secret from crypto/rand.
func New(c Class) Secret {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return fromBytes(c, b)
}

// Derive makes the secret that key gives for these parts, always the same one: HMAC-SHA256 (RFC
// 2104) over the class and the parts, each with its length.
func Derive(c Class, key []byte, parts ...[]byte) Secret {
	mac := hmac.New(sha256.New, key)
	for _, p := range append([][]byte{[]byte(c)}, parts...) {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		mac.Write(p)
	}
	return fromBytes(c, [32]byte(mac.Sum(nil)))
}

func fromBytes(c Class, b [32]byte) Secret {
	text := prefix(c) + base62(b)
	text += checksum(text)
	return Secret{text: &text}
}

func prefix(c Class) string { return "hp_" + string(c) + "_" }

// Parse reads a secret of one class. Anything that New or Derive never makes, also for a typo,
// is ErrMalformed, so no store has to be asked.
func Parse(c Class, text string) (Secret, error) {
	rest, ok := strings.CutPrefix(text, prefix(c))
	if !ok || len(rest) != bodyLen+sumLen || !isBase62(rest) || rest[:bodyLen] > greatest {
		return Secret{}, ErrMalformed
	}
	if sum := len(text) - sumLen; checksum(text[:sum]) != text[sum:] {
		return Secret{}, ErrMalformed
	}
	return Secret{text: &text}, nil
}

// ClassOf says which class a text claims to be of, without checking the rest.
func ClassOf(text string) (Class, bool) {
	if len(text) < len("hp_xxx_") || text[:3] != "hp_" || text[6] != '_' {
		return "", false
	}
	switch c := Class(text[3:6]); c {
	case API, Refresh, Session, ShareCode, Invitation, Flow, Device, SetUp:
		return c, true
	}
	return "", false
}

// Reveal returns the text, for the one answer that hands it out. Never log or store it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Hash returns what stores keep; zero for the zero Secret.
func (s Secret) Hash() Hash {
	if s.IsZero() {
		return Hash{}
	}
	return sha256.Sum256([]byte(*s.text))
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.text == nil }

// Equal compares in constant time. The zero Secret equals none, not even itself: nothing proves
// nothing.
func (s Secret) Equal(t Secret) bool {
	return !s.IsZero() && subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}
