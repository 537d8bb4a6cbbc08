package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/scopes"
)

// maxDescription is the length of the description of a group, a role or a service, in code
// points.
const maxDescription = 1024

// NewGroup is what a group is made from.
type NewGroup struct {
	Name        string // 1 to 64 ASCII letters, digits and . _ -, unique without case
	Description string // at most 1024 characters
}

// GroupPatch changes a group; nil fields stay as they are.
type GroupPatch struct {
	Name        *string
	Description *string
}

// GroupTarget is the target of an action on one group.
func GroupTarget(id GroupID) scopes.Target {
	return scopes.Target{Kind: scopes.KindGroup, ID: string(id)}
}

// CreateGroup makes a group without members and roles. It needs groups for all groups. A
// FieldsError or ErrNameTaken.
func (s *Service) CreateGroup(ctx context.Context, p *Principal, in NewGroup) (Group, error) {
	if err := s.Authorize(p, ActManageGroups, scopes.Target{}); err != nil {
		return Group{}, err
	}
	at := s.now()
	g := Group{ID: GroupID(newID(at)), CreatedAt: at}
	var f FieldErrors
	setObjectName(&f, &g.Name, &g.NameKey, in.Name)
	setDescription(&f, &g.Description, in.Description)
	if err := f.Err(); err != nil {
		return Group{}, err
	}
	err := s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		if err := st.CreateGroup(ctx, g); err != nil {
			return err
		}
		return s.Audit(ctx, tx, p, "group.create", string(g.ID), map[string]any{"name": g.Name})
	})
	if err != nil {
		return Group{}, fmt.Errorf("create group: %w", err)
	}
	return g, nil
}

// setObjectName puts the name of a group or a service with its canonical form where they
// belong.
func setObjectName(f *FieldErrors, name, key *string, text string) {
	k, ok := nameKey(text)
	if !ok {
		f.Add("name", CodeInvalid, "Use 1 to 64 letters, digits and . _ - with at least one letter or digit.")
		return
	}
	*name, *key = text, k
}

func setDescription(f *FieldErrors, to *string, text string) {
	if !plainText(text) || utf8.RuneCountInString(text) > maxDescription {
		f.Add("description", CodeInvalid, "A description has at most 1024 characters and no control characters.")
		return
	}
	*to = text
}

// Group finds a group by id or name. It needs read:groups for that group.
func (s *Service) Group(ctx context.Context, p *Principal, ref string) (Group, error) {
	return s.groupFor(ctx, s.st, p, ActReadGroups, ref)
}

// AuthorizeGroup is Authorize for an action on one group, by id or name, and ErrNotFound where
// there is no such group.
func (s *Service) AuthorizeGroup(ctx context.Context, p *Principal, a Action, ref string) error {
	_, err := s.groupFor(ctx, s.st, p, a, ref)
	return err
}

// someGroup refuses who may not do a to any group, before anything is read or locked.
func (s *Service) someGroup(p *Principal, a Action) error {
	if err := s.Authorize(p, a, GroupTarget("none")); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// groupFor finds a group that the caller may do a to. One that does not exist and one that a
// filter misses are the same.
func (s *Service) groupFor(ctx context.Context, st Store, p *Principal, a Action, ref string) (Group, error) {
	if err := s.someGroup(p, a); err != nil {
		return Group{}, err
	}
	g, err := st.Group(ctx, refKey(ref))
	if err != nil {
		return Group{}, err
	}
	if err := s.Authorize(p, a, GroupTarget(g.ID)); err != nil {
		return Group{}, err
	}
	return g, nil
}

// Groups lists groups by id: those for which the caller holds read:groups.
func (s *Service) Groups(ctx context.Context, p *Principal, q PageQuery) (Page[Group], error) {
	limits, err := s.reach(p, ActReadGroups)
	if err != nil {
		return Page[Group]{}, err
	}
	limit, err := q.Size()
	if err != nil {
		return Page[Group]{}, err
	}
	list, err := s.st.Groups(ctx, GroupQuery{Only: groupsWithin(limits), After: GroupID(q.Cursor), Limit: limit + 1})
	return NewPage(list, limit, err, func(g Group) string { return string(g.ID) })
}

// groupsWithin are the groups that all filters name; nil for all.
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

// UpdateGroup changes a group. It needs groups for that group. A FieldsError or ErrNameTaken.
func (s *Service) UpdateGroup(ctx context.Context, p *Principal, ref string, patch GroupPatch) (Group, error) {
	var out Group
	err := s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		g, err := s.groupFor(ctx, st, p, ActManageGroups, ref)
		if err != nil {
			return err
		}
		fields := []string{}
		out, err = st.UpdateGroup(ctx, g.ID, func(now *Group) error {
			var f FieldErrors
			fields = fields[:0]
			if patch.Name != nil && *patch.Name != now.Name {
				setObjectName(&f, &now.Name, &now.NameKey, *patch.Name)
				fields = append(fields, "name")
			}
			if patch.Description != nil && *patch.Description != now.Description {
				setDescription(&f, &now.Description, *patch.Description)
				fields = append(fields, "description")
			}
			return f.Err()
		})
		if err != nil || len(fields) == 0 {
			return err
		}
		return s.Audit(ctx, tx, p, "group.update", string(g.ID), map[string]any{"fields": fields})
	})
	if err != nil {
		return Group{}, fmt.Errorf("update group: %w", err)
	}
	return out, nil
}

