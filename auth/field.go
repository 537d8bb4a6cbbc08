package auth

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/auth/password"
)

// Codes of a FieldError, beside those of password.RuleError.
const (
	CodeInvalid  = "invalid"
	CodeRequired = "required"
	CodeReserved = "reserved"
	CodeTooLong  = "too_long"
	CodeUnknown  = "unknown"
	CodeOff      = "off"
)

const day = 24 * time.Hour

const maxAttributes = 16 << 10 // bytes

// FieldErrors collects what is wrong with an input. The zero value is ready to use.
type FieldErrors []FieldError

// Add notes one problem: the field, one of the codes, and a sentence for people.
func (f *FieldErrors) Add(field, code, detail string) {
	*f = append(*f, FieldError{Field: field, Code: code, Detail: detail})
}

// Err returns a FieldsError with everything that was added, or nil.
func (f FieldErrors) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &FieldsError{Fields: f}
}

func forbidden(fields ...string) error {
	e := &FieldsError{Forbidden: true}
	for _, f := range fields {
		e.Fields = append(e.Fields, FieldError{Field: f, Code: "forbidden", Detail: "You may not set this field."})
	}
	return e
}

// setUsername puts a new username into a; empty removes it.
func (s *Service) setUsername(f *FieldErrors, a *Account, name string, manager bool) {
	key, ok := s.usernameKey(name)
	switch {
	case name == "" && s.cfg.Identifiers.Username == Required:
		f.Add("username", CodeRequired, "A username is required.")
	case name == "":
		a.Username, a.UsernameKey = "", ""
	case s.cfg.Identifiers.Username == Off:
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

// setEmail puts a new address into a, unproven; empty removes it.
func (s *Service) setEmail(f *FieldErrors, a *Account, addr string) {
	key, ok := EmailKey(addr)
	switch {
	case addr == "" && s.cfg.Identifiers.Email == Required:
		f.Add("email", CodeRequired, "An email address is required.")
	case addr == "":
		a.Email, a.EmailKey, a.EmailVerified = "", "", false
	case s.cfg.Identifiers.Email == Off:
		f.Add("email", CodeOff, "Accounts here have no email address.")
	case len(addr) > maxEmail:
		f.Add("email", CodeTooLong, "An email address has at most 254 characters.")
	case !ok:
		f.Add("email", CodeInvalid, "Give one plain address such as ada@example.org.")
	default:
		a.EmailVerified = a.EmailVerified && key == a.EmailKey
		a.Email, a.EmailKey = addr, key
	}
}

func setName(f *FieldErrors, a *Account, name string) {
	if text, ok := displayName(name); ok {
		a.Name = text
		return
	}
	f.Add("name", CodeInvalid, "A name has at most 128 characters and no control characters.")
}

func setExternalID(f *FieldErrors, a *Account, id string) {
	if len(id) > maxExternalID || !plainText(id) {
		f.Add("external_id", CodeInvalid, "An external id has at most 255 bytes and no control characters.")
		return
	}
	a.ExternalID = id
}

// setAttributes puts a JSON object into a, without insignificant white space; nil stands for
// {}.
func setAttributes(f *FieldErrors, a *Account, doc json.RawMessage) {
	if len(doc) == 0 {
		doc = json.RawMessage("{}")
	}
	var text bytes.Buffer
	switch {
	case len(doc) > 4*maxAttributes:
		f.Add("attributes", CodeTooLong, "Attributes take at most 16 KiB.")
	case json.Compact(&text, doc) != nil || text.Bytes()[0] != '{' || !utf8.Valid(doc):
		f.Add("attributes", CodeInvalid, "Attributes are a JSON object.")
	case text.Len() > maxAttributes:
		f.Add("attributes", CodeTooLong, "Attributes take at most 16 KiB.")
	case holdsNUL(doc):
		f.Add("attributes", CodeInvalid, "Text must not contain NUL.")
	default:
		a.Attributes = text.Bytes()
	}
}

// holdsNUL looks for NUL in the strings of a clean document: PostgreSQL can't read it as jsonb
// any more.
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

// requireLogin adds an error unless a can sign in by some name.
func requireLogin(f *FieldErrors, a Account) {
	if a.UsernameKey == "" && a.EmailKey == "" && len(*f) == 0 {
		f.Add("username", CodeRequired, "An account needs a username or an email address.")
	}
}

// passwordError turns a refusal into a field error and leaves other errors as they are.
func passwordError(field string, err error) error {
	var rule *password.RuleError
	if !errors.As(err, &rule) {
		return err
	}
	detail := map[string]string{
		password.CodeTooShort:     "The password is too short.",
		password.CodeTooLong:      "The password is too long.",
		password.CodeTooCommon:    "This is one of the most common passwords.",
		password.CodeTooGuessable: "The password is too close to a name that others know.",
		password.CodeInvalid:      "The password must be valid UTF-8 without NUL.",
		password.CodeBreached:     "This password is known from a breach.",
	}[rule.Code]
	return &FieldsError{Fields: []FieldError{{Field: field, Code: rule.Code, Detail: detail}}}
}
func oneOf[T ~string](f *FieldErrors, field string, v T, allowed ...T) {
	if !slices.Contains(allowed, v) {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		f.Add(field, CodeUnknown, "Use one of: "+strings.Join(names, ", ")+".")
	}
}

func seconds(f *FieldErrors, field string, d, least, most time.Duration) {
	if d < least || d > most || d%time.Second != 0 {
		f.Add(field, CodeInvalid, "Use whole seconds from "+least.String()+" to "+most.String()+".")
	}
}

func def[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
