package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// The form and the life of codes. Twenty consonants make neither words nor look-alikes (RFC
// 8628 section 6.1); eight of them are 34 bits, of which a day's tries on an address find one
// in 600 million.
const (
	CodeAlphabet = "BCDFGHJKLMNPQRSTVWXZ"
	CodeLength   = 8
	CodeTries    = 5                // of a flow, all its codes together
	CodeLife     = 10 * time.Minute // of a code and of the link beside it
	ResendAfter  = time.Minute      // between the mails of a flow
	CodeSends    = 5                // mails of a flow

	resetLinkLife = day // of a link that a manager sends
)

// newCode makes a code, as it is typed without its dash.
func newCode() string {
	const fair = 256 - 256%len(CodeAlphabet) // bytes from here on would favour some letters
	code := make([]byte, 0, CodeLength)
	var b [2 * CodeLength]byte
	for len(code) < CodeLength {
		rand.Read(b[:]) // never fails
		for _, c := range b {
			if int(c) < fair && len(code) < CodeLength {
				code = append(code, CodeAlphabet[int(c)%len(CodeAlphabet)])
			}
		}
	}
	return string(code)
}

// showCode writes a code as people read it.
func showCode(code string) string { return code[:CodeLength/2] + "-" + code[CodeLength/2:] }

// typedCode is a code as newCode makes it, whatever case, spaces and dashes it was typed with.
func typedCode(text string) string {
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

// markCode is what stores keep of a code. A code is short, so its hash is keyed; and it is
// bound to what it is for.
func (s *Service) markCode(code string, bound ...string) token.Hash {
	mac := hmac.New(sha256.New, s.keys.codes)
	for _, p := range append([]string{code}, bound...) {
		fmt.Fprintf(mac, "%d:%s", len(p), p)
	}
	return token.Hash(mac.Sum(nil))
}

// flowCode marks a code of a flow.
func (s *Service) flowCode(code string, f Flow) token.Hash {
	return s.markCode(code, "flow", string(f.Purpose), string(f.ID), f.EmailKey)
}

// sameHash compares in constant time.
func sameHash(a, b token.Hash) bool { return hmac.Equal(a[:], b[:]) }
