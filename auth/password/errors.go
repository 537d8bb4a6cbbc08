package password

import (
	"errors"
	"fmt"
	"time"
)

// ErrBusy is matched by every [BusyError].
var ErrBusy = errors.New("password hashing is busy")

// ErrUnknownHash reports a stored hash that no verifier recognises, or whose
// parameters lie outside the accepted bounds.
var ErrUnknownHash = errors.New("password hash of unknown format")

// BusyError reports that the queue for hashing is full. It matches [ErrBusy].
type BusyError struct {
	// RetryAfter is the time after which the present queue should have been worked
	// off: whole seconds, from 1 to 30.
	RetryAfter time.Duration
}

// Error implements the error interface.
func (e *BusyError) Error() string {
	return fmt.Sprintf("%v, retry after %v", ErrBusy, e.RetryAfter)
}

// Is reports whether target is [ErrBusy].
func (e *BusyError) Is(target error) bool { return target == ErrBusy }

// Codes of a [RuleError].
const (
	CodeTooShort     = "too_short"     // fewer code points than Rules.Min
	CodeTooLong      = "too_long"      // more bytes than Rules.Max or [MaxBytes]
	CodeTooCommon    = "too_common"    // on the built-in list of common passwords
	CodeTooGuessable = "too_guessable" // a name of the site or the user, hardly changed
	CodeInvalid      = "invalid"       // not UTF-8, or contains NUL
	CodeBreached     = "breached"      // known to Rules.Breached
)

// RuleError reports a password that may not be chosen. It never holds the password.
type RuleError struct {
	// Code is one of the Code constants, stable and meant for programs.
	Code string
}

// Error implements the error interface.
func (e *RuleError) Error() string { return "password refused: " + e.Code }
