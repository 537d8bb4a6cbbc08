package main

import (
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// rung is a role of the ladder. The weights have gaps, so that roles can be added in between.
type rung struct {
	wire   string
	weight int
	role   auth.RoleID // empty for a user without roles
}

var (
	none      = rung{"NONE", 0, ""}
	guest     = rung{"GUEST", 1, "guest-account"} // the library's role guest is for requests without an account
	scientist = rung{"DATA_SCIENTIST", 2, "data-scientist"}
	owner     = rung{"DATA_OWNER", 32, "data-owner"}
	admin     = rung{"ADMIN", 128, auth.RoleAdmin}

	// ladder lists the rungs, lowest first.
	ladder = []rung{none, guest, scientist, owner, admin}
)

// mockRole lets its holder run code on mock data. It is held beside a rung.
const mockRole auth.RoleID = "mock-execution"

// Scopes that the site adds.
const (
	everybody = "everybody" // change any user, whatever their role
	readSite  = "read:site"
	resets    = "resets"
	mock      = "execute:mock"
)

// model declares the scopes that the site adds to the library's.
func model() scopes.Model {
	return scopes.Model{Scopes: []scopes.Definition{
		{Name: everybody, Label: "Change anybody, whatever their role"},
		{Name: readSite, Label: "See the settings of the site"},
		{Name: resets, Label: "Send people a reset of their password"},
		{Name: mock, Label: "Run code on mock data"},
	}}
}

// roles defines the roles. The library's role admin holds everything, and a user without roles
// may do nothing.
func roles() []auth.Role {
	self := []string{"account!user", "read:users!user", "read:logins!user", "sessions!user", "tokens!user"}
	sees := append(slices.Clone(self), "read:users")
	manages := append(slices.Clone(sees), "users", "delete:users", readSite, mock)
	return []auth.Role{
		{Name: string(guest.role), Description: "An account, and nothing else.", Scopes: self},
		{Name: string(scientist.role), Description: "Sees who else is there.", Scopes: sees},
		{Name: string(owner.role), Description: "Registers people, and manages those below.", Scopes: manages},
		{Name: string(mockRole), Description: "May run code on mock data.", Scopes: []string{mock}},
	}
}

// rungOf returns the highest rung among some roles.
func rungOf(held []auth.RoleID) rung {
	for _, r := range slices.Backward(ladder) {
		if slices.Contains(held, r.role) {
			return r
		}
	}
	return none
}

// parseRung finds a rung by its name, in upper or lower case.
func parseRung(text string) (rung, bool) {
	i := slices.IndexFunc(ladder, func(r rung) bool { return strings.EqualFold(r.wire, text) })
	if i < 0 {
		return rung{}, false
	}
	return ladder[i], true
}

// roleNames returns the roles of a rung, with or without mockRole.
func roleNames(r rung, mayMock bool) []string {
	names := []string{}
	if r.role != "" {
		names = append(names, string(r.role))
	}
	if mayMock {
		names = append(names, string(mockRole))
	}
	return names
}

// holds reports whether a principal holds one of the site's scopes with the credential in use.
func (s *site) holds(p *auth.Principal, scope string) bool {
	id, ok := s.accounts.Schema().ID(scope)
	sub := p.Subject()
	return ok && sub.Decide(id, scopes.Target{}) == scopes.Allowed
}
