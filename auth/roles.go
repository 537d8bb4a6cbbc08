package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/scopes"
)

// Names of the built-in roles.
const (
	RoleUser  RoleID = "user"
	RoleAdmin RoleID = "admin"
	RoleGuest RoleID = "guest" // held by requests without a credential
)

// Role is a named set of scopes that users, groups and services can hold.
type Role struct {
	ID          RoleID // the name, if the role is defined in code; New ignores the ID of a role in Config
	Name        string
	Description string
	Scopes      []string // as declared, not expanded
	BuiltIn     bool     // whether the role is defined in code and not made at run time
}

// role is a Role with its scopes parsed.
type role struct {
	Role
	scopes []scopes.Scope
}

// builtInRoles are the roles that are defined in code, by id.
type builtInRoles map[RoleID]role

// newRoles parses the scopes of the roles of this package and of the host. A role of the host
// replaces one of this package that has the same name.
func newRoles(schema *scopes.Schema, host []Role) (builtInRoles, error) {
	own := []Role{
		{Name: string(RoleUser), Description: "Every account: its own profile, sessions, tokens and shares.",
			Scopes: userScopes()},
		{Name: string(RoleAdmin), Description: "Everything.", Scopes: schema.Names()},
		{Name: string(RoleGuest), Description: "Requests without a credential."},
	}
	all := builtInRoles{}
	var errs []error
	seen := map[string]bool{}
	for _, r := range slices.Concat(own, host) {
		r.ID, r.BuiltIn = RoleID(r.Name), true
		if !isName(r.Name) {
			errs = append(errs, fmt.Errorf("role %q: a name is 1 to 64 of a-z, 0-9 and . _ -", r.Name))
		}
		parsed, err := schema.ParseAll(r.Scopes)
		if err != nil {
			errs = append(errs, fmt.Errorf("role %q: %w", r.Name, err))
		}
		r.Scopes = texts(parsed)
		all[RoleID(r.Name)] = role{r, parsed}
	}
	for _, r := range host {
		if seen[r.Name] {
			errs = append(errs, fmt.Errorf("role %q is defined twice", r.Name))
		}
		seen[r.Name] = true
	}
	return all, errors.Join(errs...)
}

func texts(list []scopes.Scope) []string {
	out := make([]string, len(list))
	for i, sc := range list {
		out[i] = sc.String()
	}
	return out
}

// grant makes the Grant of a role that was made at run time and is held directly.
func (r Role) grant() Grant { return Grant{Role: r.ID, Name: r.Name, Scopes: r.Scopes} }

// setOf returns the rights that roles and grants give. A role that no longer exists gives
// nothing, and neither does a scope that the model no longer has.
func (s *Service) setOf(self scopes.Self, held []RoleID, grants []Grant) *scopes.Set {
	sets := make([]*scopes.Set, 0, len(held)+len(grants))
	for _, id := range held {
		sets = append(sets, s.schema.Set(s.builtIn[id].scopes, self))
	}
	for _, g := range grants {
		sets = append(sets, s.setOfGrant(self, g))
	}
	return s.schema.Merge(sets...)
}

// setOfGrant returns the rights that one grant gives.
func (s *Service) setOfGrant(self scopes.Self, g Grant) *scopes.Set {
	if g.Name == "" {
		return s.schema.Set(s.builtIn[g.Role].scopes, self)
	}
	set, _ := s.schema.SetOf(g.Scopes, self)
	return set
}

// rightsOf returns the present rights of a user.
func (s *Service) rightsOf(u User) *scopes.Set {
	return s.setOf(scopes.Self{User: string(u.ID)}, u.Roles, u.Grants)
}

// findRole finds a role by name or id. Roles that are defined in code come first. It returns
// ErrNotFound if there is no such role, and for guest, which nobody can be given.
func (s *Service) findRole(ctx context.Context, st Store, ref string) (Role, error) {
	if r, ok := s.builtIn[RoleID(ref)]; ok && r.ID != RoleGuest {
		return r.Role, nil
	}
	if !isName(ref) && !IsID(ref) || RoleID(ref) == RoleGuest {
		return Role{}, ErrNotFound
	}
	return st.Role(ctx, ref)
}

// hidden reports whether r was made at run time and a role that is defined in code has the same
// name. The name then stands for the role in code.
func (s *Service) hidden(r Role) bool {
	_, defined := s.builtIn[RoleID(r.Name)]
	return defined && !r.BuiltIn
}

