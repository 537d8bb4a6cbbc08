package auth_test

import (
	"errors"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// Reserved names are compared as usernames are, without case.
func TestReservedUsernamesIgnoreCase(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t, func(c *auth.Config) {
		c.Settings.SignUp = policy.SignUpOpen
		c.ReservedUsernames = []string{"House"}
	})
	in := auth.UserInput{Username: "house", Password: authtest.Password}
	if _, err := kit.SignUp(t.Context(), nil, in, auth.Client{}); !errors.Is(err, auth.ErrInvalidInput) {
		t.Error(err)
	}
}
