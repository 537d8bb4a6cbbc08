package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"strings"
)

// Class says what an opaque secret is for. It is part of the text, so that one kind is never
// taken for another and leaked ones can be found.
type Class string

// These are the classes.
const (
	API        Class = "api" // API token
	Refresh    Class = "ref" // refresh token
	Session    Class = "ses" // session cookie
	ShareCode  Class = "shr" // share code
	Invitation Class = "inv" // invitation
	Flow       Class = "flo" // flow of an email code; mailed link
	Device     Class = "dev" // device code
	SetUp      Class = "set" // set-up of the first admin
)

// Pattern is a regular expression that matches every opaque secret in running text, for
// scanners. A match may still have a wrong checksum.
const Pattern = `\bhp_(api|ref|ses|shr|inv|flo|dev|set)_[0-9A-Za-z]{49}\b`

// Secret is an opaque secret of 256 bits. It prints, logs and encodes as "[redacted]"; Reveal
// returns the text. The zero Secret is no secret. Comparing Secrets with == does not compile,
// since it would stop at the first difference; use Equal.
type Secret struct {
	_ [0]func()
	// Package fmt prints unexported fields without calling their methods. Of a pointer it
	// prints only the address.
	text *string
}

// New makes a random secret.
func New(c Class) Secret {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return fromBytes(c, b)
}

// Derive returns the secret that belongs to key and parts, always the same one: HMAC-SHA256
// (RFC 2104) over the class and the parts, each after its length.
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

// Parse reads a secret of one class. It returns ErrMalformed for any text that New or Derive
// could not have made, such as one with a typo, so that nobody has to ask the store.
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

// ClassOf returns the class that a text claims to have. It does not check the rest.
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

// Reveal returns the text, for the one response that hands it out. Never log or store it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Hash returns what stores keep. The hash of the zero Secret is zero.
func (s Secret) Hash() Hash {
	if s.IsZero() {
		return Hash{}
	}
	return sha256.Sum256([]byte(*s.text))
}

// IsZero reports whether s is the zero Secret.
func (s Secret) IsZero() bool { return s.text == nil }

// Equal compares in constant time. The zero Secret equals nothing, not even itself, because
// having no secret proves nothing.
func (s Secret) Equal(t Secret) bool {
	return !s.IsZero() && subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}
