package auth

import (
	"context"
	"errors"
	"fmt"
)

// Hooks let the host take part in changes. A hook runs in the transaction that makes the
// change, whoever asked for it, over HTTP or not, and also during imports. What the hook does
// with Tx commits or rolls back together with the change.
//
// If a hook returns an error, everything rolls back. The client is told of ErrRefused and of a
// FieldsError, also if they are wrapped. Any other error is an internal error, and its text
// does not reach the client. A panic counts as an internal error.
//
// A hook runs again if the transaction has to start over, so it should have no effects except
// through Tx. Hooks must be safe for concurrent use. nil hooks are skipped.
type Hooks struct {
	// UserCreating runs before an account is added.
	UserCreating func(ctx context.Context, tx Tx, u User) error
	// UserCreated runs after an account was added. Rows of the host can refer to it now.
	UserCreated func(ctx context.Context, tx Tx, u User) error
	// UserUpdated runs after an account, its status or its roles have changed.
	UserUpdated func(ctx context.Context, tx Tx, before, after User) error
	// UserDeleting runs before an account is removed. Rows of the host can still refer to it.
	UserDeleting func(ctx context.Context, tx Tx, u User) error
	// SigningIn runs at the end of every sign-in, by any method, just before the commit.
	SigningIn func(ctx context.Context, tx Tx, u User, x Session) error
}

// hook runs one hook. A panic becomes an error, so that the transaction rolls back and the
// request gets an answer. Of the errors of this package, the result matches only those that
// Hooks promises and those that say how the transaction failed. If the hook's error happens to
// match another one, clients must not be told so.
func hook(name string, fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("hook %s panicked: %v", name, r)
		}
	}()
	if err := fn(); err != nil {
		for _, told := range []error{ErrRefused, ErrInvalidInput, ErrFieldForbidden, ErrSerialization, ErrUnavailable} {
			if errors.Is(err, told) {
				return fmt.Errorf("hook %s: %w", name, err)
			}
		}
		return fmt.Errorf("hook %s: %v", name, err)
	}
	return nil
}

// userCreating and the methods below run the hook of their name, if it is set.
func (h Hooks) userCreating(ctx context.Context, tx Tx, u User) error {
	if h.UserCreating == nil {
		return nil
	}
	return hook("UserCreating", func() error { return h.UserCreating(ctx, tx, u) })
}

func (h Hooks) userCreated(ctx context.Context, tx Tx, u User) error {
	if h.UserCreated == nil {
		return nil
	}
	return hook("UserCreated", func() error { return h.UserCreated(ctx, tx, u) })
}

func (h Hooks) userUpdated(ctx context.Context, tx Tx, before, after User) error {
	if h.UserUpdated == nil {
		return nil
	}
	return hook("UserUpdated", func() error { return h.UserUpdated(ctx, tx, before, after) })
}

func (h Hooks) userDeleting(ctx context.Context, tx Tx, u User) error {
	if h.UserDeleting == nil {
		return nil
	}
	return hook("UserDeleting", func() error { return h.UserDeleting(ctx, tx, u) })
}

func (h Hooks) signingIn(ctx context.Context, tx Tx, u User, x Session) error {
	if h.SigningIn == nil {
		return nil
	}
	return hook("SigningIn", func() error { return h.SigningIn(ctx, tx, u, x) })
}
