package device

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

// Store keeps device grants. Each step is one conditional statement, so that one of several
// concurrent calls wins. The general rules are those of auth.Store.
type Store interface {
	// In returns the store inside a transaction. It panics if tx is one of another database.
	In(tx auth.Tx) Store
	// AddGrant adds a grant that nobody has looked up. Its device may poll after interval,
	// which is in whole seconds. It returns false and stores nothing if another grant has the
	// user code.
	AddGrant(ctx context.Context, g Grant, interval time.Duration) (added bool, err error)
	// OwnGrant makes the session the owner of the grant, unless it has one, and returns the
	// grant. It returns auth.ErrNotFound if no grant with the user code expires after Now, or
	// if another session owns it.
	OwnGrant(ctx context.Context, o Owner) (Grant, error)
	// DecideGrant sets Decision and Scopes. It returns false if the grant does not expire after
	// Now, if the session does not own it, or if something was decided before.
	DecideGrant(ctx context.Context, v Verdict) (won bool, err error)
	// PollGrant finds a grant by device code, expired or not. It reports whether the device
	// asks before its interval is over; if so, the interval grows by Step. The next interval
	// begins at Now.
	PollGrant(ctx context.Context, p Poll) (g Grant, soon bool, err error)
	// UseGrant removes a grant that was allowed and expires after now.
	UseGrant(ctx context.Context, id GrantID, now time.Time) (won bool, err error)
	// DeleteExpiredGrants removes up to limit grants that expired at or before t, and returns
	// how many.
	DeleteExpiredGrants(ctx context.Context, t time.Time, limit int) (int, error)
}

// Owner is a session that looks a user code up.
type Owner struct {
	UserCode token.Hash
	Session  auth.SessionID
	User     auth.UserID
	Now      time.Time
}

// Verdict is the decision of a grant's owner.
type Verdict struct {
	UserCode token.Hash
	Session  auth.SessionID // must be the owner
	Now      time.Time
	Decision Decision
	Scopes   []string // what the device gets; nil for no ceiling
}

// Poll is a question of a device, whether somebody has decided.
type Poll struct {
	Device token.Hash
	Now    time.Time
	Step   time.Duration // added to the interval by each poll that comes too soon; whole seconds
}
