package mail

import (
	"context"
	"time"
)

// Store is what this package asks of a database: the outbox. Inside a transaction of package
// auth it is bound to that transaction.
//
// Methods are safe for concurrent use, and each one is atomic. Times are UTC in whole
// microseconds, both ways. Returned values share no memory with the store.
type Store interface {
	// AddMail adds an envelope. It fails, and changes nothing, if there is one with the same
	// ID.
	AddMail(ctx context.Context, e Envelope) error
	// ClaimMail takes up to limit envelopes that are due at or before now, those that have
	// waited longest first. For each of them it counts an attempt and sets DueAt to until, so
	// that another sender takes over if the caller does not come back. It returns them with
	// both changes, by id ascending. An envelope goes to one caller only, and to nobody else
	// before it is due again. It does not look at ExpiresAt. If nothing is due the list is
	// empty.
	ClaimMail(ctx context.Context, now, until time.Time, limit int) ([]Envelope, error)
	// PutOffMail sets when an envelope is due, and changes nothing else. It is no error if the
	// envelope is gone.
	PutOffMail(ctx context.Context, id ID, due time.Time) error
	// DeleteMail deletes an envelope. It is no error if it is gone.
	DeleteMail(ctx context.Context, id ID) error
}