// findRoles finds roles by name or id. It returns each role once, sorted by id.
func (s *Service) findRoles(ctx context.Context, st Store, refs []string) ([]Role, error) {
	list := make([]Role, 0, len(refs))
	for _, ref := range refs {
		r, err := s.findRole(ctx, st, ref)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Role) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return slices.CompactFunc(list, func(a, b Role) bool { return a.ID == b.ID }), nil
}

// giveByID sets the roles of a new user by the ids of the roles. It leaves out roles that no
// longer exist.
func (s *Service) giveByID(ctx context.Context, st Store, u *User, ids []RoleID) error {
	var list []Role
	for _, id := range ids {
		r, err := s.findRole(ctx, st, string(id))
		if err == nil {
			list = append(list, r)
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	u.give(list)
	return nil
}

// give sets the roles of a new user.
func (u *User) give(list []Role) {
	u.Roles, u.Grants = make([]RoleID, 0, len(list)), nil
	for _, r := range list {
		u.Roles = append(u.Roles, r.ID)
		if !r.BuiltIn {
			u.Grants = append(u.Grants, r.grant())
		}
	}
}

// isName reports whether name is valid for a role, a group or a service, in canonical form.
func isName(name string) bool {
	key, ok := nameKey(name)
	return ok && key == name
}

// nameKey returns the canonical form of the name of a role, a group or a service, or false if
// it is not valid. A name has 1 to 64 ASCII letters, digits and . _ - and is compared without
// case. A UUID and "me" are not names, because they stand for other things.
func nameKey(name string) (string, bool) {
	key, ok := asciiUsername(name)
	if _, err := uuid.Parse(key); err == nil || key == "me" {
		return "", false
	}
	return key, ok
}

// refKey returns the key by which a store finds a group or a service: an id as it is, or a name
// in canonical form. It returns "" if ref is neither.
func refKey(ref string) string {
	if IsID(ref) {
		return ref
	}
	key, _ := nameKey(ref)
	return key
}

// RoleInput is the input of Roles.Put.
type RoleInput struct {
	// Description has at most 1024 characters. nil leaves it as it is.
	Description *string
	// Scopes are the scopes that the role gives. They replace the present ones.
	Scopes []string
}

// Roles lists roles, and makes and changes those that are not defined in code. Roles is safe
// for concurrent use.
type Roles struct{ s *Service }

// List lists all roles by name: those that are defined in code and those that were made at run
// time. It needs the scope read:roles.
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
	// Of two roles with one name, the one that is defined in code comes first.
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

// Put makes a role, or changes it for everybody who holds it. The change counts from their next
// request on. ref is a name of 1 to 64 characters of a-z, 0-9 and . _ -, or the id of a role
// that exists. created tells whether the role is new.
//
// It needs the scope roles, and returns a CeilingError unless the caller holds everything that
// the role gives before and after the change. It returns ErrRoleBuiltIn for a role that is
// defined in code, ErrNotFound for an id that does not exist, and a FieldsError that says what
// is wrong with each bad scope.
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

// validate checks an input and makes a role from it, without storing it.
func (m *Roles) validate(ref string, in RoleInput) (Role, []scopes.Scope, error) {
	r := Role{ID: RoleID(newID(m.s.now())), Name: ref}
	var f FieldsError
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

// parseScopes parses scopes that somebody wrote. For each bad one it adds to f what is wrong.
func (s *Service) parseScopes(f *FieldsError, list []string) []scopes.Scope {
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

// Delete deletes a role that was made at run time. It needs the scope roles, and returns a
// CeilingError unless the caller holds everything that the role gives.
//
// It returns ErrRoleBuiltIn for a role that is defined in code, ErrNotFound if there is no such
// role, and ErrRoleInUse for a default role. It also returns ErrRoleInUse if somebody holds the
// role, unless force is set. With force the role is taken from everybody, and the hook
// UserUpdated runs for each user who held it directly.
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

// checkUnused returns ErrRoleInUse if a role can't be deleted.
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

// takeFromUsers takes a role from all users who hold it directly, a batch at a time, and runs
// the hook for each. Without a hook it does nothing, because deleting the role also takes it
// from everybody.
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

// LostScopes returns scopes that the model no longer has but roles made at run time still list.
// They give nothing. The result maps the name of a role to its lost scopes. LostScopes checks
// no rights: it is for the host itself.
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
