package main

import (
	"slices"

	"github.com/hallpass-go/hallpass/auth"
)

// rung is a role with its name on the wire.
type rung struct {
	role auth.RoleID
	wire string
}

// ladder is the roles of the service, lowest first. A user holds a set of them; the wire shows
// the highest.
var ladder = []rung{{"normal", "normal user"}, {celebrity, "celebrity user"}, {auth.RoleAdmin, "admin user"}}

// celebrity is earned by a photo. It is a title and opens nothing.
const celebrity auth.RoleID = "celebrity"

// own are the scopes of everybody, each on the own account.
var own = []string{"account!user", "read:users!user", "read:logins!user", "sessions!user", "tokens!user"}

// roles are the definitions. Admins hold every scope there is, but for deleting the accounts of
// others: account stays filtered to their own, and delete:users is left out.
func roles() []auth.Role {
	admin := slices.Clone(own)
	for _, d := range auth.BaseModel().Scopes {
		if d.Name != "account" && d.Name != "delete:users" {
			admin = append(admin, d.Name)
		}
	}
	return []auth.Role{
		{Name: string(ladder[0].role), Description: "Every account.", Scopes: own},
		{Name: string(celebrity), Description: "Proved by photo to be who the name says."},
		{Name: string(auth.RoleAdmin), Description: "Everything but deleting others.", Scopes: admin},
	}
}

// shownRole is the highest role among those held. Who holds none of them is a normal user.
func shownRole(held []auth.RoleID) rung {
	for _, r := range slices.Backward(ladder) {
		if slices.Contains(held, r.role) {
			return r
		}
	}
	return ladder[0]
}

// rungOf finds a role by its name on the wire.
func rungOf(wire string) (r rung, ok bool) {
	i := slices.IndexFunc(ladder, func(r rung) bool { return r.wire == wire })
	if i < 0 {
		return rung{}, false
	}
	return ladder[i], true
}

// rolesShowing is the set after which to is shown: what stands above it goes, what stands below
// stays.
func rolesShowing(to rung, held []auth.RoleID) []string {
	names := []string{string(to.role)}
	for _, r := range held {
		if slices.Index(ladder, to) >= slices.IndexFunc(ladder, func(l rung) bool { return l.role == r }) {
			names = append(names, string(r))
		}
	}
	return names
}
