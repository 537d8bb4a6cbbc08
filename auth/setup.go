package auth

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/token"
)

// SetUp is what the first admin is made from.
type SetUp struct {
	Token    string
	Username string
	Email    string
	Password string
}

// SetUpDone tells whether an admin exists.
func (s *Service) SetUpDone(ctx context.Context) (bool, error) {
	return s.st.HasActiveHolder(ctx, RoleAdmin, "")
}

// NewSetUpToken makes a token with which one person can become the first admin, for the host to
// print at start. All that were made count until then. ErrSetupDone once an admin exists.
func (s *Service) NewSetUpToken(ctx context.Context) (token.Secret, error) {
	if done, err := s.SetUpDone(ctx); err != nil || done {
		return token.Secret{}, orElse(err, ErrSetupDone)
	}
	t := token.New(token.Setup)
	if err := s.st.AddSetupToken(ctx, t.Hash(), s.now()); err != nil {
		return token.Secret{}, fmt.Errorf("make set-up token: %w", err)
	}
	return t, nil
}

// orElse returns err, or e without one.
func orElse(err, e error) error {
	if err != nil {
		return err
	}
	return e
}

// SetUpAdmin makes the first admin and closes set-up for good, also against a second request at
// the same time on another replica. ErrSetupDone, ErrBadSetupToken, a FieldsError or
// password.ErrBusy.
func (s *Service) SetUpAdmin(ctx context.Context, in SetUp) (User, error) {
	if done, err := s.SetUpDone(ctx); err != nil || done {
		return User{}, orElse(err, ErrSetupDone)
	}
	t, err := token.Parse(token.Setup, in.Token)
	if err != nil {
		return User{}, ErrBadSetupToken
	}
	if ok, err := s.st.HasSetupToken(ctx, t.Hash()); err != nil || !ok {
		return User{}, orElse(err, ErrBadSetupToken)
	}
	now, err := s.settings(ctx, s.st)
	if err != nil {
		return User{}, err
	}
	a, err := s.newAccount(ctx, s.st, now, NewUser{Username: in.Username, Email: in.Email, Password: in.Password,
		Roles: []string{string(RoleAdmin), string(RoleUser)}}, true)
	if err != nil {
		return User{}, err
	}
	if a.PasswordHash, err = s.hashNew(ctx, now, "password", in.Password, a); err != nil {
		return User{}, err
	}
	err = s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		if done, err := st.HasActiveHolder(ctx, RoleAdmin, ""); err != nil || done {
			return orElse(err, ErrSetupDone)
		}
		if err := s.insertAccount(ctx, tx, &a); err != nil {
			return err
		}
		if err := st.DeleteSetupTokens(ctx); err != nil {
			return err
		}
		return s.Audit(ctx, tx, nil, "setup", string(a.ID), nil)
	})
	if err != nil {
		return User{}, fmt.Errorf("set up: %w", err)
	}
	return a.User, nil
}
