package emailcode

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Store keeps flows; it is all that this package asks of a database. Its methods are safe for
// concurrent use. Times are UTC in whole microseconds, both ways. Values that are returned
// share no memory with the store. An id or the hash of a link that is taken already is an
// error, and an id that is no UUID finds nothing. Errors of the database, and what holds in a
// transaction, are as auth.Store says.
type Store interface {
	// AddFlow adds a flow. ErrNotFound when its user or session does not exist (any more); a
	// surrounding transaction stays usable then.
	AddFlow(ctx context.Context, f Flow) error
	// Flow finds by id, expired or not. ErrNotFound without one.
	Flow(ctx context.Context, id FlowID) (Flow, error)
	// FlowByLink finds by the hash of the newest link's token, expired or not. ErrNotFound
	// without one; the zero hash finds nothing.
	FlowByLink(ctx context.Context, link token.Hash) (Flow, error)
	// TryFlow counts one try by one conditional statement and returns the flow, the try
	// included. ErrNotFound, and nothing counted, unless the flow exists, has the secret,
	// expires after Now and has had fewer than Most tries. Concurrent calls never count more
	// than Most.
	TryFlow(ctx context.Context, t Try) (Flow, error)
	// RenewFlow replaces code and link by one conditional update, sets SentAt and ExpiresAt and
	// adds one to Sends. Tries stay. False, and nothing changed, when the flow is gone or has
	// another number of Sends. Of concurrent calls with the same Sends one wins.
	RenewFlow(ctx context.Context, r Renewal) (won bool, err error)
	// UseFlow removes a flow that expires after now by one conditional statement. False when
	// there is none. Of concurrent calls one wins.
	UseFlow(ctx context.Context, id FlowID, now time.Time) (won bool, err error)
	// EndFlows removes all flows of a user that have the purpose, and says how many. An empty
	// user has none.
	EndFlows(ctx context.Context, user string, p Purpose) (int, error)
	// DeleteExpiredFlows removes up to limit flows that expired at or before t, and says how
	// many.
	DeleteExpiredFlows(ctx context.Context, t time.Time, limit int) (int, error)
}

// Try asks to type one code.
type Try struct {
	ID     FlowID
	Secret token.Hash
	Now    time.Time
	Most   int // tries that a flow has
}

// Renewal replaces the code and the link of a flow.
type Renewal struct {
	ID        FlowID
	Code      token.Hash
	Link      token.Hash // zero for none
	Sends     int        // that there were so far; another number means that another call was faster
	SentAt    time.Time
	ExpiresAt time.Time
}
