package auth

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/token"
)

// SetUpInput is the input of SetUp.CreateAdmin.
type SetUpInput struct {
	Token    string
	Username string
	Email    string
	Password string
}

// SetUp makes the first admin. Its methods need no scope: a set-up token takes the place of a
// credential. Once an admin exists, set-up is over. SetUp is safe for concurrent use.
type SetUp struct{ s *Service }

// Done reports whether an admin exists.
func (m *SetUp) Done(ctx context.Context) (bool, error) {
	return m.s.st.HasActiveHolder(ctx, RoleAdmin, "")
}

// NewToken makes a token with which one person can become the first admin. The host prints it
// when it starts. Every token works until there is an admin. NewToken returns ErrSetUpDone if
// an admin exists.
func (m *SetUp) NewToken(ctx context.Context) (token.Secret, error) {
	if done, err := m.Done(ctx); err != nil || done {
		return token.Secret{}, orElse(err, ErrSetUpDone)
	}
	t := token.New(token.SetUp)
	if err := m.s.st.AddSetUpToken(ctx, t.Hash(), m.s.now()); err != nil {
		return token.Secret{}, fmt.Errorf("make set-up token: %w", err)
	}
	return t, nil
}

// orElse returns err if it is not nil, and otherwise e.
func orElse(err, e error) error {
	if err != nil {
		return err
	}
	return e
}

// CreateAdmin makes the first admin and ends set-up for good. If several requests come at the
// same time, on any replica, one wins. It returns ErrSetUpDone if an admin exists,
// ErrBadSetUpToken if the token is not valid, and a FieldsError, ErrUsernameTaken,
// ErrEmailTaken or password.ErrBusy.
func (m *SetUp) CreateAdmin(ctx context.Context, in SetUpInput) (User, error) {
	if done, err := m.Done(ctx); err != nil || done {
		return User{}, orElse(err, ErrSetUpDone)
	}
	t, err := token.Parse(token.SetUp, in.Token)
	if err != nil {
		return User{}, ErrBadSetUpToken
	}
	if ok, err := m.s.st.HasSetUpToken(ctx, t.Hash()); err != nil || !ok {
		return User{}, orElse(err, ErrBadSetUpToken)
	}
	settings, err := m.s.settings(ctx, m.s.st)
	if err != nil {
		return User{}, err
	}
	a, err := m.s.newAccount(ctx, m.s.st, settings, UserInput{Username: in.Username, Email: in.Email,
		Password: in.Password,
		Roles:    []string{string(RoleAdmin), string(RoleUser)}}, true)
	if err != nil {
		return User{}, err
	}
	if a.PasswordHash, err = m.s.hashNew(ctx, settings, "password", in.Password, a); err != nil {
		return User{}, err
	}
	err = m.s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		if done, err := st.HasActiveHolder(ctx, RoleAdmin, ""); err != nil || done {
			return orElse(err, ErrSetUpDone)
		}
		if err := m.s.insertAccount(ctx, tx, &a); err != nil {
			return err
		}
		if err := st.DeleteSetUpTokens(ctx); err != nil {
			return err
		}
		return m.s.Audit(ctx, tx, nil, "setup", string(a.ID), nil)
	})
	if err != nil {
		return User{}, fmt.Errorf("set up: %w", err)
	}
	return a.User, nil
}
