package sharing

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrCodeInvalid: the code is unknown, expired, used up, revoked, for somebody else, or its
	// giver can't give any more. Which is not told.
	ErrCodeInvalid = errors.New("share code is not valid")
	// ErrOwnCode: the owner of a resource needs no share of it.
	ErrOwnCode = errors.New("the resource is the caller's own")
	// ErrResourceTaken: somebody else has registered the resource.
	ErrResourceTaken = errors.New("resource is taken")
	// ErrInsufficientScope: the caller lacks the scope altogether. See ScopeError.
	ErrInsufficientScope = errors.New("insufficient scope")
	// ErrAboveCeiling: the caller would give what they do not hold. See CeilingError.
	ErrAboveCeiling = errors.New("above the caller's own rights")
	// ErrInvalidInput: one or more fields are bad. See FieldsError.
	ErrInvalidInput = errors.New("invalid input")
	// ErrNoHolder: only users and services share.
	ErrNoHolder = errors.New("neither a user nor a service")
	// ErrBadCursor: the page cursor is not one that a list gave out.
	ErrBadCursor = errors.New("bad cursor")
)

// ScopeError says which scope a caller lacks. It matches ErrInsufficientScope.
type ScopeError struct{ Need []string }

// Error names the scopes, any one of which would do.
func (e *ScopeError) Error() string {
	return fmt.Sprintf("%v: needs %s", ErrInsufficientScope, strings.Join(e.Need, " or "))
}

// Unwrap gives ErrInsufficientScope.
func (e *ScopeError) Unwrap() error { return ErrInsufficientScope }

// CeilingError lists the scopes that the caller would need and does not hold. It matches
// ErrAboveCeiling.
type CeilingError struct{ Excess []string }

// Error names the missing scopes.
func (e *CeilingError) Error() string {
	return fmt.Sprintf("%v: %s", ErrAboveCeiling, strings.Join(e.Excess, " "))
}

// Unwrap gives ErrAboveCeiling.
func (e *CeilingError) Unwrap() error { return ErrAboveCeiling }

// A FieldError says what is wrong with one field.
type FieldError struct{ Field, Code, Detail string }

// FieldsError lists everything wrong with an input. It matches ErrInvalidInput.
type FieldsError struct{ Fields []FieldError }

// Error names the fields and their codes, never their values.
func (e *FieldsError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Field + ": " + f.Code
	}
	return fmt.Sprintf("%v (%s)", ErrInvalidInput, strings.Join(parts, ", "))
}

// Unwrap gives ErrInvalidInput.
func (e *FieldsError) Unwrap() error { return ErrInvalidInput }

// fieldErrors collects what is wrong with an input.
type fieldErrors []FieldError

func (f *fieldErrors) add(field, code, detail string) {
	*f = append(*f, FieldError{field, code, detail})
}

// err is nil, or a FieldsError with all that was added.
func (f fieldErrors) err() error {
	if len(f) == 0 {
		return nil
	}
	return &FieldsError{f}
}
