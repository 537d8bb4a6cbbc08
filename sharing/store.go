package sharing

import (
	"context"
	"errors"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// ErrNotFound: there is no such thing, or it is out of the caller's reach.
var ErrNotFound = errors.New("not found")

// Store is all that this package asks of a database. A driver stores, finds and guarantees
// atomicity; every rule lives in Service.
//
// Methods are safe for concurrent use. Times are UTC in whole microseconds, both ways. Values
// that are returned share no memory with the store. A method that finds nothing returns
// ErrNotFound unless its comment says otherwise, and leaves a surrounding transaction usable.
// Ids of users, groups and services are those of package auth: what belongs to one of them goes
// when it goes. Stored text is data: a driver keeps any valid UTF-8 without NUL as it is. An id
// that is no UUID finds nothing.
type Store interface {
	ResourceStore
	CodeStore
	ShareStore
	ExchangeStore

	// AddAudit adds one record to those of package auth.
	AddAudit(ctx context.Context, r AuditRecord) error
	// Tx runs fn in a transaction: commit on nil, roll back on error or panic. In fn only the
	// store handed in may be used. Nested calls are savepoints. The outermost call runs fn
	// again when the database reports a serialization failure or a deadlock, so fn must be safe
	// to run twice.
	Tx(ctx context.Context, fn func(Store) error) error
}

// ResourceStore is the built-in registry of resources.
type ResourceStore interface {
	// PutResource adds a resource; false, and nothing changed, where one has its kind and id.
	// ErrNotFound without its owner.
	PutResource(ctx context.Context, r Resource) (created bool, err error)
	// Owners finds the owners of those resources of a kind that are there, by id.
	Owners(ctx context.Context, kind string, ids []string) (map[string]string, error)
	// Resources lists by id ascending.
	Resources(ctx context.Context, q ResourceQuery) ([]Resource, error)
	// DeleteResource removes a resource, if it is there, and all codes and shares that name it,
	// whether it is there or not. It says whether it was.
	DeleteResource(ctx context.Context, r Ref) (deleted bool, err error)
}

// CodeStore keeps share codes.
type CodeStore interface {
	// AddCode adds a code. ErrNotFound without its giver.
	AddCode(ctx context.Context, c Code) error
	// CodeByHash finds a code, expired or not, by its secret, in one statement.
	CodeByHash(ctx context.Context, h token.Hash) (Code, error)
	// Code finds a code of a resource by id, expired or not.
	Code(ctx context.Context, r Ref, id string) (Code, error)
	// Codes lists by id ascending.
	Codes(ctx context.Context, q CodeQuery) ([]Code, error)
	// UseCode counts one exchange by one conditional update: false where the code is gone, has
	// expired at the time, or has been used MaxUses times.
	UseCode(ctx context.Context, id string, at time.Time) (ok bool, err error)
	// DeleteCodes removes one code of a resource, or all of them for an empty id, with their
	// exchanges, and says how many. The shares that came from them stay, with their Code.
	DeleteCodes(ctx context.Context, r Ref, id string) (int, error)
}

// ShareStore keeps shares.
type ShareStore interface {
	// AddShare adds a share; false, and nothing changed, where its User has one from its Code
	// already, expired or not. ErrNotFound without its giver or its receiver.
	AddShare(ctx context.Context, s Share) (added bool, err error)
	// Share finds by id, expired or not.
	Share(ctx context.Context, id string) (Share, error)
	// ShareFromCode finds the share that a user has from a code, expired or not.
	ShareFromCode(ctx context.Context, code, user string) (Share, error)
	// Shares lists by id ascending. User and Groups together select what either received.
	Shares(ctx context.Context, q ShareQuery) ([]Share, error)
	// UpdateShare reads, locks, edits and writes a share. Scopes and ExpiresAt are written,
	// nothing else. edit may run twice; its error is returned as it is.
	UpdateShare(ctx context.Context, id string, edit func(*Share) error) (Share, error)
	// DeleteShares removes what is selected, and says how many.
	DeleteShares(ctx context.Context, s ShareSelection) (int, error)
}

// ExchangeStore keeps who accepted which code, and removes what has expired.
type ExchangeStore interface {
	// AddExchange adds a record. ErrNotFound without its code or its user.
	AddExchange(ctx context.Context, e Exchange) error
	// HasExchanged tells whether a user has accepted a code, whatever became of the share.
	HasExchanged(ctx context.Context, code, user string) (bool, error)
	// Exchanges lists those of a code, newest (greatest id) first, ids smaller than before
	// (empty for the first page).
	Exchanges(ctx context.Context, code, before string, limit int) ([]Exchange, error)
	// DeleteExpired removes up to limit shares and up to limit codes that expired at or before
	// t, and says how many.
	DeleteExpired(ctx context.Context, t time.Time, limit int) (int, error)
}
