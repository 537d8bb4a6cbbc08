package sharing

import (
	"errors"

	"github.com/hallpass-go/hallpass/auth"
)

// The errors of this package, beside those of package auth. They are matched with errors.Is.
var (
	// ErrShareCodeInvalid: the share code is unknown, expired, used up, revoked or for somebody
	// else, or its giver can't give anything any more. The caller is not told which of these,
	// and can't tell by the time it takes.
	ErrShareCodeInvalid = errors.New("share code is not valid")
	// ErrOwnCode: the caller owns the resource, and needs no share of it.
	ErrOwnCode = errors.New("the resource is the caller's own")
	// ErrResourceTaken: somebody else has registered the resource.
	ErrResourceTaken = errors.New("resource is taken")
	// ErrNoHolder: the caller is of the wrong kind. Giving takes a user or a service. Accepting
	// and owning take a user.
	ErrNoHolder = errors.New("neither a user nor a service")
)

// CodeNotShareable is the reason code of a FieldError about a scope that the kind does not let
// anybody share. Other reason codes are those of package auth and of scopes.ParseError.
const CodeNotShareable = "not_shareable"

// orNotFound returns err, or auth.ErrNotFound if err is nil: for something that was found but
// is not the caller's.
func orNotFound(err error) error {
	if err == nil {
		err = auth.ErrNotFound
	}
	return err
}

// fieldError returns a FieldsError about one field.
func fieldError(field, code, detail string) error {
	return auth.FieldError{Field: field, Code: code, Detail: detail}.Err()
}
