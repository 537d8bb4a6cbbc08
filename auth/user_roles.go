package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// AddRole gives a user a role, by name or id. It is no error if they hold it already. It needs
// users for that user and all that the role gives; otherwise it is a CeilingError.
func (s *Service) AddRole(ctx context.Context, p *Principal, id UserID, role RoleID) error {
	return s.changeRole(ctx, p, id, role, s.addRole)
}

// RemoveRole takes a role from a user, by name or id. It is no error if they do not hold it. It
// needs users for that user and all that the role gives; otherwise it is a CeilingError.
// ErrLastAdmin if nobody else holds admin.
func (s *Service) RemoveRole(ctx context.Context, p *Principal, id UserID, role RoleID) error {
	return s.changeRole(ctx, p, id, role, s.removeRole)
}

type roleStep func(ctx context.Context, tx Tx, p *Principal, u User, r Role) error

func (s *Service) changeRole(ctx context.Context, p *Principal, id UserID, role RoleID, step roleStep) error {
	if err := s.authorizeUser(ctx, s.st, p, ActManageUser, id); err != nil {
		return err
	}
	err := s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		r, err := s.findRole(ctx, st, string(role))
		if err != nil {
			return err
		}
		a, err := s.account(ctx, st, id)
		if err != nil {
			return err
		}
		if err := step(ctx, tx, p, a.User, r); err != nil {
			return err
		}
		return s.rolesChanged(ctx, tx, a.User)
	})
	if err != nil {
		return fmt.Errorf("change role: %w", err)
	}
	return nil
}

// rolesChanged runs the hook if the user's roles are others now.
func (s *Service) rolesChanged(ctx context.Context, tx Tx, before User) error {
	if s.cfg.Hooks.UserUpdated == nil {
		return nil
	}
	after, err := tx.st.Account(ctx, before.ID)
	if err != nil || slices.Equal(after.Roles, before.Roles) {
		return err
	}
	return s.cfg.Hooks.userUpdated(ctx, tx, before, after.User)
}

func (s *Service) addRole(ctx context.Context, tx Tx, p *Principal, u User, r Role) error {
	st := tx.st
	if err := s.checkGive(p, r, u.ID); err != nil {
		return err
	}
	added, err := st.AddRole(ctx, u.ID, r.ID)
	if err != nil || !added {
		return err
	}
	return s.Audit(ctx, tx, p, "role.add", string(u.ID), map[string]any{"role": r.Name})
}

func (s *Service) removeRole(ctx context.Context, tx Tx, p *Principal, u User, r Role) error {
	st := tx.st
	if err := s.checkGive(p, r, u.ID); err != nil {
		return err
	}
	if r.ID == RoleAdmin {
		if err := keepAdmin(ctx, st, u); err != nil {
			return err
		}
	}
	removed, err := st.RemoveRole(ctx, u.ID, r.ID)
	if err != nil || !removed {
		return err
	}
	return s.Audit(ctx, tx, p, "role.remove", string(u.ID), map[string]any{"role": r.Name})
}

// replaceRoles makes the named roles those of u, all of them. What u holds of a role that is
// gone stays.
func (s *Service) replaceRoles(ctx context.Context, tx Tx, p *Principal, u User, names []string) error {
	st := tx.st
	want, err := s.findRoles(ctx, st, names)
	if errors.Is(err, ErrNotFound) {
		return &FieldsError{Fields: []FieldError{{Field: "roles", Code: CodeUnknown, Detail: "There is no such role."}}}
	} else if err != nil {
		return err
	}
	for _, id := range u.Roles {
		if slices.ContainsFunc(want, func(r Role) bool { return r.ID == id }) {
			continue
		}
		r, err := s.findRole(ctx, st, string(id))
		if errors.Is(err, ErrNotFound) || err == nil && r.ID != id { // another has the name of one that is gone
			continue
		} else if err != nil {
			return err
		}
		if err := s.removeRole(ctx, tx, p, u, r); err != nil {
			return err
		}
	}
	for _, r := range want {
		if !slices.Contains(u.Roles, r.ID) {
			if err := s.addRole(ctx, tx, p, u, r); err != nil {
				return err
			}
		}
	}
	return nil
}
