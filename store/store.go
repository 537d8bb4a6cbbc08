package store

import (
	"context"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/sharing"
)

// ErrSerialization is auth.ErrSerialization: a transaction conflicted with others. Whoever
// began it can run it again.
var ErrSerialization = auth.ErrSerialization

// Store is one database, as the services see it. It is safe for concurrent use, and so is each
// store that it returns.
type Store interface {
	// Auth returns the store of package auth.
	Auth() auth.Store
	// Devices returns the store of package device.
	Devices() device.Store
	// Sharing returns the store of package sharing.
	Sharing() sharing.Store
	// Tx runs fn in one transaction over all stores. It commits if fn returns nil, and rolls
	// back if fn fails or panics. In fn, use only the Store that it was given; Tx of that one
	// is a savepoint. The outermost Tx runs fn again after a serialization failure, so fn must
	// be safe to run twice.
	Tx(ctx context.Context, fn func(Store) error) error
}
