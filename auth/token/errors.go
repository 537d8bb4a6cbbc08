package token

import (
	"errors"
	"fmt"
)

// These are the errors of this package. Match them with errors.Is. They never hold a token.
var (
	// ErrMalformed means that a text is not an opaque secret of the wanted class.
	ErrMalformed = errors.New("malformed secret")
	// ErrWeakSecret means that the host's secret has fewer than 32 bytes.
	ErrWeakSecret = errors.New("secret has fewer than 32 bytes")
	// ErrInvalid means that an access token is not one of ours or was changed.
	ErrInvalid = errors.New("invalid access token")
	// ErrExpired means that an access token is good but too old.
	ErrExpired = errors.New("access token has expired")
	// ErrUnknownKey means that an access token is well formed but names a key that is not in
	// the ring. It also matches ErrInvalid. Reading the keys again may help.
	ErrUnknownKey = fmt.Errorf("%w: unknown key", ErrInvalid)
	// ErrNoKey means that the ring has no key to sign with.
	ErrNoKey = errors.New("no signing key")
	// ErrUnseal means that a stored key was sealed with another secret or was changed.
	ErrUnseal = errors.New("signing key can't be unsealed")
)
