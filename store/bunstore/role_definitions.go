package bunstore

import (
	"context"
	"errors"
	"strings"

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
