package bunstore

import (
	"context"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// shares implements sharing.Store on a handle.
type shares struct{ *handle }

var _ sharing.Store = shares{}

// In implements sharing.Store.
func (s shares) In(tx auth.Tx) sharing.Store { return shares{s.inside(tx)} }

// whole is run for several statements, all of which take effect or none.
func (s shares) whole(ctx context.Context, what string, fn func(shares) error) error {
	return s.tx(ctx, func(h *handle) error {
		inner := shares{h}
		return inner.run(ctx, what, func() error { return fn(inner) })
	})
}

// malformed tells whether one of the ids is set and no UUID, so that it finds nothing.
func malformed(ids ...string) bool {
	for _, id := range ids {
		if id != "" && !isUUID(id) {
			return true
		}
	}
	return false
}

// nameable tells whether a database can hold the name of the resource at all.
func nameable(r auth.ResourceRef) bool { return storable(r.Kind) && storable(r.ID) }
