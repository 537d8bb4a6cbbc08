package scopes

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// maxToken is the greatest length of a name or a filter value, in bytes.
const maxToken = 255

const badValue = "a value has 1 to 255 printable ASCII characters without space, quote and backslash"

// Scope is a permission: a name, and optionally a filter that limits what it covers.
type Scope struct {
	Name  string
	Kind  string // kind of the filter; empty for a scope without a filter
	Value string // an id; empty for a bare filter such as "!user", which stands for the holder's own
}

// String returns the text of s. Parse turns it back into s.
func (s Scope) String() string {
	switch {
	case s.Kind == "":
		return s.Name
	case s.Value == "":
		return s.Name + "!" + s.Kind
	default:
		return s.Name + "!" + s.Kind + "=" + s.Value
	}
}

// sortScopes sorts by name, then kind, then value, so that equal scopes are next to each other.
func sortScopes(list []Scope) {
	slices.SortFunc(list, func(a, b Scope) int {
		return cmp.Or(
			strings.Compare(a.Name, b.Name), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Value, b.Value),
		)
	})
}

// Parse reads "name", "name!kind" or "name!kind=value". The error is a *ParseError.
func (s *Schema) Parse(text string) (Scope, error) {
	name, filter, filtered := strings.Cut(text, "!")
	id, ok := s.ids[name]
	if !ok {
		return Scope{}, s.unknown(text, name)
	}
	if !filtered {
		return Scope{Name: name}, nil
	}
	kind, value, valued := strings.Cut(filter, "=")
	sc := Scope{Name: name, Kind: kind, Value: value}
	switch {
	case filter == "":
		return Scope{}, &ParseError{text, CodeTrailingBang, "nothing follows the !"}
	case strings.Contains(filter, "!"):
		return Scope{}, &ParseError{text, CodeSecondFilter, "a scope has one filter"}
	case !slices.Contains(s.kinds, Kind{kind}):
		return Scope{}, &ParseError{text, CodeUnknownKind, "unknown kind of filter" + suggest(kind, s.kindNames())}
	case !s.accepts(id, kind):
		return Scope{}, &ParseError{text, CodeFilterRefused, name + " takes no filter of kind " + kind}
	case valued && value == "":
		return Scope{}, &ParseError{text, CodeEmptyValue, "nothing follows the ="}
	case valued && !validToken(value):
		return Scope{}, &ParseError{text, CodeBadValue, badValue}
	case !valued && kind == KindGroup:
		return Scope{}, &ParseError{text, CodeEmptyValue, "a group filter names a group"}
	}
	return sc, nil
}

// unknown returns the error for a name that is not declared.
func (s *Schema) unknown(text, name string) error {
	if !validToken(name) {
		return &ParseError{text, CodeUnknownScope, "not a scope"}
	}
	return &ParseError{text, CodeUnknownScope, "unknown scope" + suggest(name, s.Names())}
}

// ParseAll reads a list and returns it sorted, without duplicates. If texts are invalid, the
// error joins a *ParseError for each.
func (s *Schema) ParseAll(texts []string) ([]Scope, error) {
	out := make([]Scope, 0, len(texts))
	var errs []error
	for _, text := range texts {
		sc, err := s.Parse(text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, sc)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	sortScopes(out)
	return slices.Compact(out), nil
}

// validToken reports whether s is 1 to 255 scope-token characters of RFC 6749 section 3.3,
// without "!".
func validToken(s string) bool {
	if s == "" || len(s) > maxToken {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '!' {
			return false
		}
	}
	return true
}

func validKind(s string) bool {
	if s == "" || len(s) > 64 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
	})
}
