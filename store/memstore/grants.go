package memstore

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
)

// pair is one assignment: a member of a group, a role of a user.
type pair[A, B any] struct {
	a A
	b B
}

type member = pair[auth.GroupID, auth.UserID]

// grants tells of roles what their ids alone do not.
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

// view is a user as callers see them: memberships and grants included.
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

// with adds a role to a sorted list, false if it is there; without removes it, false if it is
// not there. Neither changes the list it is given.
func with(list []auth.RoleID, r auth.RoleID) ([]auth.RoleID, bool) {
	i, found := slices.BinarySearch(list, r)
	if found {
		return list, false
	}
	return slices.Insert(slices.Clone(list), i, r), true
}

func without(list []auth.RoleID, r auth.RoleID) ([]auth.RoleID, bool) {
	i, found := slices.BinarySearch(list, r)
	if !found {
		return list, false
	}
	return slices.Delete(slices.Clone(list), i, i+1), true
}

// isUUID tells an id, in its canonical form, from a name.
func isUUID(ref string) bool {
	u, err := uuid.Parse(ref)
	return err == nil && u.String() == ref
}
