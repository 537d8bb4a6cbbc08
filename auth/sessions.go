package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Sessions lists a user's sessions, newest first. It needs sessions for that user.
func (s *Service) Sessions(ctx context.Context, p *Principal, id UserID, q PageQuery) (Page[Session], error) {
	if err := s.sessionsOf(ctx, p, id); err != nil {
		return Page[Session]{}, err
	}
	limit, err := q.Size()
	if err != nil {
		return Page[Session]{}, err
	}
	list, err := s.st.Sessions(ctx, SessionQuery{User: id, Now: s.now(), Before: SessionID(q.Cursor), Limit: limit + 1})
	return NewPage(list, limit, err, func(x Session) string { return string(x.ID) })
}

// EndSession ends one session of a user; its access and refresh tokens are refused from then
// on. It needs sessions for that user. ErrNotFound if it is not that user's, or a CeilingError.
func (s *Service) EndSession(ctx context.Context, p *Principal, id UserID, session SessionID) error {
	if err := s.mayEnd(ctx, p, id); err != nil {
		return err
	}
	if !IsID(string(session)) {
		return ErrNotFound
	}
	return s.endSession(ctx, p, id, session)
}

// EndSessions ends a user's sessions: all, or all but the one that the caller uses. It needs
// sessions for that user; a CeilingError if the user holds more than the caller.
func (s *Service) EndSessions(ctx context.Context, p *Principal, id UserID, all bool) error {
	if err := s.mayEnd(ctx, p, id); err != nil {
		return err
	}
	keep := p.Session.ID
	if all {
		keep = ""
	}
	err := s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		if _, err := st.DeleteSessions(ctx, id, keep); err != nil {
			return err
		}
		return s.Audit(ctx, tx, p, "sessions.end", string(id), nil)
	})
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// SignOut ends the caller's own session, whatever scopes it has.
func (s *Service) SignOut(ctx context.Context, p *Principal) error {
	if p == nil {
		return ErrUnauthenticated
	}
	if p.Session.ID == "" {
		return ErrSessionRequired
	}
	err := s.endSession(ctx, p, p.User.ID, p.Session.ID)
	if errors.Is(err, ErrNotFound) {
		return nil // somebody else was faster
	}
	return err
}

func (s *Service) endSession(ctx context.Context, p *Principal, id UserID, session SessionID) error {
	err := s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		if err := st.DeleteSession(ctx, id, session); err != nil {
			return err
		}
		return s.Audit(ctx, tx, p, "session.end", string(id), map[string]any{"session": session})
	})
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// sessionsOf authorizes and makes sure that the user exists.
func (s *Service) sessionsOf(ctx context.Context, p *Principal, id UserID) error {
	if err := s.authorizeUser(ctx, s.st, p, ActManageSessions, id); err != nil {
		return err
	}
	_, err := s.account(ctx, s.st, id)
	return err
}

func (s *Service) mayEnd(ctx context.Context, p *Principal, id UserID) error {
	if err := s.authorizeUser(ctx, s.st, p, ActManageSessions, id); err != nil {
		return err
	}
	a, err := s.account(ctx, s.st, id)
	if err != nil {
		return err
	}
	return s.checkCeiling(p, a.User)
}

// SessionToken makes an access token for the caller's session, for calling other services. It
// carries no refresh token. ErrSessionRequired unless a cookie carried the request.
func (s *Service) SessionToken(ctx context.Context, p *Principal) (TokenAnswer, error) {
	if p == nil {
		return TokenAnswer{}, ErrUnauthenticated
	}
	if p.Credential != CredentialCookie {
		return TokenAnswer{}, ErrSessionRequired
	}
	ring, err := s.signing.Ring(ctx)
	if err != nil {
		return TokenAnswer{}, err
	}
	return s.tokens(ring, Actor{Session: p.Session, User: p.User}, token.Secret{})
}
