package emailcode

import "errors"

var (
	// ErrNotFound means that a Store has no such flow, or no such user or session for a new
	// one.
	ErrNotFound = errors.New("flow not found")
	// ErrWrong means that something is wrong with a code, a link or the secret of a flow. It
	// does not say what.
	ErrWrong = errors.New("wrong code or link")
)
