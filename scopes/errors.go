package scopes

import (
	"errors"
	"fmt"
)

// ErrInvalidScope matches every [ParseError].
var ErrInvalidScope = errors.New("invalid scope")

// Codes of a ParseError. They are stable and meant for programs.
const (
	CodeUnknownScope  = "unknown_scope"
	CodeUnknownKind   = "unknown_kind"
	CodeFilterRefused = "filter_refused" // the scope does not accept filters of this kind
	CodeEmptyValue    = "empty_value"
	CodeBadValue      = "bad_value"
	CodeTrailingBang  = "trailing_bang"
	CodeSecondFilter  = "second_filter"
)

// ParseError says why a text is not a scope.
type ParseError struct {
	Text   string // the text as given
	Code   string
	Detail string // for people; suggests a known name if one is close
}

// Error returns a message that quotes the text, cut to a readable length.
func (e *ParseError) Error() string { return fmt.Sprintf("scope %.80q: %s", e.Text, e.Detail) }

// Unwrap returns ErrInvalidScope.
func (e *ParseError) Unwrap() error { return ErrInvalidScope }
