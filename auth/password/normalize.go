package password

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxBytes is the length in bytes, after [Normalize], of the longest password.
const MaxBytes = 1024

// maxRaw bounds the input of NFC, which makes text at most three times shorter.
const maxRaw = 4 * MaxBytes

// Normalize returns pw in Unicode normalization form C, the only change ever made
// to a password (RFC 8265 section 4.2 without its mapping of spaces): composed and
// decomposed spellings of a letter match, since keyboards differ in which they send.
// Setting and verifying both use it. It returns a [*RuleError] with code invalid for
// NUL or what is not UTF-8, and too_long above [MaxBytes].
func Normalize(pw string) (string, error) {
	if len(pw) > maxRaw {
		return "", &RuleError{CodeTooLong}
	}
	if !utf8.ValidString(pw) || strings.IndexByte(pw, 0) >= 0 {
		return "", &RuleError{CodeInvalid}
	}
	text := norm.NFC.String(pw)
	if len(text) > MaxBytes {
		return "", &RuleError{CodeTooLong}
	}
	return text, nil
}
