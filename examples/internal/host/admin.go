package host

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth"
)

// FirstAdmin makes the first admin of a store that has none. Without a password in in, it makes
// one and returns it. The returned password is empty if there was an admin already, or another
// replica made one first.
func FirstAdmin(
	ctx context.Context, accounts *auth.Service, operator *auth.Principal, in auth.UserInput,
) (password string, err error) {
	if done, err := accounts.SetUp.Done(ctx); err != nil || done {
		return "", err
	}
	if in.Password == "" {
		in.Password = rand.Text() // 130 bits
	}
	_, err = accounts.CreateUser(ctx, operator, in, auth.Client{})
	switch {
	case errors.Is(err, auth.ErrUsernameTaken), errors.Is(err, auth.ErrEmailTaken),
		errors.Is(err, auth.ErrExternalIDTaken):
		if done, failed := accounts.SetUp.Done(ctx); failed != nil || done {
			return "", failed
		}
		return "", fmt.Errorf("make the first admin: somebody who is none has the name: %w", err)
	case err != nil:
		return "", fmt.Errorf("make the first admin: %w", Explain(err))
	}
	return in.Password, nil
}
