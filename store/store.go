package store

import (
	"context"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/sharing"
)

// ErrSerialization is auth.ErrSerialization: a transaction lost against others, and only who
// began it can run it again.
var ErrSerialization = auth.ErrSerialization

// Store is one database, as the services see it. It is safe for concurrent use.
type Store interface {
	// Auth is the store of package auth.
	Auth() auth.Store
	// Devices is the store of package device.
	Devices() device.Store
	// Sharing is the store of package sharing.
	Sharing() sharing.Store
	// Tx runs fn in one transaction over all stores: commit on nil, roll back on error or
	// panic. In fn only the Store handed in may be used; nested calls are savepoints. The
	// outermost call runs fn again after a serialization failure, so fn must be safe to run
	// twice.
	Tx(ctx context.Context, fn func(Store) error) error
}
