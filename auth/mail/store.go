package mail

import (
	"context"
	"time"
)

// Store is what this package asks of a database. What auth.Store says of times, errors and
// transactions holds here too.
type Store interface {
	// AddMail adds an envelope.
	AddMail(ctx context.Context, e Envelope) error
	// ClaimMail takes up to limit envelopes that are due at now, those due first first. It
	// counts an attempt for each and puts it off until the given time, in case the caller does
	// not come back. They are returned by id ascending, with both changes. No envelope is
	// claimed twice unless it is due again.
	ClaimMail(ctx context.Context, now, until time.Time, limit int) ([]Envelope, error)
	// PutOffMail sets when an envelope is due; no error if it is gone.
	PutOffMail(ctx context.Context, id ID, due time.Time) error
	// DeleteMail removes an envelope; no error if it is gone.
	DeleteMail(ctx context.Context, id ID) error
}
