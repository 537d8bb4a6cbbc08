package mail

import (
	"strings"
	"unicode/utf8"
)

// MaxAddress is how long an email address may be, in bytes (RFC 5321 section 4.5.3.1.3).
const MaxAddress = 254

const maxLocalPart = 64 // bytes (RFC 5321 section 4.5.3.1.1)

// Canonical returns the canonical form of an email address, which is all lower case, or false
// if it is not one plain address. Plain addresses are ASCII (RFC 5321 section 4.1.2, dot-string
// only) and have at most MaxAddress bytes, without display name, comment or quotes.
func Canonical(addr string) (string, bool) {
	at := strings.LastIndexByte(addr, '@')
	if at < 1 || len(addr) > MaxAddress || at > maxLocalPart {
		return "", false
	}
	for _, atom := range strings.Split(addr[:at], ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !isAtext(r) }) {
			return "", false
		}
	}
	for _, label := range strings.Split(addr[at+1:], ".") {
		bad := func(r rune) bool { return !isLetterOrDigit(r) && r != '-' }
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, bad) || label[0] == '-' ||
			label[len(label)-1] == '-' {
			return "", false
		}
	}
	return strings.ToLower(addr), true
}

// isAtext reports whether r can stand in an atom (RFC 5322 section 3.2.3).
func isAtext(r rune) bool {
	return isLetterOrDigit(r) || r < utf8.RuneSelf && strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func isLetterOrDigit(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
