package host

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hallpass-go/hallpass"
	"github.com/hallpass-go/hallpass/auth"
)

// Hallpass makes the library on a store. The key in keyFile becomes cfg.Secret, and has to be
// the key of the store.
func Hallpass(ctx context.Context, db Database, keyFile string, cfg hallpass.Config) (*hallpass.Hallpass, error) {
	var err error
	if cfg.Secret, err = Key(ctx, db.Auth(), keyFile); err != nil {
		return nil, err
	}
	hp, err := hallpass.New(db, cfg)
	if errors.Is(err, auth.ErrWrongSecret) {
		return nil, anotherKey(keyFile)
	}
	return hp, Explain(err)
}

func anotherKey(keyFile string) error {
	return fmt.Errorf("the database was set up with another key than the one in %s", keyFile)
}

// Accounts makes the accounts on a store. The key in keyFile becomes cfg.Secret, and has to be
// the key of the store.
func Accounts(ctx context.Context, db Database, keyFile string, cfg auth.Config) (*auth.Service, error) {
	var err error
	if cfg.Secret, err = Key(ctx, db.Auth(), keyFile); err != nil {
		return nil, err
	}
	accounts, err := auth.New(db.Auth(), cfg)
	if err != nil {
		return nil, Explain(err)
	}
	if err := accounts.Ready(ctx); err != nil {
		if errors.Is(err, auth.ErrWrongSecret) {
			return nil, anotherKey(keyFile)
		}
		return nil, err
	}
	return accounts, nil
}

// Explain turns an error about fields into one line that names the fields and says what is
// wrong. Other errors stay as they are.
func Explain(err error) error {
	var fields *auth.FieldsError
	if !errors.As(err, &fields) {
		return err
	}
	var parts []string
	for _, f := range fields.Fields {
		parts = append(parts, f.Field+": "+f.Detail)
	}
	return errors.New(strings.Join(parts, "; "))
}

// Find finds a user by username or email address, for a command line.
func Find(ctx context.Context, accounts *auth.Service, operator *auth.Principal, login string) (auth.User, error) {
	u, err := accounts.UserByLogin(ctx, operator, login)
	if errors.Is(err, auth.ErrNotFound) {
		return u, fmt.Errorf("there is no user %q", login)
	}
	return u, err
}
