package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"log/slog"
	"math/big"
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
	Setup      Class = "set" // set-up of the first admin
)

// Pattern matches every opaque secret in running text, for scanners. What it finds may
// still fail the checksum.
const Pattern = `\bhp_(api|ref|ses|shr|inv|flo|dev|set)_[0-9A-Za-z]{49}\b`

const (
	alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	bodyLen  = 43 // base62 characters that hold 256 bits
	sumLen   = 6  // base62 characters that hold a CRC32
	redacted = "[redacted]"
)

// Secret is an opaque secret of 256 bits. Printing, logging or encoding one shows
// "[redacted]"; Reveal gives the text to whom it belongs. The zero Secret is none.
type Secret struct{ text string }

// New makes a secret from crypto/rand.
func New(c Class) Secret {
	var b [32]byte
	rand.Read(b[:]) // never fails
	return fromBytes(c, b)
}

// Derive makes the secret that key gives for these parts, always the same one: HMAC-SHA256 (RFC 2104) over the
// class and the parts, each with its length.
func Derive(c Class, key []byte, parts ...[]byte) Secret {
	mac := hmac.New(sha256.New, key)
	for _, p := range append([][]byte{[]byte(c)}, parts...) {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		mac.Write(p)
	}
	return fromBytes(c, [32]byte(mac.Sum(nil)))
}

func fromBytes(c Class, b [32]byte) Secret {
	text := prefix(c) + base62(new(big.Int).SetBytes(b[:]), bodyLen)
	return Secret{text + checksum(text)}
}

func prefix(c Class) string { return "hp_" + string(c) + "_" }

func checksum(text string) string {
	return base62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(text)))), sumLen)
}

// base62 writes n with size digits.
func base62(n *big.Int, size int) string {
	out := make([]byte, size)
	digit, base := new(big.Int), big.NewInt(int64(len(alphabet)))
	for i := size - 1; i >= 0; i-- {
		n.DivMod(n, base, digit)
		out[i] = alphabet[digit.Int64()]
	}
	return string(out)
}

// greatest is the body of 2^256 - 1: bodies compare as their values do, since the alphabet is in the order of ASCII.
var greatest = base62(new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1)), bodyLen)

// Parse reads a secret of one class. Anything that New or Derive never makes, also for a typo, is ErrMalformed, so
// no store has to be asked.
func Parse(c Class, text string) (Secret, error) {
	rest, ok := strings.CutPrefix(text, prefix(c))
	if !ok || len(rest) != bodyLen+sumLen || rest[:bodyLen] > greatest {
		return Secret{}, ErrMalformed
	}
	for _, b := range []byte(rest) {
		if strings.IndexByte(alphabet, b) < 0 {
			return Secret{}, ErrMalformed
		}
	}
	sum := len(text) - sumLen
	if checksum(text[:sum]) != text[sum:] { // a checksum is no secret
		return Secret{}, ErrMalformed
	}
	return Secret{text}, nil
}

// ClassOf says which class a text claims to be of, without checking the rest.
func ClassOf(text string) (Class, bool) {
	if len(text) < len("hp_xxx_") || text[:3] != "hp_" || text[6] != '_' {
		return "", false
	}
	switch c := Class(text[3:6]); c {
	case API, Refresh, Session, ShareCode, Invitation, Flow, Device, Setup:
		return c, true
	}
	return "", false
}

// Reveal returns the text, for the one answer that hands it out. Never log or store it.
func (s Secret) Reveal() string { return s.text }

// Hash returns what stores keep; zero for the zero Secret.
func (s Secret) Hash() Hash {
	if s.text == "" {
		return Hash{}
	}
	return sha256.Sum256([]byte(s.text))
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.text == "" }

// Equal compares in constant time.
func (s Secret) Equal(t Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.text), []byte(t.text)) == 1
}

// String returns "[redacted]".
func (s Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (s Secret) GoString() string { return redacted }

// Format writes "[redacted]" whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText returns "[redacted]".
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns "[redacted]".
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
