package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Reauthenticate proves anew who sits at a session, for sensitive changes. A cookie session
// gets a new secret, which is returned; the old one ends. Errors as of SignIn, and
// ErrSessionRequired.
func (s *Service) Reauthenticate(ctx context.Context, p *Principal, pw string, c Client) (token.Secret, error) {
	if p == nil {
		return token.Secret{}, ErrUnauthenticated
	}
	if p.Session.ID == "" {
		return token.Secret{}, ErrSessionRequired
	}
	a, err := s.account(ctx, s.st, p.User.ID)
	if err != nil {
		return token.Secret{}, err
	}
	if err := s.provePassword(ctx, p, a, pw, c); err != nil {
		return token.Secret{}, err
	}
	secret, err := s.refreshProof(ctx, s.st, p)
	if err != nil {
		return token.Secret{}, fmt.Errorf("reauthenticate: %w", err)
	}
	return secret, nil
}

// refreshProof notes that the caller has just proven who they are. A cookie session gets
// another secret.
func (s *Service) refreshProof(ctx context.Context, st Store, p *Principal) (token.Secret, error) {
	var secret token.Secret
	if p.Credential == CredentialCookie {
		secret = token.New(token.Session)
	}
	_, err := st.UpdateSession(ctx, p.Session.ID, func(x *Session) error {
		x.ProvedAt = s.now()
		if !secret.IsZero() {
			x.TokenHash = secret.Hash()
		}
		return nil
	})
	if errors.Is(err, ErrNotFound) {
		err = ErrTokenInvalid
	}
	return secret, err
}

// provePassword verifies the password of somebody who is signed in. It counts and is recorded
// like a sign-in.
func (s *Service) provePassword(ctx context.Context, p *Principal, a Account, pw string, c Client) error {
	login := a.Username
	if login == "" {
		login = a.Email
	}
	at, err := s.beginPassword(ctx, login, pw, c)
	if err != nil {
		return err
	}
	if at.read.Account.ID != a.ID {
		return ErrBadCredentials // renamed meanwhile
	}
	if _, err := at.verifyPassword(ctx, pw); err != nil {
		return err
	}
	if err := at.admit(ctx, Proof{account: &at.read.Account}); err != nil {
		return err
	}
	return s.limits.Succeed(ctx, at.tries)
}
