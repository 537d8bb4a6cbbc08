package scopes

import (
	"errors"
	"fmt"
)

// ErrInvalidScope is matched by every [ParseError].
var ErrInvalidScope = errors.New("invalid scope")

// Codes of a ParseError, stable and meant for programs.
const (
	CodeUnknownScope  = "unknown_scope"
	CodeUnknownKind   = "unknown_kind"
	CodeFilterRefused = "filter_refused" // the scope takes no filter of this kind
	CodeEmptyValue    = "empty_value"
	CodeBadValue      = "bad_value"
	CodeTrailingBang  = "trailing_bang"
	CodeSecondFilter  = "second_filter"
)

// ParseError says why a text is no scope.
type ParseError struct {
	Text   string // as given
	Code   string
	Detail string // for people, with a suggestion where a name is close to a known one
}

// Error quotes the text, cut to a readable length.
func (e *ParseError) Error() string { return fmt.Sprintf("scope %.80q: %s", e.Text, e.Detail) }

// Unwrap gives ErrInvalidScope.
func (e *ParseError) Unwrap() error { return ErrInvalidScope }
