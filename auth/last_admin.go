package auth

import (
	"context"
	"slices"
)

// At least one active user holds admin directly, whatever is deleted, disabled or taken away.

// rightsLock is the name of the lock under which rights change hands.
const rightsLock = "rights"

// changeRights is Tx for a change after which somebody may hold less, or after which a role may
// be gone. Such changes run one after the other. The lock comes first: at SERIALIZABLE a
// transaction sees what was there at its first statement.
func (s *Service) changeRights(ctx context.Context, fn func(Tx) error) error {
	return s.Tx(ctx, func(tx Tx) error {
		if err := lockRights(ctx, tx.st); err != nil {
			return err
		}
		return fn(tx)
	})
}

// lockRights takes the lock of changeRights in a transaction that has begun already.
func lockRights(ctx context.Context, st Store) error { return st.Lock(ctx, rightsLock) }

// keepAdmin returns ErrLastAdmin if u is the only active user who holds admin directly. It is
// asked before u loses the role, the status or the account. The caller holds the lock of
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
