package bunstore

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
)

type roleDefinitionRow struct {
	bun.BaseModel `bun:"table:hallpass_roles"`

	ID          string `bun:"id,pk"`
	Name        string `bun:"name"`
	Description string `bun:"description"`
	Scopes      string `bun:"scopes"` // a JSON array
}

func (r *roleDefinitionRow) role() (auth.Role, error) {
	scopes, err := splitScopes(r.Scopes)
	return auth.Role{ID: auth.RoleID(r.ID), Name: r.Name, Description: r.Description, Scopes: scopes}, err
}

// CreateRole adds a role.
func (s accounts) CreateRole(ctx context.Context, r auth.Role) error {
	if !isUUID(r.ID) {
		return errNoUUID
	}
	row := roleDefinitionRow{
		ID: string(r.ID), Name: r.Name, Description: r.Description, Scopes: joinScopes(notNull(r.Scopes)),
	}
	return s.createNamed(ctx, "create role", &row, "hallpass_roles", "name", r.Name)
}

// Role returns the role with the id or name.
func (s accounts) Role(ctx context.Context, ref string) (r auth.Role, err error) {
	if !storable(ref) {
		return auth.Role{}, auth.ErrNotFound
	}
	err = s.run(ctx, "role", func() (err error) {
		var row roleDefinitionRow
		if err := s.db.NewSelect().Model(&row).Where(named(ref, "id", "name")+" = ?", ref).Scan(ctx); err != nil {
			return err
		}
		r, err = row.role()
		return err
	})
	return r, err
}

// RoleDefinitions lists all roles by name.
func (s accounts) RoleDefinitions(ctx context.Context) (list []auth.Role, err error) {
	err = s.run(ctx, "roles", func() error {
		var rows []roleDefinitionRow
		if err := s.db.NewSelect().Model(&rows).OrderExpr("name").Scan(ctx); err != nil {
			return err
		}
		list = make([]auth.Role, len(rows))
		for i := range rows {
			if list[i], err = rows[i].role(); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// UpdateRole locks a role, lets edit change it and writes it.
func (s accounts) UpdateRole(
	ctx context.Context, id auth.RoleID, edit func(*auth.Role) error,
) (r auth.Role, err error) {
	if !isUUID(id) {
		return auth.Role{}, auth.ErrNotFound
	}
	return edited(ctx, s.handle, "update role", edit, func(h *handle) (auth.Role, error) {
		var row roleDefinitionRow
		if err := h.lockRow(ctx, &row, string(id)); err != nil {
			return auth.Role{}, err
		}
		return row.role()
	}, func(h *handle, _, now auth.Role) error {
		row := roleDefinitionRow{ID: string(id), Description: now.Description, Scopes: joinScopes(notNull(now.Scopes))}
		return orNotFound(affected(h.db.NewUpdate().Model(&row).Column("description", "scopes").WherePK().Exec(ctx)))
	})
}

// assignments are the tables that record who holds a role.
var assignments = []string{"hallpass_user_roles", "hallpass_group_roles", "hallpass_service_roles"}

// DeleteRole removes a role and takes it from everybody who holds it.
func (s accounts) DeleteRole(ctx context.Context, id auth.RoleID) error {
	if !isUUID(id) {
		return auth.ErrNotFound
	}
	return s.tx(ctx, func(h *handle) error {
		return h.run(ctx, "delete role", func() error {
			if err := orNotFound(h.exec(ctx, "DELETE FROM hallpass_roles WHERE id = ?", string(id))); err != nil {
				return err
			}
			for _, table := range assignments {
				if _, err := h.exec(ctx, "DELETE FROM "+table+" WHERE role = ?", string(id)); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// RoleAssigned reports whether anybody holds the role.
func (s accounts) RoleAssigned(ctx context.Context, id auth.RoleID) (found bool, err error) {
	var any []string
	for _, table := range assignments {
		any = append(any, "EXISTS (SELECT 1 FROM "+table+" WHERE role = ?0)")
	}
	err = s.run(ctx, "role assigned", func() error {
		return s.db.NewSelect().ColumnExpr(strings.Join(any, " OR "), string(id)).Scan(ctx, &found)
	})
	return found, err
}

var errNoUUID = errors.New("the id is not a canonical UUID")

// notNull returns a copy of list that is never nil.
func notNull(list []string) []string { return append([]string{}, list...) }

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
