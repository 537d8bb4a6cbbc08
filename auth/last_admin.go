package auth

import (
	"context"
	"slices"
)

// At least one active user always holds the role admin directly. The functions in this file
// keep changes of users and roles from breaking that.

// rightsLock is the name of the lock for changes of rights.
const rightsLock = "rights"

// changeRights is Tx for changes that can take rights away or delete a role. Such changes run
// one after the other. The lock is the first statement because a SERIALIZABLE transaction sees
// the database as it was at its first statement.
func (s *Service) changeRights(ctx context.Context, fn func(Tx) error) error {
	return s.Tx(ctx, func(tx Tx) error {
		if err := lockRights(ctx, tx.st); err != nil {
			return err
		}
		return fn(tx)
	})
}

// lockRights takes the lock of changeRights in a transaction that has already begun.
func lockRights(ctx context.Context, st Store) error { return st.Lock(ctx, rightsLock) }

// keepAdmin returns ErrLastAdmin if u is the only active user who holds admin directly. It is
// called before u loses the role, is disabled or is deleted. The caller holds the lock of
// changeRights.
func keepAdmin(ctx context.Context, st Store, u User) error {
	if u.Status != StatusActive || !slices.Contains(u.Roles, RoleAdmin) {
		return nil
	}
	other, err := st.HasActiveHolder(ctx, RoleAdmin, u.ID)
	if err == nil && !other {
		err = ErrLastAdmin
	}
	return err
}
