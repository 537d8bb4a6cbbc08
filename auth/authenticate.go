package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// touchEvery is how often the use of a cookie session is written down.
const touchEvery = time.Minute

// Authenticate tells who presents a bearer token: an access token or an API token. What it
// stands for and what its owner may do is read anew each time, in one statement, and once a
// minute another one notes the use. ErrTokenExpired (refresh), ErrTokenInvalid (sign in again).
func (s *Service) Authenticate(ctx context.Context, bearer string) (*Principal, error) {
	if class, ok := token.ClassOf(bearer); ok && class == token.API {
		return s.authenticateAPIToken(ctx, bearer)
	}
	claims, err := s.verifyAccess(ctx, bearer)
	if err != nil {
		return nil, err
	}
	a, err := s.st.ActorBySession(ctx, SessionID(claims.Session))
	if err := s.checkActor(a, err); err != nil {
		return nil, err
	}
	if string(a.User.ID) != claims.Subject {
		return nil, ErrTokenInvalid
	}
	return s.touched(ctx, a, CredentialAccessToken)
}

// AuthenticateCookie tells who presents a session cookie, in as many statements. Errors as of
// Authenticate.
func (s *Service) AuthenticateCookie(ctx context.Context, cookie string) (*Principal, error) {
	secret, err := token.Parse(token.Session, cookie)
	if err != nil {
		return nil, ErrTokenInvalid
	}
	a, err := s.st.ActorByToken(ctx, secret.Hash())
	if err := s.checkActor(a, err); err != nil {
		return nil, err
	}
	return s.touched(ctx, a, CredentialCookie)
}

// touched is the principal of a session that is in use.
func (s *Service) touched(ctx context.Context, a Actor, c CredentialKind) (*Principal, error) {
	if now := s.now(); now.Sub(a.Session.LastSeenAt) >= touchEvery {
		a.Session.LastSeenAt = now
		a.Session.ExpiresAt = earlier(now.Add(a.Session.Idle), a.Session.EndsAt)
		if err := s.st.TouchSession(ctx, a.Session.ID, now, a.Session.ExpiresAt); err != nil {
			return nil, fmt.Errorf("touch session: %w", err)
		}
	}
	return s.userPrincipal(a, c), nil
}

// checkActor judges what the store found.
func (s *Service) checkActor(a Actor, err error) error {
	now := s.now()
	switch {
	case errors.Is(err, ErrNotFound):
		return ErrTokenInvalid
	case err != nil:
		return fmt.Errorf("authenticate: %w", err)
	case !now.Before(a.Session.ExpiresAt) || !now.Before(a.Session.EndsAt):
		return ErrTokenInvalid
	case a.User.Status != StatusActive:
		return ErrTokenInvalid
	}
	return nil
}

// Guest returns the principal of a request without a credential: role guest. ErrUnauthenticated
// unless the settings allow guests.
func (s *Service) Guest(ctx context.Context) (*Principal, error) {
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return nil, err
	}
	if !settings.AllowGuests {
		return nil, ErrUnauthenticated
	}
	return &Principal{
		Kind: PrincipalGuest, subject: scopes.Subject{Held: s.setOf(scopes.Self{}, []RoleID{RoleGuest}, nil)},
	}, nil
}
