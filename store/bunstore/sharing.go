package bunstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// shares implements sharing.Store.
type shares struct{ *handle }

var _ sharing.Store = shares{}

// Tx runs fn in a transaction or savepoint.
func (s shares) Tx(ctx context.Context, fn func(sharing.Store) error) error {
	return s.tx(ctx, func(h *handle) error { return fn(shares{h}) })
}

// run is the one of handle with the errors of package sharing.
func (s shares) run(ctx context.Context, what string, fn func() error) error {
	return s.handle.run(ctx, what, func() error { return absent(fn()) })
}

// absent names what is not there as package sharing does.
func absent(err error) error {
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, auth.ErrNotFound) {
		return sharing.ErrNotFound
	}
	return err
}

// whole is run for several statements: all or nothing.
func (s shares) whole(ctx context.Context, what string, fn func(shares) error) error {
	return s.tx(ctx, func(h *handle) error {
		inner := shares{h}
		return inner.run(ctx, what, func() error { return fn(inner) })
	})
}

// holderOf gives the table and id of a giver; false unless there is just one.
func holderOf(h sharing.Holder) (table, id string, ok bool) {
	return ownerOf(auth.TokenOwner{User: auth.UserID(h.User), Service: auth.ServiceID(h.Service)})
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
func nameable(r sharing.Ref) bool { return storable(r.Kind) && storable(r.ID) }

// AddAudit adds a record to those of accounts.
func (s shares) AddAudit(ctx context.Context, r sharing.AuditRecord) error {
	return accounts(s).AddAudit(ctx, auth.AuditRecord{
		ID: auth.AuditID(r.ID), At: r.At, Actor: r.Actor, Action: r.Action, Target: r.Target, Detail: r.Detail,
	})
}
