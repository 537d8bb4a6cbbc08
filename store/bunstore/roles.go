package bunstore

import (
	"context"
	"errors"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// AddRole gives a role to a user.
func (s accounts) AddRole(ctx context.Context, id auth.UserID, role auth.RoleID) (bool, error) {
	if !isUUID(id) {
		return false, auth.ErrNotFound
	}
	const where = " FROM hallpass_users WHERE id = ?0"
	return s.assign(ctx, "add role", "INSERT INTO hallpass_user_roles (user_id, role) SELECT id, ?1"+where, "SELECT 1"+
		where, string(id), string(role))
}

// RemoveRole takes a role from a user.
func (s accounts) RemoveRole(ctx context.Context, id auth.UserID, role auth.RoleID) (bool, error) {
	if !isUUID(id) {
		return false, nil
	}
	return s.unassign(
		ctx, "remove role", "DELETE FROM hallpass_user_roles WHERE user_id = ? AND role = ?", string(id), string(role),
	)
}

// HasActiveHolder reports whether an active user other than except holds the role.
func (s accounts) HasActiveHolder(ctx context.Context, role auth.RoleID, except auth.UserID) (found bool, err error) {
	err = s.run(ctx, "active holder", func() (err error) {
		q := s.db.NewSelect().TableExpr("hallpass_user_roles AS r").Join(
			"JOIN hallpass_users AS u ON u.id = r.user_id",
		).
			Where("r.role = ?", string(role)).Where("u.status = 'active'")
		if isUUID(except) {
			q.Where("u.id <> ?", string(except))
		}
		found, err = q.Exists(ctx)
		return err
	})
	return found, err
}

// errNoTx means that an operation makes sense only in a transaction.
var errNoTx = errors.New("only inside a transaction")

// Lock takes a row lock that lasts until the transaction ends. It writes the row, so that a
// database that works with snapshots sees the conflict.
func (s accounts) Lock(ctx context.Context, name string) error {
	return s.run(ctx, "lock", func() error {
		if s.state == nil {
			return errNoTx
		}
		_, err := s.exec(ctx,
			"INSERT INTO hallpass_locks (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = excluded.name", name)
		return err
	})
}

// ReserveUsername keeps a freed username for its last holder.
func (s accounts) ReserveUsername(ctx context.Context, key string, holder auth.UserID, until time.Time) error {
	return s.run(ctx, "reserve username", func() error {
		_, err := s.exec(ctx, "INSERT INTO hallpass_reserved_usernames (username_key, holder, until) VALUES (?, ?, ?)"+
			" ON CONFLICT (username_key) DO UPDATE SET holder = excluded.holder, until = excluded.until",
			key, string(holder), at(until))
		return err
	})
}

// UsernameReserved reports whether the key is reserved for anybody but id.
func (s accounts) UsernameReserved(
	ctx context.Context, key string, id auth.UserID, now time.Time,
) (reserved bool, err error) {
	err = s.run(ctx, "reserved username", func() (err error) {
		reserved, err = s.db.NewSelect().TableExpr("hallpass_reserved_usernames").
			Where("username_key = ?", key).Where("until > ?", at(now)).Where("holder <> ?", string(id)).Exists(ctx)
		return err
	})
	return reserved, err
}

// DeleteExpiredReservations removes one batch.
func (s accounts) DeleteExpiredReservations(ctx context.Context, t time.Time, limit int) (n int, err error) {
	err = s.run(ctx, "delete reservations", func() (err error) {
		n, err = s.exec(ctx, "DELETE FROM hallpass_reserved_usernames WHERE until <= ? AND username_key IN ("+
			"SELECT username_key FROM hallpass_reserved_usernames WHERE until <= ? ORDER BY until LIMIT ?"+
			s.pool.words.skipLocked+")", at(t), at(t), limit)
		return err
	})
	return n, err
}
