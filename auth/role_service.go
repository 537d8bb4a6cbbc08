package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/scopes"
)

// RoleDefinition is what a role made at run time is defined by.
type RoleDefinition struct {
	// Description has at most 1024 characters. nil leaves it as it is.
	Description *string
	// Scopes are all that the role gives.
	Scopes []string
}

// Roles lists all roles by name, those that code defines and those made at run time. It needs
// read:roles.
func (s *Service) Roles(ctx context.Context, p *Principal) ([]Role, error) {
	if err := s.Authorize(p, ActReadRoles, scopes.Target{}); err != nil {
		return nil, err
	}
	list, err := s.st.RoleDefinitions(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range s.roles {
		list = append(list, r.Role)
	}
	// Code wins over a role of the same name that was made before.
	slices.SortStableFunc(list, func(a, b Role) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(b2i(b.BuiltIn), b2i(a.BuiltIn)))
	})
	return list, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// PutRole makes a role or changes it, for all who hold it, from their next request on. It needs
// roles, and all that the role gives before and afterwards, else it is a CeilingError. ref is a
// name of 1 to 64 characters of a-z, 0-9 and . _ -, or the id of a role that exists.
//
// ErrRoleBuiltIn for one that code defines, or a FieldsError, which tells of each scope that is
// none why.
func (s *Service) PutRole(
	ctx context.Context, p *Principal, ref string, in RoleDefinition,
) (r Role, created bool, err error) {
	if err := s.Authorize(p, ActManageRoles, scopes.Target{}); err != nil {
		return Role{}, false, err
	}
	if _, ok := s.roles[RoleID(ref)]; ok {
		return Role{}, false, ErrRoleBuiltIn
	}
	next, parsed, err := s.newRole(ref, in)
	if err != nil {
		return Role{}, false, err
	}
	if err := excess(p, s.schema.Set(parsed, scopes.Self{}), ""); err != nil {
		return Role{}, false, err
	}
	err = s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		old, err := st.Role(ctx, ref)
		if created = errors.Is(err, ErrNotFound) && isName(ref); created {
			if err := st.CreateRole(ctx, next); err != nil {
				return err
			}
			r = next
			return s.Audit(ctx, tx, p, "role.create", string(r.ID), map[string]any{"name": r.Name, "scopes": r.Scopes})
		}
		if err != nil {
			return err
		}
		r, err = s.updateRole(ctx, tx, p, old, in.Description != nil, next)
		return err
	})
	if err != nil {
		return Role{}, false, fmt.Errorf("put role: %w", err)
	}
	return r, created, nil
}

// newRole validates a definition.
func (s *Service) newRole(ref string, in RoleDefinition) (Role, []scopes.Scope, error) {
	r := Role{ID: RoleID(newID(s.now())), Name: ref}
	var f FieldErrors
	if !isName(ref) && !IsID(ref) {
		f.Add("role", CodeInvalid, "Use 1 to 64 of a-z, 0-9 and . _ - with at least one letter or digit.")
	}
	if in.Description != nil {
		setDescription(&f, &r.Description, *in.Description)
	}
	parsed := s.parseScopes(&f, in.Scopes)
	r.Scopes = texts(parsed)
	return r, parsed, f.Err()
}

// parseScopes reads scopes that somebody wrote, and tells of each that is none why.
func (s *Service) parseScopes(f *FieldErrors, list []string) []scopes.Scope {
	for _, text := range list {
		var bad *scopes.ParseError
		if _, err := s.schema.Parse(text); errors.As(err, &bad) {
			f.Add("scopes", bad.Code, bad.Error())
		}
	}
	parsed, _ := s.schema.ParseAll(list)
	return parsed
}

func (s *Service) updateRole(
	ctx context.Context, tx Tx, p *Principal, old Role, describe bool, next Role,
) (Role, error) {
	if err := s.checkGive(p, old, ""); err != nil {
		return Role{}, err
	}
	r, err := tx.st.UpdateRole(ctx, old.ID, func(now *Role) error {
		now.Scopes = next.Scopes
		if describe {
			now.Description = next.Description
		}
		return nil
	})
	if err != nil {
		return Role{}, err
	}
	return r, s.Audit(ctx, tx, p, "role.update", string(r.ID), map[string]any{"name": r.Name, "scopes": r.Scopes})
}

// DeleteRole removes a role that was made at run time. It needs roles and all that the role
// gives, else it is a CeilingError. ErrRoleBuiltIn for one that code defines; ErrRoleInUse
// while it is a default role, and while anybody holds it unless force takes it from them.
func (s *Service) DeleteRole(ctx context.Context, p *Principal, ref string, force bool) error {
	if err := s.Authorize(p, ActManageRoles, scopes.Target{}); err != nil {
		return err
	}
	if _, ok := s.roles[RoleID(ref)]; ok {
		return ErrRoleBuiltIn
	}
	if !isName(ref) && !IsID(ref) {
		return ErrNotFound
	}
	err := s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		r, err := st.Role(ctx, ref)
		if err != nil {
			return err
		}
		if err := s.checkGive(p, r, ""); err != nil {
			return err
		}
		if err := s.checkUnused(ctx, st, r, force); err != nil {
			return err
		}
		if err := st.DeleteRole(ctx, r.ID); err != nil {
			return err
		}
		return s.Audit(ctx, tx, p, "role.delete", string(r.ID), map[string]any{"name": r.Name})
	})
	if err != nil {
		return fmt.Errorf("delete role: %w", err)
	}
	return nil
}

// checkUnused returns ErrRoleInUse where a role can't go.
func (s *Service) checkUnused(ctx context.Context, st Store, r Role, force bool) error {
	now, err := s.settings(ctx, st)
	if err != nil {
		return err
	}
	if slices.Contains(now.DefaultRoles, r.Name) && !s.hidden(r) {
		return ErrRoleInUse
	}
	used, err := st.RoleAssigned(ctx, r.ID)
	if err == nil && used && !force {
		err = ErrRoleInUse
	}
	return err
}

// LostScopes tells, by role, which scopes of roles made at run time the model no longer knows.
// They give nothing.
func (s *Service) LostScopes(ctx context.Context) (map[string][]string, error) {
	list, err := s.st.RoleDefinitions(ctx)
	if err != nil {
		return nil, err
	}
	lost := map[string][]string{}
	for _, r := range list {
		if _, unknown := s.schema.SetOf(r.Scopes, scopes.Self{}); len(unknown) > 0 {
			lost[r.Name] = unknown
		}
	}
	return lost, nil
}
