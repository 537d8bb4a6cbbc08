package auth

import (
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
	RoleGuest RoleID = "guest" // of requests without a credential
)

// Role is a named set of scopes that users, groups and services can hold.
type Role struct {
	ID          RoleID // the name, where code defines the role; New ignores what Config says
	Name        string
	Description string
	Scopes      []string // as declared, not expanded
	BuiltIn     bool     // defined by code, not at run time
}

// role is a Role with its scopes parsed.
type role struct {
	Role
	scopes []scopes.Scope
}

// builtInRoles are those that code defines, by id.
type builtInRoles map[RoleID]role

// newRoles merges the roles of the host over those of this package and parses all scopes.
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
	for i, s := range list {
		out[i] = s.String()
	}
	return out
}

// grant is how a role made at run time reaches somebody directly.
func (r Role) grant() Grant { return Grant{Role: r.ID, Name: r.Name, Scopes: r.Scopes} }

// setOf compiles what roles that somebody holds directly, and grants, allow. Roles that no
// longer exist give nothing, and neither do scopes that the model no longer knows.
func (s *Service) setOf(self scopes.Self, held []RoleID, grants []Grant) *scopes.Set {
	sets := make([]*scopes.Set, 0, len(held)+len(grants))
	for _, r := range held {
		sets = append(sets, s.schema.Set(s.builtIn[r].scopes, self))
	}
	for _, g := range grants {
		sets = append(sets, s.setOfGrant(self, g))
	}
	return s.schema.Merge(sets...)
}

// setOfGrant compiles one grant.
func (s *Service) setOfGrant(self scopes.Self, g Grant) *scopes.Set {
	if g.Name == "" {
		return s.schema.Set(s.builtIn[g.Role].scopes, self)
	}
	set, _ := s.schema.SetOf(g.Scopes, self)
	return set
}

// rightsOf compiles what a user may do now.
func (s *Service) rightsOf(u User) *scopes.Set {
	return s.setOf(scopes.Self{User: string(u.ID)}, u.Roles, u.Grants)
}

// findRole finds a role by name or id, those that code defines first. It is ErrNotFound if
// there is none, and for guest, which nobody can be given.
func (s *Service) findRole(ctx context.Context, st Store, ref string) (Role, error) {
	if r, ok := s.builtIn[RoleID(ref)]; ok && r.ID != RoleGuest {
		return r.Role, nil
	}
	if !isName(ref) && !IsID(ref) || RoleID(ref) == RoleGuest {
		return Role{}, ErrNotFound
	}
	return st.Role(ctx, ref)
}

// hidden tells whether code defines another role with the name of r. The name then stands for
// that one.
func (s *Service) hidden(r Role) bool {
	_, defined := s.builtIn[RoleID(r.Name)]
	return defined && !r.BuiltIn
}

// findRoles finds roles by name or id. It returns each once, sorted by id.
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

// giveByID sets the roles of a user who is being made, by their ids. Roles that are gone are
// left out.
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

// give sets the roles of a user who is being made.
func (u *User) give(list []Role) {
	u.Roles, u.Grants = make([]RoleID, 0, len(list)), nil
	for _, r := range list {
		u.Roles = append(u.Roles, r.ID)
		if !r.BuiltIn {
			u.Grants = append(u.Grants, r.grant())
		}
	}
}

// isName tells whether a role, a group or a service may have the canonical name.
func isName(name string) bool {
	key, ok := nameKey(name)
	return ok && key == name
}

// nameKey returns the canonical form of the name of a role, a group or a service: 1 to 64 ASCII
// letters, digits and . _ -, compared without case. UUIDs and "me" are no names: they stand for
// other things.
func nameKey(name string) (string, bool) {
	key, ok := asciiUsername(name)
	if _, err := uuid.Parse(key); err == nil || key == "me" {
		return "", false
	}
	return key, ok
}

// refKey returns what a store finds a group or a service by: an id as it is, a name in its
// canonical form. It is empty for a text that is neither.
func refKey(ref string) string {
	if IsID(ref) {
		return ref
	}
	key, _ := nameKey(ref)
	return key
}
