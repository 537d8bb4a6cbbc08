package emailcode

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/hallpass-go/hallpass/auth/token"
)

// The form of codes. The twenty consonants make neither words nor look-alikes (RFC 8628 section
// 6.1). Eight of them are 34 bits: the tries that one address gets in a day find a code once in
// 600 million days.
const (
	Alphabet = "BCDFGHJKLMNPQRSTVWXZ"
	Length   = 8
)

// NewCode makes a code, as it is typed without its dash.
func NewCode() string {
	const fair = 256 - 256%len(Alphabet) // bytes from here on would favour some letters
	code := make([]byte, 0, Length)
	var b [2 * Length]byte
	for len(code) < Length {
		rand.Read(b[:]) // never fails
		for _, c := range b {
			if int(c) < fair && len(code) < Length {
				code = append(code, Alphabet[int(c)%len(Alphabet)])
			}
		}
	}
	return string(code)
}

// Show writes a code as people read it, with a dash in the middle.
func Show(code string) string { return code[:Length/2] + "-" + code[Length/2:] }

// Typed returns what somebody typed in the form that NewCode makes: upper case, without spaces
// and dashes.
func Typed(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case r == ' ', r == '-':
			return -1
		}
		return r
	}, text)
}

// Marker makes keyed hashes of codes, which stores keep. Codes are short, so the hash needs a
// key: without it, a copy of the database does not give the codes away.
type Marker struct{ key []byte }

// NewMarker makes a Marker. All replicas on one store use the same key.
func NewMarker(key []byte) Marker { return Marker{key} }

// Mark returns the keyed hash of a code. bound says what the code is for. The same code for
// something else has another mark.
func (m Marker) Mark(code string, bound ...string) token.Hash {
	mac := hmac.New(sha256.New, m.key)
	for _, p := range append([]string{code}, bound...) {
		fmt.Fprintf(mac, "%d:%s", len(p), p)
	}
	return token.Hash(mac.Sum(nil))
}
