package memstore

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
)

// pair is one assignment, such as a member of a group.
type pair[A, B any] struct {
	a A
	b B
}

type member = pair[auth.GroupID, auth.UserID]

// grants returns what the ids of roles do not say: names and scopes, and the group that gives
// them.
func (s *state) grants(group auth.GroupID, roles []auth.RoleID) []auth.Grant {
	var out []auth.Grant
	for _, r := range roles {
		d, stored := s.roles[r]
		if stored || group != "" {
			out = append(out, auth.Grant{Group: group, Role: r, Name: d.Name, Scopes: slices.Clone(d.Scopes)})
		}
	}
	return out
}

// view returns a user as callers see it, with memberships and grants.
func (s *state) view(u auth.User) auth.User {
	u = copyUser(u)
	u.Grants = s.grants("", u.Roles)
	u.Groups = nil
	for m := range s.members {
		if m.b == u.ID {
			u.Groups = append(u.Groups, auth.GroupRef{ID: m.a, Name: s.groups[m.a].Name})
			u.Grants = append(u.Grants, s.grants(m.a, s.groups[m.a].Roles)...)
		}
	}
	slices.SortFunc(u.Groups, func(a, b auth.GroupRef) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(u.Grants, func(a, b auth.Grant) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Role, b.Role))
	})
	return u
}

// with adds a role to a sorted list. It returns false if the role is already there. It does not
// change the list that it is given.
func with(list []auth.RoleID, r auth.RoleID) ([]auth.RoleID, bool) {
	i, found := slices.BinarySearch(list, r)
	if found {
		return list, false
	}
	return slices.Insert(slices.Clone(list), i, r), true
}

// without removes a role from a sorted list. It returns false if the role is not there. It does
// not change the list that it is given.
func without(list []auth.RoleID, r auth.RoleID) ([]auth.RoleID, bool) {
	i, found := slices.BinarySearch(list, r)
	if !found {
		return list, false
	}
	return slices.Delete(slices.Clone(list), i, i+1), true
}

// isUUID reports whether ref is an id in canonical form rather than a name.
func isUUID(ref string) bool {
	u, err := uuid.Parse(ref)
	return err == nil && u.String() == ref
}
