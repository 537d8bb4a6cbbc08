package memstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
)

// viewService returns a service as callers see it.
func (s *state) viewService(v auth.ServiceAccount) auth.ServiceAccount {
	v.Roles = slices.Clone(v.Roles)
	v.Grants = s.grants("", v.Roles)
	return v
}

// serviceNamed returns ErrNameTaken if a service other than id has the key.
func (s *state) serviceNamed(key string, id auth.ServiceID) error {
	for _, v := range s.services {
		if v.NameKey == key && v.ID != id {
			return auth.ErrNameTaken
		}
	}
	return nil
}

// CreateService implements auth.Store.
func (a *authStore) CreateService(ctx context.Context, v auth.ServiceAccount) error {
	return a.with(ctx, func(s *state) error {
		if err := s.serviceNamed(v.NameKey, ""); err != nil {
			return err
		}
		v.Roles, v.Grants = nil, nil
		return add(s.services, v.ID, v)
	})
}

// Service implements auth.Store.
func (a *authStore) Service(ctx context.Context, ref string) (auth.ServiceAccount, error) {
	return read(ctx, a, func(s *state) (auth.ServiceAccount, error) {
		for id, v := range s.services {
			if isUUID(ref) && string(id) == ref || !isUUID(ref) && v.NameKey == ref {
				return s.viewService(v), nil
			}
		}
		return auth.ServiceAccount{}, auth.ErrNotFound
	})
}

// Services implements auth.Store.
func (a *authStore) Services(ctx context.Context, q auth.ServiceQuery) ([]auth.ServiceAccount, error) {
	return read(ctx, a, func(s *state) ([]auth.ServiceAccount, error) {
		var out []auth.ServiceAccount
		for id, v := range s.services {
			if id > q.After && (q.Only == nil || slices.Contains(q.Only, id)) {
				out = append(out, s.viewService(v))
			}
		}
		slices.SortFunc(out, func(x, y auth.ServiceAccount) int { return cmp.Compare(x.ID, y.ID) })
		return firstOf(out, q.Limit), nil
	})
}

// UpdateService implements auth.Store.
func (a *authStore) UpdateService(
	ctx context.Context, id auth.ServiceID, edit func(*auth.ServiceAccount) error,
) (auth.ServiceAccount, error) {
	return read(ctx, a, func(s *state) (auth.ServiceAccount, error) {
		old, ok := s.services[id]
		if !ok {
			return auth.ServiceAccount{}, auth.ErrNotFound
		}
		now := s.viewService(old)
		if err := cmp.Or(edit(&now), ctx.Err()); err != nil {
			return auth.ServiceAccount{}, err
		}
		if err := s.serviceNamed(now.NameKey, id); err != nil {
			return auth.ServiceAccount{}, err
		}
		old.Name, old.NameKey, old.Description, old.Status = now.Name, now.NameKey, now.Description, now.Status
		s.services[id] = old
		return s.viewService(old), nil
	})
}

// DeleteService implements auth.Store.
func (a *authStore) DeleteService(ctx context.Context, id auth.ServiceID) error {
	return a.with(ctx, func(s *state) error {
		if _, ok := s.services[id]; !ok {
			return auth.ErrNotFound
		}
		delete(s.services, id)
		s.deleteAPITokens(auth.Holder{Service: id}, "")
		s.forgetGiver(auth.Holder{Service: id})
		return nil
	})
}

// AddServiceRole implements auth.Store.
func (a *authStore) AddServiceRole(ctx context.Context, id auth.ServiceID, r auth.RoleID) (added bool, err error) {
	return read(ctx, a, func(s *state) (bool, error) {
		now, ok := s.services[id]
		if !ok {
			return false, auth.ErrNotFound
		}
		now.Roles, added = with(now.Roles, r)
		s.services[id] = now
		return added, nil
	})
}

// RemoveServiceRole implements auth.Store.
func (a *authStore) RemoveServiceRole(ctx context.Context, id auth.ServiceID, r auth.RoleID) (removed bool, err error) {
	return read(ctx, a, func(s *state) (bool, error) {
		now, ok := s.services[id]
		if !ok {
			return false, nil
		}
		now.Roles, removed = without(now.Roles, r)
		s.services[id] = now
		return removed, nil
	})
}
