package main

import (
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// rung is a role of the ladder. Its weight has gaps, for roles that may come between.
type rung struct {
	wire   string
	weight int
	role   auth.RoleID // empty for who holds no role at all
}

var (
	none      = rung{"NONE", 0, ""}
	guest     = rung{"GUEST", 1, "guest-account"} // who has an account; the library's role guest is of who has none
	scientist = rung{"DATA_SCIENTIST", 2, "data-scientist"}
	owner     = rung{"DATA_OWNER", 32, "data-owner"}
	admin     = rung{"ADMIN", 128, auth.RoleAdmin}

	// ladder is all of them, lowest first.
	ladder = []rung{none, guest, scientist, owner, admin}
)

// mockRole is held beside a rung, by who may run code on mock data.
const mockRole auth.RoleID = "mock-execution"

// Scopes of the site itself.
const (
	everybody = "everybody" // to change anybody, whatever their role
	readSite  = "read:site"
	resets    = "resets"
	mock      = "execute:mock"
)

// model is what the site adds to the scopes of the library.
func model() scopes.Model {
	return scopes.Model{Scopes: []scopes.Definition{
		{Name: everybody, Label: "Change anybody, whatever their role"},
		{Name: readSite, Label: "See the settings of the site"},
		{Name: resets, Label: "Send people a reset of their password"},
		{Name: mock, Label: "Run code on mock data"},
	}}
}

// roles are the definitions. The library's role admin holds everything, and who holds no role
// does nothing.
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

// rungOf is the highest rung among the roles held.
func rungOf(held []auth.RoleID) rung {
	for _, r := range slices.Backward(ladder) {
		if slices.Contains(held, r.role) {
			return r
		}
	}
	return none
}

// parseRung finds a rung by its name, in any case.
func parseRung(text string) (rung, bool) {
	i := slices.IndexFunc(ladder, func(r rung) bool { return strings.EqualFold(r.wire, text) })
	if i < 0 {
		return rung{}, false
	}
	return ladder[i], true
}

// roleNames are the roles of who stands on a rung, and may run code on mock data or not.
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

// holds tells whether a principal holds a scope of the site, with the credential in use.
func (s *site) holds(p *auth.Principal, scope string) bool {
	id, ok := s.accounts.Schema().ID(scope)
	sub := p.Subject()
	return ok && sub.Decide(id, scopes.Target{}) == scopes.Allowed
}
