package password

import (
	"errors"
	"fmt"
	"time"
)

// ErrBusy matches every [BusyError].
var ErrBusy = errors.New("password hashing is busy")

// ErrUnknownHash means that no verifier recognises a stored hash, or that its parameters are
// out of bounds.
var ErrUnknownHash = errors.New("password hash of unknown format")

// BusyError means that the queue for hashing is full. It matches [ErrBusy].
type BusyError struct {
	// RetryAfter is an estimate of the time in which the present queue empties: whole seconds,
	// from 1 to 30.
	RetryAfter time.Duration
}

// Error returns a message with the time to wait.
func (e *BusyError) Error() string {
	return fmt.Sprintf("%v, retry after %v", ErrBusy, e.RetryAfter)
}

// Is reports whether target is [ErrBusy].
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// These are the codes of a [RuleError].
const (
	CodeTooShort     = "too_short"     // fewer code points than Rules.Min
	CodeTooLong      = "too_long"      // more bytes than Rules.Max or [MaxBytes]
	CodeTooCommon    = "too_common"    // on the built-in list of common passwords
	CodeTooGuessable = "too_guessable" // a name of the site or the user, with few changes
	CodeInvalid      = "invalid"       // not UTF-8, or contains a NUL byte
	CodeBreached     = "breached"      // Rules.Breached knows it from a breach
)

// RuleError means that a password may not be chosen. It never holds the password.
type RuleError struct {
	// Code is one of the Code constants. It is stable and meant for programs.
	Code string
}

// Error returns a message with the code.
func (e *RuleError) Error() string { return "password refused: " + e.Code }
