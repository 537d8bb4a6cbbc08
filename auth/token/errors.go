package token

import (
	"errors"
	"fmt"
)

// The errors of this package, matched with errors.Is. They never hold a token.
var (
	// ErrMalformed: the text is no opaque secret of the class asked for.
	ErrMalformed = errors.New("malformed secret")
	// ErrWeakSecret: the host's secret has fewer than 32 bytes.
	ErrWeakSecret = errors.New("secret has fewer than 32 bytes")
	// ErrInvalid: the access token is not one of ours, or was changed.
	ErrInvalid = errors.New("invalid access token")
	// ErrExpired: the access token is good but for its time.
	ErrExpired = errors.New("access token has expired")
	// ErrUnknownKey: the access token is well formed and names a key that is not in the ring.
	// It matches ErrInvalid too. Reading the keys anew may help.
	ErrUnknownKey = fmt.Errorf("%w: unknown key", ErrInvalid)
	// ErrNoKey: the ring has no key to sign with.
	ErrNoKey = errors.New("no signing key")
	// ErrUnseal: a stored key was sealed with another secret, or was changed.
	ErrUnseal = errors.New("signing key can't be unsealed")
)
