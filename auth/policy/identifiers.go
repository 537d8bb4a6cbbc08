package policy

import (
	"errors"
	"fmt"
)

// Need says whether users have an identifier.
type Need string

// The values of Need.
const (
	Required Need = "required"
	Optional Need = "optional"
	Off      Need = "off"
)

// Identifiers says which identifiers users have. Every user has at least one of both: where one
// is Off, the other is Required.
type Identifiers struct {
	Username Need // empty means Required
	Email    Need // empty means Optional
}

// WithDefaults fills in what is empty.
func (i Identifiers) WithDefaults() Identifiers {
	if i.Username == "" {
		i.Username = Required
	}
	if i.Email == "" {
		i.Email = Optional
	}
	return i
}

// Validate returns an error unless every user has at least one identifier.
func (i Identifiers) Validate() error {
	for _, n := range []Need{i.Username, i.Email} {
		if n != Required && n != Optional && n != Off {
			return fmt.Errorf("identifiers: unknown need %q", n)
		}
	}
	if i.Username != Required && i.Email != Required && (i.Username == Off || i.Email == Off) {
		return errors.New("identifiers: every user needs a username or an email")
	}
	return nil
}
