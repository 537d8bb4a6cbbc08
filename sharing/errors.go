package sharing

import (
	"errors"

	"github.com/hallpass-go/hallpass/auth"
)

// The errors of this package, beside those of package auth. They are matched with errors.Is.
var (
	// ErrShareCodeInvalid: the share code is unknown, expired, used up, revoked or for somebody
	// else, or its giver can no longer give anything. The caller is not told which.
	ErrShareCodeInvalid = errors.New("share code is not valid")
	// ErrOwnCode: the owner of a resource needs no share of it.
	ErrOwnCode = errors.New("the resource is the caller's own")
	// ErrResourceTaken: somebody else has registered the resource.
	ErrResourceTaken = errors.New("resource is taken")
	// ErrNoHolder: the caller is neither a user nor a service, and only those share.
	ErrNoHolder = errors.New("neither a user nor a service")
)

// CodeNotShareable is the code of a FieldError, beside those of package auth and of
// scopes.ParseError: the kind does not let anybody share the scope.
const CodeNotShareable = "not_shareable"

// orNotFound is err, or auth.ErrNotFound where there is none: for what was looked up and is not
// the caller's.
func orNotFound(err error) error {
	if err == nil {
		err = auth.ErrNotFound
	}
	return err
}

// fieldError is a FieldsError about one field.
func fieldError(field, code, detail string) error {
	return auth.FieldError{Field: field, Code: code, Detail: detail}.Err()
}
