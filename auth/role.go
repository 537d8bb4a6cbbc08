package auth

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/scopes"
)

// Names of the built-in roles.
const (
	RoleUser  RoleID = "user"
	RoleAdmin RoleID = "admin"
	RoleGuest RoleID = "guest" // of requests without a credential
)

// Role is a named set of scopes.
type Role struct {
	ID          RoleID // the name, where code defines the role; New ignores what Config says
	Name        string
	Description string
	Scopes      []string // as declared, not expanded
	BuiltIn     bool     // defined by code, not at run time
}

// role is a Role whose scopes are parsed.
type role struct {
	Role
	scopes []scopes.Scope
}

// roles are those that code defines, by id.
type roles map[RoleID]role

// newRoles merges the host's roles over the built-in ones and parses all scopes.
func newRoles(schema *scopes.Schema, host []Role) (roles, error) {
	own := []Role{
		{Name: string(RoleUser), Description: "Every account: its own profile, sessions, tokens and shares.", Scopes: userScopes()},
		{Name: string(RoleAdmin), Description: "Everything.", Scopes: schema.Names()},
		{Name: string(RoleGuest), Description: "Requests without a credential."},
	}
	all := roles{}
	var errs []error
	seen := map[string]bool{}
	for _, r := range slices.Concat(own, host) {
		r.ID, r.BuiltIn = RoleID(r.Name), true
		if key, ok := asciiUsername(r.Name); !ok || key != r.Name || isCanonicalUUID(r.Name) {
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

// setOf compiles what a user who directly holds the roles may do. Roles that no
// longer exist give nothing.
func (s *Service) setOf(id UserID, held []RoleID) *scopes.Set {
	self := scopes.Self{User: string(id)}
	sets := make([]*scopes.Set, 0, len(held))
	for _, r := range held {
		sets = append(sets, s.schema.Set(s.roles[r].scopes, self))
	}
	return s.schema.Merge(sets...)
}

// roleByName finds a role. ErrNotFound without one; guest is a role nobody can be given.
func (s *Service) roleByName(name string) (RoleID, error) {
	if _, ok := s.roles[RoleID(name)]; !ok || RoleID(name) == RoleGuest {
		return "", ErrNotFound
	}
	return RoleID(name), nil
}
