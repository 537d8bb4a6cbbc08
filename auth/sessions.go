package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/auth/token"
)

// Session is one sign-in on one device. It carries either a cookie secret or a
// chain of refresh tokens.
type Session struct {
	ID     SessionID
	User   UserID
	Method policy.Method
	// the ceiling that the sign-in gave itself, sorted; nil for none, empty but not nil for one
	// that allows nothing
	Scopes     []string
	ClientName string // free text of the client, never trusted; empty for none
	IP         string // empty when the settings keep no addresses
	UserAgent  string
	CreatedAt  time.Time
	LastSeenAt time.Time     // written at most once a minute
	ProvedAt   time.Time     // the last proof of identity
	ExpiresAt  time.Time     // idle end; moves with use, never past EndsAt
	EndsAt     time.Time     // absolute end
	Idle       time.Duration // whole seconds that each use adds to the idle end

	Refreshes  bool       // whether TokenHash is of a refresh token, not of a cookie secret
	TokenHash  token.Hash // of the cookie secret or the newest refresh token; unique
	Generation int        // of the newest refresh token; 0 for the first
	Replays    int        // grace uses of the refresh token before the newest
	Salt       []byte     // of the derivation of refresh tokens; nil for a cookie session
}

// Actor is a session together with its user: all that a request needs to know about who it acts
// as.
type Actor struct {
	Session Session
	User    User
}

// RefreshUse is what presenting a refresh token finds.
type RefreshUse struct {
	Actor      Actor
	Generation int       // of the token that was presented
	ConsumedAt time.Time // when its successor was made; zero while it is the newest
}

// Rotation is the conditional step of a session from one refresh token to the next.
type Rotation struct {
	Session   SessionID
	From      int        // the generation that must be the newest
	Next      token.Hash // of the next token
	Now       time.Time
	ExpiresAt time.Time
	Scopes    []string // the session's ceiling from now on; nil for none
}

// SessionQuery selects a user's sessions, newest first.
type SessionQuery struct {
	User   UserID
	Now    time.Time // only sessions whose ExpiresAt is after this
	Before SessionID // ids smaller than this; empty for the first page
	Limit  int
}

// Sessions lists and ends sessions. It is safe for concurrent use.
type Sessions struct{ s *Service }

// List lists a user's sessions, newest first. It needs sessions for that user.
func (m *Sessions) List(ctx context.Context, p *Principal, id UserID, q PageQuery) (Page[Session], error) {
	if err := m.authorize(ctx, p, id); err != nil {
		return Page[Session]{}, err
	}
	limit, err := q.Size()
	if err != nil {
		return Page[Session]{}, err
	}
	list, err := m.s.st.Sessions(ctx, SessionQuery{User: id, Now: m.s.now(), Before: SessionID(q.Cursor), Limit: limit + 1})
	return NewPage(list, limit, err, func(x Session) string { return string(x.ID) })
}

// End ends one session of a user; its access and refresh tokens are refused from then
// on. It needs sessions for that user. ErrNotFound if it is not that user's, or a CeilingError.
func (m *Sessions) End(ctx context.Context, p *Principal, id UserID, session SessionID) error {
	if err := m.mayEnd(ctx, p, id); err != nil {
		return err
	}
	if !IsID(string(session)) {
		return ErrNotFound
	}
	return m.end(ctx, p, id, session)
}

// EndAll ends a user's sessions; the one that the caller uses only if own is set. It needs
// sessions for that user; a CeilingError if the user holds more than the caller.
func (m *Sessions) EndAll(ctx context.Context, p *Principal, id UserID, own bool) error {
	if err := m.mayEnd(ctx, p, id); err != nil {
		return err
	}
	keep := p.Session.ID
	if own {
		keep = ""
	}
	err := m.s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		if _, err := st.DeleteSessions(ctx, id, keep); err != nil {
			return err
		}
		return m.s.Audit(ctx, tx, p, "sessions.end", string(id), nil)
	})
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// SignOut ends the caller's own session, whatever scopes it has.
func (m *Sessions) SignOut(ctx context.Context, p *Principal) error {
	if p == nil {
		return ErrUnauthenticated
	}
	if p.Session.ID == "" {
		return ErrSessionRequired
	}
	err := m.end(ctx, p, p.User.ID, p.Session.ID)
	if errors.Is(err, ErrNotFound) {
		return nil // somebody else was faster
	}
	return err
}

func (m *Sessions) end(ctx context.Context, p *Principal, id UserID, session SessionID) error {
	err := m.s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		if err := st.DeleteSession(ctx, id, session); err != nil {
			return err
		}
		return m.s.Audit(ctx, tx, p, "session.end", string(id), map[string]any{"session": session})
	})
	if err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// authorize authorizes and makes sure that the user exists.
func (m *Sessions) authorize(ctx context.Context, p *Principal, id UserID) error {
	if err := m.s.authorizeUser(ctx, m.s.st, p, ActManageSessions, id); err != nil {
		return err
	}
	_, err := m.s.account(ctx, m.s.st, id)
	return err
}

func (m *Sessions) mayEnd(ctx context.Context, p *Principal, id UserID) error {
	if err := m.s.authorizeUser(ctx, m.s.st, p, ActManageSessions, id); err != nil {
		return err
	}
	a, err := m.s.account(ctx, m.s.st, id)
	if err != nil {
		return err
	}
	return m.s.checkCeiling(p, a.User)
}

// Token makes an access token for the caller's session, for calling other services. It
// carries no refresh token. ErrSessionRequired unless a cookie carried the request.
func (m *Sessions) Token(ctx context.Context, p *Principal) (TokenAnswer, error) {
	if p == nil {
		return TokenAnswer{}, ErrUnauthenticated
	}
	if p.Credential != CredentialCookie {
		return TokenAnswer{}, ErrSessionRequired
	}
	ring, err := m.s.signing.Ring(ctx)
	if err != nil {
		return TokenAnswer{}, err
	}
	return m.s.tokens(ring, Actor{Session: p.Session, User: p.User}, token.Secret{})
}

// ProvedAt tells when the person last proved who they are in a session. ErrNotFound if it has
// ended.
func (m *Sessions) ProvedAt(ctx context.Context, id SessionID) (time.Time, error) {
	a, err := m.s.st.ActorBySession(ctx, id)
	return a.Session.ProvedAt, err
}
