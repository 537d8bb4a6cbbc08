package memstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// viewGroup returns a group as callers see it.
func (s *state) viewGroup(g auth.Group) auth.Group {
	g.Roles = slices.Clone(g.Roles)
	g.Grants = s.grants("", g.Roles)
	g.Members = 0
	for m := range s.members {
		if m.a == g.ID {
			g.Members++
		}
	}
	return g
}

// groupNamed returns ErrNameTaken if a group other than id has the key.
func (s *state) groupNamed(key string, id auth.GroupID) error {
	for _, g := range s.groups {
		if g.NameKey == key && g.ID != id {
			return auth.ErrNameTaken
		}
	}
	return nil
}

// CreateGroup implements auth.Store.
func (a *authStore) CreateGroup(ctx context.Context, g auth.Group) error {
	return a.with(ctx, func(s *state) error {
		if err := s.groupNamed(g.NameKey, ""); err != nil {
			return err
		}
		g.Roles, g.Grants, g.Members = nil, nil, 0
		return add(s.groups, g.ID, g)
	})
}

// Group implements auth.Store.
func (a *authStore) Group(ctx context.Context, ref string) (auth.Group, error) {
	return read(ctx, a, func(s *state) (auth.Group, error) {
		for id, g := range s.groups {
			if isUUID(ref) && string(id) == ref || !isUUID(ref) && g.NameKey == ref {
				return s.viewGroup(g), nil
			}
		}
		return auth.Group{}, auth.ErrNotFound
	})
}

// Groups implements auth.Store.
func (a *authStore) Groups(ctx context.Context, q auth.GroupQuery) ([]auth.Group, error) {
	return read(ctx, a, func(s *state) ([]auth.Group, error) {
		var out []auth.Group
		for id, g := range s.groups {
			if id > q.After && (q.Only == nil || slices.Contains(q.Only, id)) {
				out = append(out, s.viewGroup(g))
			}
		}
		slices.SortFunc(out, func(x, y auth.Group) int { return cmp.Compare(x.ID, y.ID) })
		return firstOf(out, q.Limit), nil
	})
}

// UpdateGroup implements auth.Store.
func (a *authStore) UpdateGroup(
	ctx context.Context, id auth.GroupID, edit func(*auth.Group) error,
) (auth.Group, error) {
	return read(ctx, a, func(s *state) (auth.Group, error) {
		old, ok := s.groups[id]
		if !ok {
			return auth.Group{}, auth.ErrNotFound
		}
		now := s.viewGroup(old)
		if err := cmp.Or(edit(&now), ctx.Err()); err != nil {
			return auth.Group{}, err
		}
		if err := s.groupNamed(now.NameKey, id); err != nil {
			return auth.Group{}, err
		}
		old.Name, old.NameKey, old.Description = now.Name, now.NameKey, now.Description
		s.groups[id] = old
		return s.viewGroup(old), nil
	})
}

// DeleteGroup implements auth.Store.
func (a *authStore) DeleteGroup(ctx context.Context, id auth.GroupID) error {
	return a.with(ctx, func(s *state) error {
		if _, ok := s.groups[id]; !ok {
			return auth.ErrNotFound
		}
		delete(s.groups, id)
		for m := range s.members {
			if m.a == id {
				delete(s.members, m)
			}
		}
		s.deleteShares(func(x sharing.Share) bool { return x.Group == id })
		return nil
	})
}

// AddMember implements auth.Store.
func (a *authStore) AddMember(ctx context.Context, g auth.GroupID, u auth.UserID) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		if _, ok := s.groups[g]; !ok {
			return false, auth.ErrNotFound
		}
		if _, ok := s.accounts[u]; !ok {
			return false, auth.ErrNotFound
		}
		return add(s.members, member{g, u}, struct{}{}) == nil, nil
	})
}

// RemoveMember implements auth.Store.
func (a *authStore) RemoveMember(ctx context.Context, g auth.GroupID, u auth.UserID) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		_, was := s.members[member{g, u}]
		delete(s.members, member{g, u})
		return was, nil
	})
}

// AddGroupRole implements auth.Store.
func (a *authStore) AddGroupRole(ctx context.Context, g auth.GroupID, r auth.RoleID) (added bool, err error) {
	return read(ctx, a, func(s *state) (bool, error) {
		now, ok := s.groups[g]
		if !ok {
			return false, auth.ErrNotFound
		}
		now.Roles, added = with(now.Roles, r)
		s.groups[g] = now
		return added, nil
	})
}

// RemoveGroupRole implements auth.Store.
func (a *authStore) RemoveGroupRole(ctx context.Context, g auth.GroupID, r auth.RoleID) (removed bool, err error) {
	return read(ctx, a, func(s *state) (bool, error) {
		now, ok := s.groups[g]
		if !ok {
			return false, nil
		}
		now.Roles, removed = without(now.Roles, r)
		s.groups[g] = now
		return removed, nil
	})
}
