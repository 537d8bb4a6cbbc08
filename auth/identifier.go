package auth

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// Lengths of identifiers.
const (
	maxUsername   = 64  // bytes
	maxEmail      = 254 // bytes (RFC 5321 section 4.5.3.1.3)
	maxLocalPart  = 64  // bytes
	maxName       = 128 // code points
	maxExternalID = 255 // bytes
)

// reserved usernames could be taken for the host itself. Managers may give them.
var reserved = []string{
	"abuse", "account", "accounts", "admin", "administrator", "anonymous", "api", "auth", "everyone", "guest",
	"hallpass", "help", "hostmaster", "info", "login", "logout", "mail", "moderator", "noreply", "no-reply",
	"nobody", "null", "operator", "owner", "postmaster", "public", "root", "security", "service", "settings",
	"signin", "signup", "staff", "support", "sysadmin", "system", "undefined", "user", "users", "webmaster", "www",
}

// asciiUsername is the default Config.UsernameRule.
func asciiUsername(name string) (string, bool) {
	if name == "" || len(name) > maxUsername {
		return "", false
	}
	word := false
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			word = true
		case c == '.', c == '_', c == '-':
		default:
			return "", false
		}
	}
	return strings.ToLower(name), word
}

// usernameKey returns the canonical form of a username, or false if it may never
// be one: "me" and UUIDs stand for other things where a user is named.
func (s *Service) usernameKey(name string) (string, bool) {
	if !plainText(name) || len(name) > 4*maxUsername || strings.Contains(name, "@") {
		return "", false
	}
	key, ok := s.cfg.UsernameRule(name)
	if !ok || key == "" || len(key) > 4*maxUsername || key == "me" {
		return "", false
	}
	if _, err := uuid.Parse(key); err == nil {
		return "", false
	}
	return key, true
}

// isReserved tells whether only managers may give the canonical username.
func (s *Service) isReserved(key string) bool {
	return slices.Contains(reserved, key) || slices.Contains(s.cfg.ReservedUsernames, key)
}

// EmailKey returns the canonical form of an address: one bare addr-spec in ASCII (RFC 5321 section
// 4.1.2, dot-string only), in lower case as a whole. It refuses display names, comments, quotes,
// lists and control characters.
func EmailKey(addr string) (string, bool) {
	at := strings.LastIndexByte(addr, '@')
	if at < 1 || len(addr) > maxEmail || at > maxLocalPart {
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

func isAtext(r rune) bool {
	return isLetterOrDigit(r) || r < utf8.RuneSelf && strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func isLetterOrDigit(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// loginKey returns the key under which a sign-in looks for an account; empty if no
// account can have it.
func (s *Service) loginKey(login string) string {
	if strings.Contains(login, "@") {
		key, _ := EmailKey(login)
		return key
	}
	key, _ := s.usernameKey(login)
	return key
}

// plainText reports valid UTF-8 without control characters.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}

// displayName returns the name in form C, or false if it is too long or holds control
// characters.
func displayName(name string) (string, bool) {
	if len(name) > 16*maxName || !plainText(name) {
		return "", false
	}
	name = norm.NFC.String(name)
	return name, utf8.RuneCountInString(name) <= maxName
}
