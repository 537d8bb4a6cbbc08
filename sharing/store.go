package sharing

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

// Store is all that this package asks of a database. A driver stores, finds and guarantees
// atomicity; every rule is in Service.
//
// Methods are safe for concurrent use. Times are UTC in whole microseconds, both ways. Values
// that are returned share no memory with the store. A method that finds nothing returns
// auth.ErrNotFound unless its comment says otherwise, and leaves a surrounding transaction
// usable. What belongs to a user, a group or a service goes when it goes. Stored text is data:
// a driver keeps any valid UTF-8 without NUL as it is. An id that is not a UUID finds nothing.
type Store interface {
	// In returns the store as tx sees it: what it does commits or rolls back with tx. It panics
	// for a transaction of another database.
	In(tx auth.Tx) Store

	// Resources, in the built-in registry.

	// PutResource adds a resource. It returns false, and changes nothing, if there is one with
	// the kind and id already. ErrNotFound without its owner.
	PutResource(ctx context.Context, r Resource) (created bool, err error)
	// Owners finds the owners of resources of a kind, by id, and leaves out those that are not
	// there.
	Owners(ctx context.Context, kind string, ids []string) (map[string]auth.UserID, error)
	// Resources lists by id ascending.
	Resources(ctx context.Context, q ResourceQuery) ([]Resource, error)
	// DeleteResource removes a resource, if it is there, and all codes and shares that name it,
	// whether it is there or not. It says whether it was.
	DeleteResource(ctx context.Context, r auth.ResourceRef) (deleted bool, err error)

	// Shares.

	// AddShare adds a share. It returns false, and changes nothing, if the share's User has one
	// from its Code already, expired or not. ErrNotFound without its giver or its receiver.
	AddShare(ctx context.Context, s Share) (added bool, err error)
	// Share finds by id, expired or not.
	Share(ctx context.Context, id string) (Share, error)
	// ShareFromCode finds the share that a user has from a code, expired or not.
	ShareFromCode(ctx context.Context, code string, user auth.UserID) (Share, error)
	// Shares lists by id ascending. User and Groups together select what either received.
	Shares(ctx context.Context, q ShareQuery) ([]Share, error)
	// UpdateShare reads, locks, edits and writes a share. Scopes and ExpiresAt are written,
	// nothing else. edit may run twice; its error is returned as it is.
	UpdateShare(ctx context.Context, id string, edit func(*Share) error) (Share, error)
	// DeleteShares removes what is selected, and says how many.
	DeleteShares(ctx context.Context, s ShareSelection) (int, error)

	// Share codes.

	// AddShareCode adds a code. ErrNotFound without its giver.
	AddShareCode(ctx context.Context, c ShareCode) error
	// ShareCodeByHash finds a code, expired or not, by its secret, in one statement.
	ShareCodeByHash(ctx context.Context, h token.Hash) (ShareCode, error)
	// ShareCode finds a code of a resource by id, expired or not.
	ShareCode(ctx context.Context, r auth.ResourceRef, id string) (ShareCode, error)
	// ShareCodes lists by id ascending.
	ShareCodes(ctx context.Context, q ShareCodeQuery) ([]ShareCode, error)
	// UseShareCode counts one exchange by one conditional update. It returns false if the code
	// is gone, has expired at the time, or has been used MaxUses times.
	UseShareCode(ctx context.Context, id string, at time.Time) (ok bool, err error)
	// DeleteShareCodes removes one code of a resource, or all of them for an empty id, with
	// their exchanges, and says how many. The shares that came from them stay, with their Code.
	DeleteShareCodes(ctx context.Context, r auth.ResourceRef, id string) (int, error)

	// Exchanges: who accepted which code.

	// AddExchange adds a record. ErrNotFound without its code or its user.
	AddExchange(ctx context.Context, e Exchange) error
	// HasExchanged reports whether a user has accepted a code, whatever became of the share.
	HasExchanged(ctx context.Context, code string, user auth.UserID) (bool, error)
	// Exchanges lists those of a code, newest (greatest id) first, ids smaller than before
	// (empty for the first page).
	Exchanges(ctx context.Context, code, before string, limit int) ([]Exchange, error)

	// What has expired.

	// DeleteExpired removes up to limit shares and up to limit codes that expired at or before
	// t, and says how many.
	DeleteExpired(ctx context.Context, t time.Time, limit int) (int, error)
}
