package limit

import (
	"errors"
	"fmt"
	"time"
)

// ErrTooMany: a bucket has no try left. See Error.
var ErrTooMany = errors.New("too many attempts")

// Error says when to try again. It matches ErrTooMany.
type Error struct{ RetryAfter time.Duration }

// Error tells how long to wait.
func (e *Error) Error() string { return fmt.Sprintf("%v: retry after %v", ErrTooMany, e.RetryAfter) }

// Unwrap gives ErrTooMany.
func (e *Error) Unwrap() error { return ErrTooMany }
