package bunstore

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
)

type groupRow struct {
	bun.BaseModel `bun:"table:hallpass_groups,alias:g"`

	ID          string `bun:"id,pk"`
	Name        string `bun:"name"`
	NameKey     string `bun:"name_key"`
	Description string `bun:"description"`
	CreatedAt   moment `bun:"created_at"`
	Grants      string `bun:"grants,scanonly"`
	Members     int    `bun:"members"`
}

func toGroupRow(g auth.Group) *groupRow {
	return &groupRow{
		ID: string(g.ID), Name: g.Name, NameKey: g.NameKey, Description: g.Description, CreatedAt: at(g.CreatedAt),
	}
}

func (r *groupRow) group() (auth.Group, error) {
	h, err := unpackGrants(r.Grants)
	return auth.Group{
		ID: auth.GroupID(r.ID), Name: r.Name, NameKey: r.NameKey, Description: r.Description, Roles: h.roles,
		Grants:  h.grants,
		Members: r.Members, CreatedAt: r.CreatedAt.Time,
	}, err
}

// selectGroups reads groups with their roles.
func (h *handle) selectGroups(rows any) *bun.SelectQuery {
	return h.db.NewSelect().Model(rows).ColumnExpr("g.*").
		ColumnExpr(h.pool.words.rolesOf("hallpass_group_roles", "r.group_id = g.id") + " AS grants")
}

// CreateGroup adds a group.
func (s accounts) CreateGroup(ctx context.Context, g auth.Group) error {
	if !isUUID(g.ID) {
		return errNoUUID
	}
	return s.createNamed(ctx, "create group", toGroupRow(g), "hallpass_groups", "name_key", g.NameKey)
}

// Group returns the group with the id or name.
func (s accounts) Group(ctx context.Context, ref string) (g auth.Group, err error) {
	if !storable(ref) {
		return auth.Group{}, auth.ErrNotFound
	}
	err = s.run(ctx, "group", func() (err error) {
		g, err = s.readGroup(ctx, named(ref, "g.id", "g.name_key"), ref)
		return err
	})
	return g, err
}

func (h *handle) readGroup(ctx context.Context, column, value string) (auth.Group, error) {
	var row groupRow
	if err := h.selectGroups(&row).Where(column+" = ?", value).Scan(ctx); err != nil {
		return auth.Group{}, err
	}
	return row.group()
}

// Groups lists groups by id.
func (s accounts) Groups(ctx context.Context, q auth.GroupQuery) (list []auth.Group, err error) {
	if q.After != "" && !isUUID(q.After) {
		return nil, auth.ErrBadCursor
	}
	err = s.run(ctx, "groups", func() error {
		var rows []groupRow
		sel := s.selectGroups(&rows).OrderExpr("g.id").Limit(int64(q.Limit))
		if q.After != "" {
			sel.Where("g.id > ?", string(q.After))
		}
		if q.Only != nil {
			sel.Where("g.id IN (?)", in(q.Only))
		}
		if err := sel.Scan(ctx); err != nil {
			return err
		}
		list = make([]auth.Group, len(rows))
		for i := range rows {
			if list[i], err = rows[i].group(); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// in returns a list of ids for an IN. Texts that are not ids find nothing, and neither does an
// empty list.
func in[ID ~string](ids []ID) any {
	return bun.List(slices.DeleteFunc(slices.Clone(ids), func(id ID) bool { return !isUUID(id) }))
}

// members selects the members of any of the groups.
func (h *handle) members(groups []auth.GroupID) *bun.SelectQuery {
	return h.db.NewSelect().TableExpr("hallpass_group_members").Column("user_id").Where("group_id IN (?)", in(groups))
}

// UpdateGroup locks a group, lets edit change it and writes it.
func (s accounts) UpdateGroup(ctx context.Context, id auth.GroupID, edit func(*auth.Group) error) (auth.Group, error) {
	if !isUUID(id) {
		return auth.Group{}, auth.ErrNotFound
	}
	return edited(ctx, s.handle, "update group", edit, func(h *handle) (auth.Group, error) {
		if err := h.lockRow(ctx, new(groupRow), string(id)); err != nil {
			return auth.Group{}, err
		}
		return h.readGroup(ctx, "g.id", string(id))
	}, func(h *handle, old, now auth.Group) error {
		now.ID = id
		return h.renamed(ctx, old.NameKey == now.NameKey, func(h *handle) error {
			return orNotFound(affected(
				h.db.NewUpdate().Model(toGroupRow(now)).Column("name", "name_key", "description").WherePK().Exec(ctx),
			))
		})
	})
}

// DeleteGroup removes a group. Foreign keys remove what belongs to it.
func (s accounts) DeleteGroup(ctx context.Context, id auth.GroupID) error {
	if !isUUID(id) {
		return auth.ErrNotFound
	}
	return s.run(ctx, "delete group", func() error {
		return orNotFound(s.exec(ctx, "DELETE FROM hallpass_groups WHERE id = ?", string(id)))
	})
}

// AddMember adds a user to a group.
func (s accounts) AddMember(ctx context.Context, g auth.GroupID, u auth.UserID) (bool, error) {
	if !isUUID(g) || !isUUID(u) {
		return false, auth.ErrNotFound
	}
	const both = " FROM hallpass_groups AS g, hallpass_users AS u WHERE g.id = ?0 AND u.id = ?1"
	return s.counted(ctx, "add member", g, "members + 1", func(h *handle) (bool, error) {
		return h.assign(ctx, "add member", "INSERT INTO hallpass_group_members (group_id, user_id) SELECT g.id, u.id"+
			both, "SELECT 1"+both, string(g), string(u))
	})
}

// counted changes the members of a group and the number of them in one transaction.
func (h *handle) counted(
	ctx context.Context, what string, g auth.GroupID, members string, change func(*handle) (bool, error),
) (changed bool, err error) {
	err = h.tx(ctx, func(h *handle) error {
		if changed, err = change(h); err != nil || !changed {
			return err
		}
		return h.run(ctx, what, func() error {
			_, err := h.exec(ctx, "UPDATE hallpass_groups SET members = "+members+" WHERE id = ?", string(g))
			return err
		})
	})
	return changed && err == nil, err
}

// RemoveMember removes a user from a group.
func (s accounts) RemoveMember(ctx context.Context, g auth.GroupID, u auth.UserID) (bool, error) {
	if !isUUID(g) || !isUUID(u) {
		return false, nil
	}
	return s.counted(ctx, "remove member", g, "members - 1", func(h *handle) (bool, error) {
		return h.unassign(ctx, "remove member", "DELETE FROM hallpass_group_members WHERE group_id = ? AND user_id = ?",
			string(g), string(u))
	})
}

// AddGroupRole gives a role to a group.
func (s accounts) AddGroupRole(ctx context.Context, g auth.GroupID, r auth.RoleID) (bool, error) {
	if !isUUID(g) {
		return false, auth.ErrNotFound
	}
	const where = " FROM hallpass_groups WHERE id = ?0"
	return s.assign(ctx, "add group role", "INSERT INTO hallpass_group_roles (group_id, role) SELECT id, ?1"+
		where, "SELECT 1"+where, string(g), string(r))
}

// RemoveGroupRole takes a role from a group.
func (s accounts) RemoveGroupRole(ctx context.Context, g auth.GroupID, r auth.RoleID) (bool, error) {
	if !isUUID(g) {
		return false, nil
	}
	return s.unassign(ctx, "remove group role", "DELETE FROM hallpass_group_roles WHERE group_id = ? AND role = ?",
		string(g), string(r))
}
