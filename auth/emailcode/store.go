package emailcode

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Store keeps flows. Its methods are safe for concurrent use. Times are UTC in whole
// microseconds, both ways. Returned values share no memory with the store. Adding an id or the
// hash of a link that exists already is an error, and an id that is not a UUID finds nothing.
// Errors of the database, and what holds in a transaction, are as auth.Store says.
type Store interface {
	// AddFlow adds a flow. It returns ErrNotFound if the user or session of the flow does not
	// exist; a surrounding transaction can still be used after that.
	AddFlow(ctx context.Context, f Flow) error
	// Flow finds a flow by id, expired or not. It returns ErrNotFound if there is none.
	Flow(ctx context.Context, id FlowID) (Flow, error)
	// FlowByLink finds a flow by the hash of the token in its newest link, expired or not. It
	// returns ErrNotFound if there is none. The zero hash finds nothing.
	FlowByLink(ctx context.Context, link token.Hash) (Flow, error)
	// TryFlow counts one try by one conditional statement, and returns the flow with the try
	// included. It returns ErrNotFound and counts nothing unless the flow exists, has the
	// secret, expires after Now and has had fewer than Most tries. Concurrent calls never count
	// more than Most.
	TryFlow(ctx context.Context, t Try) (Flow, error)
	// RenewFlow replaces code and link by one conditional update, sets SentAt and ExpiresAt and
	// adds one to Sends. Tries stay. It returns false and changes nothing if the flow is gone
	// or has another number of Sends. Of concurrent calls with the same Sends one wins.
	RenewFlow(ctx context.Context, r Renewal) (won bool, err error)
	// UseFlow removes a flow that expires after now by one conditional statement. It returns
	// false if there is none. Of concurrent calls one wins.
	UseFlow(ctx context.Context, id FlowID, now time.Time) (won bool, err error)
	// EndFlows removes all flows of a user that have the purpose, and returns how many. An
	// empty user has none.
	EndFlows(ctx context.Context, user string, p Purpose) (int, error)
	// DeleteExpiredFlows removes up to limit flows that expired at or before t, and returns how
	// many.
	DeleteExpiredFlows(ctx context.Context, t time.Time, limit int) (int, error)
}

// Try is a request to type one code.
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