// DeleteGroup removes a group: its members lose what its roles gave them. It needs groups for
// that group and all that its roles give, else it is a CeilingError.
func (s *Service) DeleteGroup(ctx context.Context, p *Principal, ref string) error {
	return s.changeGroup(ctx, p, ref, "delete group", func(tx Tx, g Group) error {
		st := tx.st
		if err := s.checkGroup(p, g, ""); err != nil {
			return err
		}
		if err := st.DeleteGroup(ctx, g.ID); err != nil {
			return err
		}
		return s.Audit(ctx, tx, p, "group.delete", string(g.ID), map[string]any{"name": g.Name})
	})
}

// AddMember puts a user into a group; no error if they are in it. It needs groups for that
// group and all that its roles give, else it is a CeilingError; so it is where the caller's own
// rights over the members of the group would come to reach somebody whom they did not reach.
func (s *Service) AddMember(ctx context.Context, p *Principal, ref string, id UserID) error {
	return s.changeGroup(ctx, p, ref, "add member", func(tx Tx, g Group) error {
		st := tx.st
		a, err := s.account(ctx, st, id)
		if err != nil {
			return err
		}
		if err := s.checkGroup(p, g, id); err != nil {
			return err
		}
		if err := s.checkGrowth(p, g, a.User); err != nil {
			return err
		}
		added, err := st.AddMember(ctx, g.ID, id)
		if err != nil || !added {
			return err
		}
		return s.Audit(ctx, tx, p, "member.add", string(id), map[string]any{"group": g.ID, "name": g.Name})
	})
}

// RemoveMember takes a user out of a group; no error if they are not in it. It needs groups for
// that group and all that its roles give, else it is a CeilingError.
func (s *Service) RemoveMember(ctx context.Context, p *Principal, ref string, id UserID) error {
	return s.changeGroup(ctx, p, ref, "remove member", func(tx Tx, g Group) error {
		st := tx.st
		if _, err := s.account(ctx, st, id); err != nil {
			return err
		}
		if err := s.checkGroup(p, g, id); err != nil {
			return err
		}
		removed, err := st.RemoveMember(ctx, g.ID, id)
		if err != nil || !removed {
			return err
		}
		return s.Audit(ctx, tx, p, "member.remove", string(id), map[string]any{"group": g.ID, "name": g.Name})
	})
}

// AddGroupRole gives a role, by name or id, to all members of a group; no error if the group
// holds it. It needs groups for that group and all that the role gives, else it is a
// CeilingError.
func (s *Service) AddGroupRole(ctx context.Context, p *Principal, ref, role string) error {
	return s.changeGroupRole(ctx, p, ref, role, "group_role.add", Store.AddGroupRole)
}

// RemoveGroupRole takes a role from a group; no error if the group does not hold it. It needs
// groups for that group and all that the role gives, else it is a CeilingError.
func (s *Service) RemoveGroupRole(ctx context.Context, p *Principal, ref, role string) error {
	return s.changeGroupRole(ctx, p, ref, role, "group_role.remove", Store.RemoveGroupRole)
}

func (s *Service) changeGroupRole(
	ctx context.Context, p *Principal, ref, role, action string, change func(
		Store, context.Context, GroupID, RoleID,
	) (bool, error),
) error {
	return s.changeGroup(ctx, p, ref, "change role of group", func(tx Tx, g Group) error {
		st := tx.st
		r, err := s.findRole(ctx, st, role)
		if err != nil {
			return err
		}
		if err := s.checkGive(p, r, ""); err != nil {
			return err
		}
		changed, err := change(st, ctx, g.ID, r.ID)
		if err != nil || !changed {
			return err
		}
		return s.Audit(ctx, tx, p, action, string(g.ID), map[string]any{"role": r.Name})
	})
}

// changeGroup runs a change of what a group gives to whom, under the lock for that.
func (s *Service) changeGroup(
	ctx context.Context, p *Principal, ref, what string, change func(Tx, Group) error,
) error {
	if err := s.someGroup(p, ActManageGroups); err != nil {
		return err
	}
	err := s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		g, err := s.groupFor(ctx, st, p, ActManageGroups, ref)
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
