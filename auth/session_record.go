package auth

import (
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Session is one sign-in on one device. It carries either a cookie secret or a
// chain of refresh tokens.
type Session struct {
	ID     SessionID
	User   UserID
	Method Method
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
