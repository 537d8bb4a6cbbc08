package sharing

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/scopes"
)

// Codes of a FieldError, beside those of scopes.ParseError.
const (
	CodeInvalid      = "invalid"
	CodeRequired     = "required"
	CodeUnknown      = "unknown"
	CodeNotShareable = "not_shareable"
)

const (
	maxLabel = 128    // code points
	maxNext  = 1024   // bytes
	maxUses  = 100000 // of one code
)

// validID reports what the filter of a scope may name.
func validID(id string) bool {
	if id == "" || len(id) > 255 {
		return false
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '!' {
			return false
		}
	}
	return true
}

// canonicalID reports a UUID as this library writes them.
func canonicalID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i, c := range []byte(id) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// plainText reports valid UTF-8 without control characters.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// names reads the scopes of a share: names, or names with a filter that is the resource. None
// means the default ones.
func (s *Service) names(f *fieldErrors, k kind, r Ref, list []string) []string {
	if len(list) == 0 {
		return slices.Clone(k.Default)
	}
	var out []string
	for _, text := range list {
		sc, err := s.schema.Parse(text)
		var bad *scopes.ParseError
		switch {
		case errors.As(err, &bad):
			f.add("scopes", bad.Code, bad.Error())
		case sc.Kind != "" && (sc.Kind != r.Kind || sc.Value != r.ID):
			f.add("scopes", CodeInvalid, "A scope here is filtered to the resource, or not at all.")
		case !slices.Contains(k.Shareable, sc.Name):
			f.add("scopes", CodeNotShareable, sc.Name+" can't be shared.")
		default:
			out = append(out, sc.Name)
		}
	}
	return sorted(out)
}

// expiry is when a share ends that was asked to last for life; 0 stands for the kind's own.
func (k kind) expiry(f *fieldErrors, now time.Time, life time.Duration) time.Time {
	if life == 0 {
		life = k.Expiry
	}
	most := k.MaxExpiry
	if most == 0 {
		most = 3650 * day
	}
	switch {
	case life == 0:
		return time.Time{}
	case life < time.Second || life > most || life%time.Second != 0:
		f.add("expires_in", CodeInvalid, "Whole seconds, at most "+most.String()+".")
	}
	return now.Add(life)
}

// OwnPath reports a path of the host itself that a browser can be sent to: it begins with one
// slash, and nothing in it makes a browser leave the site, however it is read (WHATWG URL
// Standard, section 4.4: backslashes count as slashes, tabs and line breaks are dropped).
func OwnPath(next string) bool {
	if len(next) > maxNext || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\ ") || !plainText(next) {
		return false
	}
	for _, c := range next {
		if c >= 0x7f {
			return false
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" {
		return false
	}
	// What is decoded once more on the way, or loses its dots, must not become another place
	// either.
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return !strings.HasPrefix(u.Path, "//") && !strings.ContainsAny(u.Path, "\\\r\n\t\x00")
}
