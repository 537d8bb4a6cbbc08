package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
)

// maxDescription is how long the description of a group, a role or a service can be, in code
// points.
const maxDescription = 1024

// Group is a named set of users. Its members hold its roles.
type Group struct {
	ID          GroupID
	Name        string // as typed
	NameKey     string // canonical name, unique
	Description string
	Roles       []RoleID // sorted
	Grants      []Grant  // the roles that were made at run time
	Members     int      // number of users in the group
	CreatedAt   time.Time
}

// RoleNames returns the names of the group's roles, sorted.
func (g Group) RoleNames() []string { return roleNames(g.Roles, g.Grants) }

// GroupRef names a group.
type GroupRef struct {
	ID   GroupID
	Name string
}

// GroupQuery selects groups, by id ascending.
type GroupQuery struct {
	Only  []GroupID // nil for all
	After GroupID   // ids greater than this
	Limit int
}

// GroupInput is the input of Groups.Create.
type GroupInput struct {
	Name        string // 1 to 64 ASCII letters, digits and . _ -; unique, whatever its case
	Description string // at most 1024 characters
}

// GroupPatch changes a group. Fields that are nil stay as they are.
type GroupPatch struct {
	Name        *string
	Description *string
}

// Groups makes and changes groups, their members and their roles. Reading needs the scope
// read:groups for the group, and changing needs the scope groups for it. A change of members or
// roles also needs all rights that it gives or takes away; otherwise the error is a
// CeilingError.
//
// Methods that take ref find the group by id or name, and return ErrNotFound if there is no
// such group or if the caller's filters do not cover it. Groups is safe for concurrent use.
type Groups struct{ s *Service }

// Create makes a group without members and roles. It needs the scope groups without a filter.
// It returns a FieldsError for bad input, and ErrNameTaken if another group has the name.
func (m *Groups) Create(ctx context.Context, p *Principal, in GroupInput) (Group, error) {
	if err := m.s.Authorize(p, ActManageGroups, scopes.Target{}); err != nil {
		return Group{}, err
	}
	at := m.s.now()
	g := Group{ID: GroupID(newID(at)), CreatedAt: at}
	var f FieldsError
	setObjectName(&f, &g.Name, &g.NameKey, in.Name)
	setDescription(&f, &g.Description, in.Description)
	if err := f.Err(); err != nil {
		return Group{}, err
	}
	err := m.s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		if err := st.CreateGroup(ctx, g); err != nil {
			return err
		}
		return m.s.Audit(ctx, tx, p, "group.create", string(g.ID), map[string]any{"name": g.Name})
	})
	if err != nil {
		return Group{}, fmt.Errorf("create group: %w", err)
	}
	return g, nil
}

// setObjectName sets the name and the canonical name of a group or a service. It adds to f what
// is wrong with the name.
func setObjectName(f *FieldsError, name, key *string, text string) {
	k, ok := nameKey(text)
	if !ok {
		f.Add("name", CodeInvalid, "Use 1 to 64 letters, digits and . _ - with at least one letter or digit.")
		return
	}
	*name, *key = text, k
}

// setDescription sets the description of a group, a role or a service. It adds to f what is
// wrong with the text.
func setDescription(f *FieldsError, to *string, text string) {
	if !plainText(text) || utf8.RuneCountInString(text) > maxDescription {
		f.Add("description", CodeInvalid, "A description has at most 1024 characters and no control characters.")
		return
	}
	*to = text
}

// Group finds a group by id or name. It needs the scope read:groups for that group.
func (m *Groups) Group(ctx context.Context, p *Principal, ref string) (Group, error) {
	return m.find(ctx, m.s.st, p, ActReadGroups, ref)
}

// Authorize is Service.Authorize for an action on one group, by id or name. It also returns
// ErrNotFound if there is no such group.
func (m *Groups) Authorize(ctx context.Context, p *Principal, a Action, ref string) error {
	_, err := m.find(ctx, m.s.st, p, a, ref)
	return err
}

// ID returns the id of a group by id or name. It needs no scope, so use it only where the
// caller may learn that the group exists. It returns ErrNotFound if there is no such group.
func (m *Groups) ID(ctx context.Context, ref string) (GroupID, error) {
	g, err := m.s.st.Group(ctx, refKey(ref))
	return g.ID, err
}

