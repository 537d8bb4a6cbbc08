package auth

import (
	"context"

	"github.com/hallpass-go/hallpass/scopes"
)

// AuthorizeSignUp says whether the caller may make an account at all, before anything about the account is known: nil, or what
// CreateUser answers whatever it is given (ErrSignupClosed, ErrNoMailer). p may be nil. An adapter asks it before it tells what is wrong
// with the fields.
func (s *Service) AuthorizeSignUp(ctx context.Context, p *Principal) error {
	if p != nil && s.Authorize(p, ActCreateUser, scopes.Target{}) == nil {
		return nil
	}
	now, err := s.settings(ctx, s.st)
	if err != nil {
		return err
	}
	_, err = s.signUpStatus(now, NewUser{})
	return err
}
