package bunstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// shares implements sharing.Store on a handle.
type shares struct{ *handle }

var _ sharing.Store = shares{}

// Tx runs fn in a transaction or a savepoint.
func (s shares) Tx(ctx context.Context, fn func(sharing.Store) error) error {
	return s.tx(ctx, func(h *handle) error { return fn(shares{h}) })
}

// run is the method of handle, with the errors of package sharing.
func (s shares) run(ctx context.Context, what string, fn func() error) error {
	return s.handle.run(ctx, what, func() error { return absent(fn()) })
}

// absent translates "not found" into the error of package sharing.
func absent(err error) error {
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, auth.ErrNotFound) {
		return sharing.ErrNotFound
	}
	return err
}

// whole is run for several statements, all of which take effect or none.
func (s shares) whole(ctx context.Context, what string, fn func(shares) error) error {
	return s.tx(ctx, func(h *handle) error {
		inner := shares{h}
		return inner.run(ctx, what, func() error { return fn(inner) })
	})
}

// holderOf returns the table and id of a giver. It returns false unless there is exactly one.
func holderOf(h sharing.Holder) (table, id string, ok bool) {
	return ownerOf(auth.TokenOwner{User: auth.UserID(h.User), Service: auth.ServiceID(h.Service)})
}

// malformed reports whether an id is set but is not a UUID, so that it can't find anything.
func malformed(ids ...string) bool {
	for _, id := range ids {
		if id != "" && !isUUID(id) {
			return true
		}
	}
	return false
}

// nameable reports whether a database can hold the name of the resource at all.
func nameable(r sharing.Ref) bool { return storable(r.Kind) && storable(r.ID) }

// AddAudit adds an audit record to those of package auth.
func (s shares) AddAudit(ctx context.Context, r sharing.AuditRecord) error {
	return accounts(s).AddAudit(ctx, auth.AuditRecord{
		ID: auth.AuditID(r.ID), At: r.At, Actor: r.Actor, Action: r.Action, Target: r.Target, Detail: r.Detail,
	})
}
