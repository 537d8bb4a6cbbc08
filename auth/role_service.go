package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/scopes"
)

// RoleInput is the input of Roles.Put.
type RoleInput struct {
	// Description has at most 1024 characters. nil leaves it as it is.
	Description *string
	// Scopes are all that the role gives.
	Scopes []string
}

// Roles lists roles, and makes and changes those that code does not define. Listing needs the
// scope read:roles. Changing needs roles and all that the role gives; otherwise it is a
// CeilingError. Roles is safe for concurrent use.
type Roles struct{ s *Service }

// List lists all roles by name: those that code defines and those that were made at run time.
// It needs read:roles.
func (m *Roles) List(ctx context.Context, p *Principal) ([]Role, error) {
	if err := m.s.Authorize(p, ActReadRoles, scopes.Target{}); err != nil {
		return nil, err
	}
	list, err := m.s.st.RoleDefinitions(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range m.s.builtIn {
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

// Put makes a role, or changes it for everybody who holds it, from their next request on. It
// needs roles, and all that the role gives before and after the change; otherwise it is a
// CeilingError. ref is a name of 1 to 64 characters of a-z, 0-9 and . _ -, or the id of a role
// that exists.
//
// It returns ErrRoleBuiltIn for a role that code defines, and a FieldsError that says what is
// wrong with each scope that the model does not have.
func (m *Roles) Put(
	ctx context.Context, p *Principal, ref string, in RoleInput,
) (r Role, created bool, err error) {
	if err := m.s.Authorize(p, ActManageRoles, scopes.Target{}); err != nil {
		return Role{}, false, err
	}
	if _, ok := m.s.builtIn[RoleID(ref)]; ok {
		return Role{}, false, ErrRoleBuiltIn
	}
	next, parsed, err := m.validate(ref, in)
	if err != nil {
		return Role{}, false, err
	}
	if err := excess(p, m.s.schema.Set(parsed, scopes.Self{}), ""); err != nil {
		return Role{}, false, err
	}
	err = m.s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		old, err := st.Role(ctx, ref)
		if created = errors.Is(err, ErrNotFound) && isName(ref); created {
			if err := st.CreateRole(ctx, next); err != nil {
				return err
			}
			r = next
			return m.s.Audit(
				ctx, tx, p, "role.create", string(r.ID), map[string]any{"name": r.Name, "scopes": r.Scopes},
			)
		}
		if err != nil {
			return err
		}
		r, err = m.update(ctx, tx, p, old, in.Description != nil, next)
		return err
	})
	if err != nil {
		return Role{}, false, fmt.Errorf("put role: %w", err)
	}
	return r, created, nil
}

// validate checks an input and makes a role from it.
func (m *Roles) validate(ref string, in RoleInput) (Role, []scopes.Scope, error) {
	r := Role{ID: RoleID(newID(m.s.now())), Name: ref}
	var f FieldErrors
	if !isName(ref) && !IsID(ref) {
		f.Add("role", CodeInvalid, "Use 1 to 64 of a-z, 0-9 and . _ - with at least one letter or digit.")
	}
	if in.Description != nil {
		setDescription(&f, &r.Description, *in.Description)
	}
	parsed := m.s.parseScopes(&f, in.Scopes)
	r.Scopes = texts(parsed)
	return r, parsed, f.Err()
}

// parseScopes parses scopes that somebody wrote. It adds to f what is wrong with each that the
// model does not have.
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

func (m *Roles) update(
	ctx context.Context, tx Tx, p *Principal, old Role, describe bool, next Role,
) (Role, error) {
	if err := m.s.checkGive(p, old, ""); err != nil {
		return Role{}, err
	}
	r, err := tx.st.UpdateRole(ctx, old.ID, func(r *Role) error {
		r.Scopes = next.Scopes
		if describe {
			r.Description = next.Description
		}
		return nil
	})
	if err != nil {
		return Role{}, err
	}
	return r, m.s.Audit(ctx, tx, p, "role.update", string(r.ID), map[string]any{"name": r.Name, "scopes": r.Scopes})
}

// Delete removes a role that was made at run time. It needs roles and all that the role gives;
// otherwise it is a CeilingError. It returns ErrRoleBuiltIn for a role that code defines, and
// ErrRoleInUse for a default role. A role that somebody holds is also ErrRoleInUse, unless
// force takes it from everybody: the hook UserUpdated then runs for each user who held it
// directly.
func (m *Roles) Delete(ctx context.Context, p *Principal, ref string, force bool) error {
	if err := m.s.Authorize(p, ActManageRoles, scopes.Target{}); err != nil {
		return err
	}
	if _, ok := m.s.builtIn[RoleID(ref)]; ok {
		return ErrRoleBuiltIn
	}
	if !isName(ref) && !IsID(ref) {
		return ErrNotFound
	}
	err := m.s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		r, err := st.Role(ctx, ref)
		if err != nil {
			return err
		}
		if err := m.s.checkGive(p, r, ""); err != nil {
			return err
		}
		if err := m.checkUnused(ctx, st, r, force); err != nil {
			return err
		}
		if err := m.takeFromUsers(ctx, tx, r); err != nil {
			return err
		}
		if err := st.DeleteRole(ctx, r.ID); err != nil {
			return err
		}
		return m.s.Audit(ctx, tx, p, "role.delete", string(r.ID), map[string]any{"name": r.Name})
	})
	if err != nil {
		return fmt.Errorf("delete role: %w", err)
	}
	return nil
}

// checkUnused returns ErrRoleInUse if a role can't go.
func (m *Roles) checkUnused(ctx context.Context, st Store, r Role, force bool) error {
	settings, err := m.s.settings(ctx, st)
	if err != nil {
		return err
	}
	if slices.Contains(settings.DefaultRoles, r.Name) && !m.s.hidden(r) {
		return ErrRoleInUse
	}
	used, err := st.RoleAssigned(ctx, r.ID)
	if err == nil && used && !force {
		err = ErrRoleInUse
	}
	return err
}

// takeFromUsers takes a role from all users who hold it directly, and runs the hook for each.
// It reads a bounded number of them at a time. Without a hook the store takes the role from
// everybody at once.
func (m *Roles) takeFromUsers(ctx context.Context, tx Tx, r Role) error {
	if m.s.cfg.Hooks.UserUpdated == nil {
		return nil
	}
	q := UserQuery{Role: r.ID, Limit: 100}
	for {
		list, err := tx.st.Users(ctx, q)
		if err != nil {
			return err
		}
		for _, u := range list {
			if _, err := tx.st.RemoveRole(ctx, u.ID, r.ID); err != nil {
				return err
			}
			if err := m.s.rolesChanged(ctx, tx, u); err != nil {
				return err
			}
		}
		if len(list) < q.Limit {
			return nil
		}
		q.After = list[len(list)-1].ID
	}
}

// LostScopes returns, by name of the role, the scopes of roles made at run time that the model
// no longer knows. They give nothing. It needs no scope: it is for the host itself.
func (m *Roles) LostScopes(ctx context.Context) (map[string][]string, error) {
	list, err := m.s.st.RoleDefinitions(ctx)
	if err != nil {
		return nil, err
	}
	lost := map[string][]string{}
	for _, r := range list {
		if _, unknown := m.s.schema.SetOf(r.Scopes, scopes.Self{}); len(unknown) > 0 {
			lost[r.Name] = unknown
		}
	}
	return lost, nil
}
