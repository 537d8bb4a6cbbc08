package device

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

// Store keeps device grants. Each step is one conditional statement, so that of concurrent
// calls one wins. The general rules are those of auth.Store.
type Store interface {
	// In returns the store inside a transaction. It panics if tx is one of another database.
	In(tx auth.Tx) Store
	// AddGrant adds a grant that nobody has looked up, and whose device may poll after interval
	// (whole seconds). False, and nothing stored, when another has the user code.
	AddGrant(ctx context.Context, g Grant, interval time.Duration) (added bool, err error)
	// OwnGrant makes the session the owner unless there is one, and returns the grant.
	// auth.ErrNotFound unless a grant with the user code expires after Now, and belongs to the
	// session now.
	OwnGrant(ctx context.Context, o Owner) (Grant, error)
	// DecideGrant sets Decision and Scopes. False unless the grant expires after Now, the
	// session owns it and nothing was decided.
	DecideGrant(ctx context.Context, v Verdict) (won bool, err error)
	// PollGrant finds by device code, expired or not, and says whether the device asks before
	// its interval is over; then the interval grows by Step. The next interval begins at Now.
	PollGrant(ctx context.Context, p Poll) (g Grant, soon bool, err error)
	// UseGrant removes an allowed grant that expires after now.
	UseGrant(ctx context.Context, id GrantID, now time.Time) (won bool, err error)
	// DeleteExpiredGrants removes up to limit grants that expired at or before t, and says how
	// many.
	DeleteExpiredGrants(ctx context.Context, t time.Time, limit int) (int, error)
}

// Owner is the session that looks a user code up.
type Owner struct {
	UserCode token.Hash
	Session  auth.SessionID
	User     auth.UserID
	Now      time.Time
}

// Verdict is what the owner of a grant decides.
type Verdict struct {
	UserCode token.Hash
	Session  auth.SessionID // must be the owner
	Now      time.Time
	Decision Decision
	Scopes   []string // what the device gets; nil for no ceiling
}

// Poll is a device that asks whether somebody has decided.
type Poll struct {
	Device token.Hash
	Now    time.Time
	Step   time.Duration // added to the interval by each poll that comes too soon; whole seconds
}
