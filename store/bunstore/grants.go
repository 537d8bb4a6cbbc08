package bunstore

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

// held is what gives an account its rights.
type held struct {
	roles  []auth.RoleID
	groups []auth.GroupRef
	grants []auth.Grant
}

// unpackGrants reads what words.rolesOf and words.userGrants pack, five texts each: id and name
// of a group, empty for a role held directly; a role, empty for a group without roles; name and
// scopes of a role that was made at run time, empty for another.
func unpackGrants(packed string) (h held, err error) {
	texts, err := unpack(packed)
	if err != nil || len(texts)%5 != 0 {
		return held{}, errGrants
	}
	for t := range slices.Chunk(texts, 5) {
		g := auth.Grant{Group: auth.GroupID(t[0]), Role: auth.RoleID(t[2]), Name: t[3]}
		if g.Scopes, err = splitScopes(t[4]); err != nil {
			return held{}, errGrants
		}
		switch {
		case g.Group == "":
			h.roles = append(h.roles, g.Role)
		case !slices.ContainsFunc(h.groups, func(r auth.GroupRef) bool { return r.ID == g.Group }):
			h.groups = append(h.groups, auth.GroupRef{ID: g.Group, Name: t[1]})
		}
		if g.Name != "" || g.Group != "" && g.Role != "" {
			h.grants = append(h.grants, g)
		}
	}
	slices.Sort(h.roles)
	slices.SortFunc(h.groups, func(a, b auth.GroupRef) int { return strings.Compare(string(a.ID), string(b.ID)) })
	slices.SortFunc(h.grants, func(a, b auth.Grant) int {
		return cmp.Or(
			strings.Compare(string(a.Group), string(b.Group)), strings.Compare(string(a.Role), string(b.Role)),
		)
	})
	return h, nil
}

var errGrants = errors.New("roles are unreadable")

// unpack splits texts that words.list has packed. Since each has its length, no content can be
// mistaken for the end of a text.
func unpack(s string) (list []string, err error) {
	for s != "" {
		size, rest, _ := strings.Cut(s, ":")
		n, err := strconv.Atoi(size)
		if err != nil || n < 0 || n > len(rest) {
			return nil, errGrants
		}
		list = append(list, rest[:n])
		s = rest[n:]
	}
	return list, nil
}
