package sharing

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

// Store is what this package asks of a database. A driver stores, finds and guarantees
// atomicity; every rule is in Service.
//
// Methods are safe for concurrent use, and each one is atomic. Times are UTC in whole
// microseconds, both ways. Returned values share no memory with the store. A method that finds
// nothing returns auth.ErrNotFound unless its comment says otherwise. An error about what is
// stored, such as that one, leaves a surrounding transaction usable. Whatever belongs to a
// user, a group or a service is deleted together with it. Text is stored as it is, as long as
// it is valid UTF-8 without NUL. An id that is not a UUID finds nothing.
type Store interface {
	// In returns the store as tx sees it. Whatever that does commits or rolls back with tx. It
	// panics if tx is a transaction of another database.
	In(tx auth.Tx) Store

	// Resources, in the built-in registry.

	// PutResource adds a resource. It returns false, and changes nothing, if there already is
	// one with the same kind and id. It returns ErrNotFound if the owner does not exist.
	PutResource(ctx context.Context, r Resource) (created bool, err error)
	// Owners returns the owners of resources of a kind, by id, and leaves out resources that do
	// not exist.
	Owners(ctx context.Context, kind string, ids []string) (map[string]auth.UserID, error)
	// Resources lists the resources that q selects, by id ascending, in the order of bytes.
	Resources(ctx context.Context, q ResourceQuery) ([]Resource, error)
	// DeleteResource deletes a resource and reports whether it was there. It also deletes all
	// codes and shares that name the resource, whether it was there or not.
	DeleteResource(ctx context.Context, r auth.ResourceRef) (deleted bool, err error)

	// Shares.

	// AddShare adds a share. It returns false, and changes nothing, if s.User already has a
	// share from s.Code, expired or not. Of several at the same time, one wins. It returns
	// ErrNotFound if the giver or the receiver does not exist.
	AddShare(ctx context.Context, s Share) (added bool, err error)
	// Share finds a share by id, expired or not.
	Share(ctx context.Context, id string) (Share, error)
	// ShareFromCode finds the share that a user has from a code, expired or not.
	ShareFromCode(ctx context.Context, code string, user auth.UserID) (Share, error)
	// Shares lists the shares that q selects, by id ascending. User and Groups together select
	// what either of them received.
	Shares(ctx context.Context, q ShareQuery) ([]Share, error)
	// UpdateShare locks a share, calls edit with it, and writes what edit made of Scopes and
	// ExpiresAt; other changes are ignored. edit may run twice. If it fails, nothing is written
	// and its error is returned unchanged.
	UpdateShare(ctx context.Context, id string, edit func(*Share) error) (Share, error)
	// DeleteShares deletes the shares that s selects and returns their number. It is no error
	// if there are none.
	DeleteShares(ctx context.Context, s ShareSelection) (int, error)

	// Share codes.

	// AddShareCode adds a code. It returns ErrNotFound if its giver does not exist.
	AddShareCode(ctx context.Context, c ShareCode) error
	// ShareCodeByHash finds a code by the hash of its secret, expired or not. It takes one
	// statement.
	ShareCodeByHash(ctx context.Context, h token.Hash) (ShareCode, error)
	// ShareCode finds a code of a resource by id, expired or not.
	ShareCode(ctx context.Context, r auth.ResourceRef, id string) (ShareCode, error)
	// ShareCodes lists the codes that q selects, by id ascending.
	ShareCodes(ctx context.Context, q ShareCodeQuery) ([]ShareCode, error)
	// UseShareCode counts one exchange, which happens at the given time, with one conditional
	// update. It returns false, and counts nothing, if the code is gone, has expired at that
	// time, or has been used MaxUses times. Of several who race for the last use, one wins.
	UseShareCode(ctx context.Context, id string, at time.Time) (ok bool, err error)
	// DeleteShareCodes deletes one code of a resource, or all of them if id is empty, together
	// with their exchanges. It returns the number of codes. Shares that came from them stay,
	// and keep their Code.
	DeleteShareCodes(ctx context.Context, r auth.ResourceRef, id string) (int, error)

	// Exchanges: who accepted which code.

	// AddExchange adds a record. It returns ErrNotFound if its code or its user does not exist.
	AddExchange(ctx context.Context, e Exchange) error
	// HasExchanged reports whether a user has ever accepted a code, whatever became of the
	// share.
	HasExchanged(ctx context.Context, code string, user auth.UserID) (bool, error)
	// Exchanges lists the exchanges of a code, newest (greatest id) first. It returns at most
	// limit of those whose ids are smaller than before; if before is empty it starts with the
	// newest.
	Exchanges(ctx context.Context, code, before string, limit int) ([]Exchange, error)

	// What has expired.

	// DeleteExpired deletes up to limit shares and up to limit codes that expired at or before
	// t, and returns how many it deleted.
	DeleteExpired(ctx context.Context, t time.Time, limit int) (int, error)
}
