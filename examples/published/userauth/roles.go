package main

import (
	"slices"

	"github.com/hallpass-go/hallpass/auth"
)

// rung is a role with its name in answers.
type rung struct {
	role auth.RoleID
	wire string
}

// ladder lists the roles of the service, lowest first. A user holds a set of roles, and answers
// show the highest.
var ladder = []rung{{"normal", "normal user"}, {celebrity, "celebrity user"}, {auth.RoleAdmin, "admin user"}}

// celebrity is earned by a photo. It is a title without rights.
const celebrity auth.RoleID = "celebrity"

// own are the scopes that everybody has on their own account.
var own = []string{"account!user", "read:users!user", "read:logins!user", "sessions!user", "tokens!user"}

// roles defines the roles. Admins hold every scope but the right to delete the accounts of
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

// shownRole is the highest of some roles. A user without any of them is a normal user.
func shownRole(held []auth.RoleID) rung {
	for _, r := range slices.Backward(ladder) {
		if slices.Contains(held, r.role) {
			return r
		}
	}
	return ladder[0]
}

// rungOf finds a role by its name in answers.
func rungOf(wire string) (r rung, ok bool) {
	i := slices.IndexFunc(ladder, func(r rung) bool { return r.wire == wire })
	if i < 0 {
		return rung{}, false
	}
	return ladder[i], true
}

// rolesShowing returns the set of roles that shows as to: roles above it go, roles below it
// stay.
func rolesShowing(to rung, held []auth.RoleID) []string {
	names := []string{string(to.role)}
	for _, r := range held {
		if slices.Index(ladder, to) >= slices.IndexFunc(ladder, func(l rung) bool { return l.role == r }) {
			names = append(names, string(r))
		}
	}
	return names
}
