package memstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
)

func copyRole(r auth.Role) auth.Role {
	r.Scopes, r.BuiltIn = append([]string{}, r.Scopes...), false
	return r
}

// CreateRole implements auth.Store.
func (a *authStore) CreateRole(ctx context.Context, r auth.Role) error {
	return a.with(ctx, func(s *state) error {
		for _, other := range s.roles {
			if other.Name == r.Name {
				return auth.ErrNameTaken
			}
		}
		return add(s.roles, r.ID, copyRole(r))
	})
}

// Role implements auth.Store.
func (a *authStore) Role(ctx context.Context, ref string) (auth.Role, error) {
	return read(ctx, a, func(s *state) (auth.Role, error) {
		for id, r := range s.roles {
			if isUUID(ref) && string(id) == ref || !isUUID(ref) && r.Name == ref {
				return copyRole(r), nil
			}
		}
		return auth.Role{}, auth.ErrNotFound
	})
}

// RoleDefinitions implements auth.Store.
func (a *authStore) RoleDefinitions(ctx context.Context) ([]auth.Role, error) {
	return read(ctx, a, func(s *state) ([]auth.Role, error) {
		var out []auth.Role
		for _, r := range s.roles {
			out = append(out, copyRole(r))
		}
		slices.SortFunc(out, func(x, y auth.Role) int { return cmp.Compare(x.Name, y.Name) })
		return out, nil
	})
}

// UpdateRole implements auth.Store.
func (a *authStore) UpdateRole(ctx context.Context, id auth.RoleID, edit func(*auth.Role) error) (auth.Role, error) {
	return read(ctx, a, func(s *state) (auth.Role, error) {
		old, ok := s.roles[id]
		if !ok {
			return auth.Role{}, auth.ErrNotFound
		}
		now := copyRole(old)
		if err := cmp.Or(edit(&now), ctx.Err()); err != nil {
			return auth.Role{}, err
		}
		now.ID, now.Name = old.ID, old.Name
		s.roles[id] = copyRole(now)
		return copyRole(now), nil
	})
}

// DeleteRole implements auth.Store.
func (a *authStore) DeleteRole(ctx context.Context, id auth.RoleID) error {
	return a.with(ctx, func(s *state) error {
		if _, ok := s.roles[id]; !ok {
			return auth.ErrNotFound
		}
		delete(s.roles, id)
		for k, acc := range s.accounts {
			acc.Roles, _ = without(acc.Roles, id)
			s.accounts[k] = acc
		}
		for k, g := range s.groups {
			g.Roles, _ = without(g.Roles, id)
			s.groups[k] = g
		}
		for k, v := range s.services {
			v.Roles, _ = without(v.Roles, id)
			s.services[k] = v
		}
		return nil
	})
}

// RoleAssigned implements auth.Store.
func (a *authStore) RoleAssigned(ctx context.Context, id auth.RoleID) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		for _, acc := range s.accounts {
			if slices.Contains(acc.Roles, id) {
				return true, nil
			}
		}
		for _, g := range s.groups {
			if slices.Contains(g.Roles, id) {
				return true, nil
			}
		}
		for _, v := range s.services {
			if slices.Contains(v.Roles, id) {
				return true, nil
			}
		}
		return false, nil
	})
}
