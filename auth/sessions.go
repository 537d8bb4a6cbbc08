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
	// Scopes limit what the session may do, sorted. nil means no limit; empty but not nil
	// allows nothing.
	Scopes     []string
	ClientName string // a label that the client chose, not to be trusted; empty for none
	IP         string // empty if the settings keep no addresses
	UserAgent  string
	CreatedAt  time.Time
	LastSeenAt time.Time     // stored at most once a minute
	ProvedAt   time.Time     // time of the last proof of identity
	ExpiresAt  time.Time     // the session ends then unless it is used; never after EndsAt
	EndsAt     time.Time     // the session ends then in any case
	Idle       time.Duration // each use sets ExpiresAt to this much later; whole seconds

	Refreshes  bool       // whether TokenHash is of a refresh token and not of a cookie secret
	TokenHash  token.Hash // of the cookie secret or the newest refresh token; unique
	Generation int        // number of the newest refresh token, from 0
	Replays    int        // times that the token before the newest was presented again
	Salt       []byte     // for deriving refresh tokens; nil for a cookie session
}

// Actor is a session and its user: all that is needed to know who a request acts as.
type Actor struct {
	Session Session
	User    User
}

// RefreshUse is what the store knows about a refresh token.
type RefreshUse struct {
	Actor      Actor
	Generation int       // of this token
	ConsumedAt time.Time // when its successor was made; zero for the newest token
}

// Rotation replaces the newest refresh token of a session by the next one.
type Rotation struct {
	Session   SessionID
	From      int        // the generation that must be the newest
	Next      token.Hash // hash of the next token
	Now       time.Time
	ExpiresAt time.Time
	Scopes    []string // the new scopes of the session; nil for no limit
}

// SessionQuery selects a user's sessions, newest first.
type SessionQuery struct {
	User   UserID
	Now    time.Time // only sessions whose ExpiresAt is after this
	Before SessionID // only ids smaller than this; empty for the first page
	Limit  int
}

// Sessions lists and ends sessions. It is safe for concurrent use.
type Sessions struct{ s *Service }

// List lists a user's sessions, newest first. It needs the scope sessions for that user. It
// returns ErrNotFound if there is no such user, and ErrBadCursor or a FieldsError for a bad
// query.
func (m *Sessions) List(ctx context.Context, p *Principal, id UserID, q PageQuery) (Page[Session], error) {
	if err := m.authorize(ctx, p, id); err != nil {
		return Page[Session]{}, err
	}
	limit, err := q.Size()
	if err != nil {
		return Page[Session]{}, err
	}
	list, err := m.s.st.Sessions(
		ctx, SessionQuery{User: id, Now: m.s.now(), Before: SessionID(q.Cursor), Limit: limit + 1},
	)
	return NewPage(list, limit, err, func(x Session) string { return string(x.ID) })
}

// End ends one session of a user. Its access and refresh tokens are refused from then on. It
// needs the scope sessions for that user. It returns ErrNotFound if the user has no such
// session, and a CeilingError if the user holds more than the caller.
func (m *Sessions) End(ctx context.Context, p *Principal, id UserID, session SessionID) error {
	if err := m.mayEnd(ctx, p, id); err != nil {
		return err
	}
	if !IsID(string(session)) {
		return ErrNotFound
	}
	return m.end(ctx, p, id, session)
}

// EndAll ends a user's sessions. Unless own is set, the session that the caller uses stays. It
// needs the scope sessions for that user. It returns ErrNotFound if there is no such user, and
// a CeilingError if the user holds more than the caller.
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

// SignOut ends the caller's own session. It needs no scope. It returns ErrUnauthenticated for a
// nil caller, and ErrSessionRequired if the caller has no session.
func (m *Sessions) SignOut(ctx context.Context, p *Principal) error {
	if p == nil {
		return ErrUnauthenticated
	}
	if p.Session.ID == "" {
		return ErrSessionRequired
	}
	err := m.end(ctx, p, p.User.ID, p.Session.ID)
	if errors.Is(err, ErrNotFound) {
		return nil // it has already ended
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

// authorize checks that the caller may see the user's sessions, and that the user exists.
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

// Token makes an access token for the caller's cookie session, so that a page can call other
// services. It makes no refresh token. It returns ErrSessionRequired unless the request carried
// a cookie.
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

// ProvedAt returns the time of the last proof of identity in a session. It returns ErrNotFound
// if the session has ended.
func (m *Sessions) ProvedAt(ctx context.Context, id SessionID) (time.Time, error) {
	a, err := m.s.st.ActorBySession(ctx, id)
	return a.Session.ProvedAt, err
}
