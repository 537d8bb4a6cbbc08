package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
)

const day = 24 * time.Hour

const maxAttributes = 16 << 10 // bytes

// forbidden returns a FieldsError for fields that the caller may not set.
func forbidden(fields ...string) error {
	e := &FieldsError{Forbidden: true}
	for _, f := range fields {
		e.Fields = append(e.Fields, FieldError{Field: f, Code: "forbidden", Detail: "You may not set this field."})
	}
	return e
}

// setUsername sets or, with an empty name, removes the username of a. It adds to f what is
// wrong with the name. A manager may give reserved names.
func (s *Service) setUsername(f *FieldsError, a *Account, name string, manager bool) {
	key, ok := s.usernameKey(name)
	switch {
	case name == "" && s.cfg.Identifiers.Username == policy.Required:
		f.Add("username", CodeRequired, "A username is required.")
	case name == "":
		a.Username, a.UsernameKey = "", ""
	case s.cfg.Identifiers.Username == policy.Off:
		f.Add("username", CodeOff, "Accounts here have no username.")
	case len(name) > maxUsername && !ok:
		f.Add("username", CodeTooLong, "A username has at most 64 characters.")
	case !ok:
		f.Add("username", CodeInvalid, "Use 1 to 64 letters, digits and . _ - with at least one letter or digit.")
	case !manager && key != a.UsernameKey && s.isReserved(key):
		f.Add("username", CodeReserved, "This name is reserved.")
	default:
		a.Username, a.UsernameKey = name, key
	}
}

// setEmail sets or, with an empty address, removes the email address of a. It adds to f what is
// wrong with the address. A new address is not proven.
func (s *Service) setEmail(f *FieldsError, a *Account, addr string) {
	key, ok := mail.Canonical(addr)
	switch {
	case addr == "" && s.cfg.Identifiers.Email == policy.Required:
		f.Add("email", CodeRequired, "An email address is required.")
	case addr == "":
		a.Email, a.EmailKey, a.EmailVerified = "", "", false
	case s.cfg.Identifiers.Email == policy.Off:
		f.Add("email", CodeOff, "Accounts here have no email address.")
	case len(addr) > mail.MaxAddress:
		f.Add("email", CodeTooLong, "An email address has at most 254 characters.")
	case !ok:
		f.Add("email", CodeInvalid, "Give one plain address such as ada@example.org.")
	default:
		a.EmailVerified = a.EmailVerified && key == a.EmailKey
		a.Email, a.EmailKey = addr, key
	}
}

func setName(f *FieldsError, a *Account, name string) {
	if text, ok := displayName(name); ok {
		a.Name = text
		return
	}
	f.Add("name", CodeInvalid, "A name has at most 128 characters and no control characters.")
}

func setExternalID(f *FieldsError, a *Account, id string) {
	if len(id) > maxExternalID || !plainText(id) {
		f.Add("external_id", CodeInvalid, "An external id has at most 255 bytes and no control characters.")
		return
	}
	a.ExternalID = id
}

// setAttributes sets the attributes of a to a JSON object, without its insignificant white
// space. An empty doc stands for {}.
func setAttributes(f *FieldsError, a *Account, doc json.RawMessage) {
	if len(doc) == 0 {
		doc = json.RawMessage("{}")
	}
	var text bytes.Buffer
	switch {
	case len(doc) > 4*maxAttributes:
		f.Add("attributes", CodeTooLong, "Attributes take at most 16 KiB.")
	case json.Compact(&text, doc) != nil || text.Bytes()[0] != '{' || !utf8.Valid(doc):
		f.Add("attributes", CodeInvalid, "Attributes must be a JSON object.")
	case text.Len() > maxAttributes:
		f.Add("attributes", CodeTooLong, "Attributes take at most 16 KiB.")
	case holdsNUL(doc):
		f.Add("attributes", CodeInvalid, "Text must not contain NUL.")
	default:
		a.Attributes = text.Bytes()
	}
}

// holdsNUL reports whether a string in a valid document has a NUL, which PostgreSQL does not
// accept in jsonb.
func holdsNUL(doc []byte) bool {
	d := json.NewDecoder(bytes.NewReader(doc))
	for {
		t, err := d.Token()
		if err != nil {
			return false
		}
		if s, ok := t.(string); ok && strings.ContainsRune(s, 0) {
			return true
		}
	}
}

// requireLogin adds an error to f if a has neither a username nor an email address.
func requireLogin(f *FieldsError, a Account) {
	if a.UsernameKey == "" && a.EmailKey == "" && len(f.Fields) == 0 {
		f.Add("username", CodeRequired, "An account needs a username or an email address.")
	}
}

// passwordError turns a password.RuleError into a FieldsError, and returns other errors as they
// are.
func passwordError(field string, err error) error {
	var rule *password.RuleError
	if !errors.As(err, &rule) {
		return err
	}
	detail := map[string]string{
		password.CodeTooShort:     "The password is too short.",
		password.CodeTooLong:      "The password is too long.",
		password.CodeTooCommon:    "This is one of the most common passwords.",
		password.CodeTooGuessable: "The password is too close to a name or word that others can guess.",
		password.CodeInvalid:      "The password must be valid UTF-8 without NUL.",
		password.CodeBreached:     "This password is known from a breach.",
	}[rule.Code]
	return FieldError{Field: field, Code: rule.Code, Detail: detail}.Err()
}

// oneOf adds an error to f unless v is one of allowed.
func oneOf[T ~string](f *FieldsError, field string, v T, allowed ...T) {
	if !slices.Contains(allowed, v) {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		f.Add(field, CodeUnknown, "Use one of: "+strings.Join(names, ", ")+".")
	}
}

// seconds adds an error to f unless d is whole seconds from least to most.
func seconds(f *FieldsError, field string, d, least, most time.Duration) {
	if d < least || d > most || d%time.Second != 0 {
		f.Add(field, CodeInvalid, "Use whole seconds from "+least.String()+" to "+most.String()+".")
	}
}

// def sets *v to the given value if it is zero.
func def[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// Lengths of identifiers.
const (
	maxUsername   = 64  // bytes
	maxName       = 128 // code points
	maxExternalID = 255 // bytes
)

// reserved are usernames that people could mistake for the host itself. Only managers can give
// them.
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

// usernameKey returns the canonical form of a username, or false if no user can have it. "me"
// and UUIDs are never usernames, since they have another meaning where a user is named.
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

// isReserved reports whether only managers can give the canonical username.
func (s *Service) isReserved(key string) bool {
	return slices.Contains(reserved, key) || slices.Contains(s.cfg.ReservedUsernames, key)
}

// loginKey returns the key by which a sign-in finds an account. It is empty if no account can
// have the login.
func (s *Service) loginKey(login string) string {
	if strings.Contains(login, "@") {
		key, _ := mail.Canonical(login)
		return key
	}
	key, _ := s.usernameKey(login)
	return key
}

// plainText reports whether s is valid UTF-8 without control characters and line separators.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}

// displayName returns the name in Unicode normalization form C, or false if it is too long or
// has control characters.
func displayName(name string) (string, bool) {
	if len(name) > 16*maxName || !plainText(name) {
		return "", false
	}
	name = norm.NFC.String(name)
	return name, utf8.RuneCountInString(name) <= maxName
}
