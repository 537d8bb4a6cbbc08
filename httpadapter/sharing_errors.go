package httpadapter

import (
	"errors"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// fromSharing gives errors of package sharing the types that the rest of this package knows:
// what they mean is the same, and sharing does not import auth.
func fromSharing(err error) error {
	var fields *sharing.FieldsError
	var over *sharing.CeilingError
	var lacks *sharing.ScopeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fields):
		out := &auth.FieldsError{}
		for _, f := range fields.Fields {
			out.Fields = append(out.Fields, auth.FieldError(f))
		}
		return out
	case errors.As(err, &over):
		return &auth.CeilingError{Excess: over.Excess}
	case errors.As(err, &lacks):
		return &auth.ScopeError{Need: lacks.Need}
	case errors.Is(err, sharing.ErrNotFound):
		return auth.ErrNotFound
	case errors.Is(err, sharing.ErrBadCursor):
		return auth.ErrBadCursor
	}
	return err
}