// ByName returns the id of a group to share with, by id or name. It needs no scope. It returns
// ErrNotFound if there is no such group, and for every name if Settings.PeopleLookup is off.
func (m *Groups) ByName(ctx context.Context, ref string) (GroupID, error) {
	if !IsID(ref) {
		if settings, err := m.s.settings(ctx, m.s.st); err != nil || settings.PeopleLookup == policy.LookupOff {
			return "", orElse(err, ErrNotFound)
		}
	}
	return m.ID(ctx, ref)
}

// checkAny returns an error if the caller can't do a to any group. It is called before anything
// is read or locked.
func (m *Groups) checkAny(p *Principal, a Action) error {
	if err := m.s.Authorize(p, a, GroupID("none").Target()); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// find finds a group and checks that the caller may do a to it. It returns ErrNotFound both for
// a group that does not exist and for one that the caller's filters do not cover.
func (m *Groups) find(ctx context.Context, st Store, p *Principal, a Action, ref string) (Group, error) {
	if err := m.checkAny(p, a); err != nil {
		return Group{}, err
	}
	g, err := st.Group(ctx, refKey(ref))
	if err != nil {
		return Group{}, err
	}
	if err := m.s.Authorize(p, a, g.ID.Target()); err != nil {
		return Group{}, err
	}
	return g, nil
}

// List lists by id the groups for which the caller holds the scope read:groups. It returns
// ErrBadCursor or a FieldsError for a bad query.
func (m *Groups) List(ctx context.Context, p *Principal, q PageQuery) (Page[Group], error) {
	limits, err := m.s.reach(p, ActReadGroups)
	if err != nil {
		return Page[Group]{}, err
	}
	limit, err := q.Size()
	if err != nil {
		return Page[Group]{}, err
	}
	list, err := m.s.st.Groups(ctx, GroupQuery{Only: groupsWithin(limits), After: GroupID(q.Cursor), Limit: limit + 1})
	return NewPage(list, limit, err, func(g Group) string { return string(g.ID) })
}

// groupsWithin returns the groups that every one of limits names. nil means all groups.
func groupsWithin(limits []scopes.Filters) []GroupID {
	var only []GroupID
	for i, f := range limits {
		named := map[GroupID]bool{}
		for _, id := range f[scopes.KindGroup] {
			named[GroupID(id)] = true
		}
		kept := []GroupID{}
		for id := range named {
			if i == 0 || slices.Contains(only, id) {
				kept = append(kept, id)
			}
		}
		only = kept
	}
	return only
}

// Update changes a group. It needs the scope groups for that group. It returns a FieldsError
// for bad input, and ErrNameTaken if another group has the name.
func (m *Groups) Update(ctx context.Context, p *Principal, ref string, patch GroupPatch) (Group, error) {
	var out Group
	err := m.s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		g, err := m.find(ctx, st, p, ActManageGroups, ref)
		if err != nil {
			return err
		}
		fields := []string{}
		out, err = st.UpdateGroup(ctx, g.ID, func(g *Group) error {
			var f FieldsError
			fields = fields[:0]
			if patch.Name != nil && *patch.Name != g.Name {
				setObjectName(&f, &g.Name, &g.NameKey, *patch.Name)
				fields = append(fields, "name")
			}
			if patch.Description != nil && *patch.Description != g.Description {
				setDescription(&f, &g.Description, *patch.Description)
				fields = append(fields, "description")
			}
			return f.Err()
		})
		if err != nil || len(fields) == 0 {
			return err
		}
		return m.s.Audit(ctx, tx, p, "group.update", string(g.ID), map[string]any{"fields": fields})
	})
	if err != nil {
		return Group{}, fmt.Errorf("update group: %w", err)
	}
	return out, nil
}

// Delete removes a group. Its members lose what its roles gave them. It needs the scope groups
// for that group and all that its roles give; otherwise it returns a CeilingError.
func (m *Groups) Delete(ctx context.Context, p *Principal, ref string) error {
	return m.change(ctx, p, ref, "delete group", func(tx Tx, g Group) error {
		st := tx.st
		if err := m.s.checkGroup(p, g, ""); err != nil {
			return err
		}
		if err := st.DeleteGroup(ctx, g.ID); err != nil {
			return err
		}
		return m.s.Audit(ctx, tx, p, "group.delete", string(g.ID), map[string]any{"name": g.Name})
	})
}

