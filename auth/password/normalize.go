package password

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxBytes is the length of the longest password, in bytes after [Normalize].
const MaxBytes = 1024

// maxRaw limits the input of NFC, which shortens text at most to a third.
const maxRaw = 4 * MaxBytes

// Normalize returns pw in Unicode normalization form C. That is the only change ever made to a
// password (RFC 8265 section 4.2 without its mapping of spaces), and it is made both when a
// password is set and when it is verified. Keyboards differ in how they spell a letter;
// composed and decomposed spellings then match. The error is a [*RuleError]: CodeInvalid for a
// NUL byte or text that is not UTF-8, CodeTooLong above [MaxBytes].
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