// Members lists the users who are in at least one of the groups, by id. It needs no scope.
func (m *Groups) Members(ctx context.Context, groups []GroupID) ([]UserID, error) {
	var out []UserID
	q := UserQuery{Within: []Within{{Groups: groups}}, Limit: holdingBatch}
	for {
		list, err := m.s.st.Users(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, u := range list {
			out = append(out, u.ID)
		}
		if len(list) < q.Limit {
			return out, nil
		}
		q.After = list[len(list)-1].ID
	}
}

// AddMember adds a user to a group. It is not an error if they are in the group already. It
// needs the scope groups for that group and all that its roles give; otherwise it returns a
// CeilingError. It returns ErrNotFound if there is no such user.
//
// It also returns a CeilingError if the caller has rights over the members of the group that
// they do not have over this user. Otherwise they could gain rights over people by adding them.
func (m *Groups) AddMember(ctx context.Context, p *Principal, ref string, id UserID) error {
	return m.change(ctx, p, ref, "add member", func(tx Tx, g Group) error {
		st := tx.st
		a, err := m.s.account(ctx, st, id)
		if err != nil {
			return err
		}
		if err := m.s.checkGroup(p, g, id); err != nil {
			return err
		}
		if err := m.s.checkGrowth(p, g, a.User); err != nil {
			return err
		}
		added, err := st.AddMember(ctx, g.ID, id)
		if err != nil || !added {
			return err
		}
		return m.s.Audit(ctx, tx, p, "member.add", string(id), map[string]any{"group": g.ID, "name": g.Name})
	})
}

// RemoveMember removes a user from a group. It is not an error if they are not in the group. It
// needs the scope groups for that group and all that its roles give; otherwise it returns a
// CeilingError. It returns ErrNotFound if there is no such user.
func (m *Groups) RemoveMember(ctx context.Context, p *Principal, ref string, id UserID) error {
	return m.change(ctx, p, ref, "remove member", func(tx Tx, g Group) error {
		st := tx.st
		if _, err := m.s.account(ctx, st, id); err != nil {
			return err
		}
		if err := m.s.checkGroup(p, g, id); err != nil {
			return err
		}
		removed, err := st.RemoveMember(ctx, g.ID, id)
		if err != nil || !removed {
			return err
		}
		return m.s.Audit(ctx, tx, p, "member.remove", string(id), map[string]any{"group": g.ID, "name": g.Name})
	})
}

// AddRole gives a role, by name or id, to all members of a group. It is not an error if the
// group holds the role already. It needs the scope groups for that group and all that the role
// gives; otherwise it returns a CeilingError. It returns ErrNotFound if there is no such role.
func (m *Groups) AddRole(ctx context.Context, p *Principal, ref string, role RoleID) error {
	return m.changeRole(ctx, p, ref, role, groupRoleChange{"group_role.add", Store.AddGroupRole})
}

// RemoveRole takes a role, by name or id, from a group. It is not an error if the group does
// not hold the role. It needs the scope groups for that group and all that the role gives;
// otherwise it returns a CeilingError. It returns ErrNotFound if there is no such role.
func (m *Groups) RemoveRole(ctx context.Context, p *Principal, ref string, role RoleID) error {
	return m.changeRole(ctx, p, ref, role, groupRoleChange{"group_role.remove", Store.RemoveGroupRole})
}

// groupRoleChange says whether a group gets a role or loses it.
type groupRoleChange struct {
	action string // for the audit record
	write  func(Store, context.Context, GroupID, RoleID) (bool, error)
}

// changeRole is AddRole or RemoveRole.
func (m *Groups) changeRole(
	ctx context.Context, p *Principal, ref string, role RoleID, change groupRoleChange,
) error {
	return m.change(ctx, p, ref, "change role of group", func(tx Tx, g Group) error {
		st := tx.st
		r, err := m.s.findRole(ctx, st, string(role))
		if err != nil {
			return err
		}
		if err := m.s.checkGive(p, r, ""); err != nil {
			return err
		}
		changed, err := change.write(st, ctx, g.ID, r.ID)
		if err != nil || !changed {
			return err
		}
		return m.s.Audit(ctx, tx, p, change.action, string(g.ID), map[string]any{"role": r.Name})
	})
}

// change finds a group and changes its members or roles, under the lock of rights.
func (m *Groups) change(
	ctx context.Context, p *Principal, ref, what string, change func(Tx, Group) error,
) error {
	if err := m.checkAny(p, ActManageGroups); err != nil {
		return err
	}
	err := m.s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		g, err := m.find(ctx, st, p, ActManageGroups, ref)
		if err != nil {
			return err
		}
		return change(tx, g)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
