package auth

import (
	"slices"

	"context"

	"github.com/hallpass-go/hallpass/scopes"
)

// The ceiling is one rule: nobody gives rights that they do not hold, and nobody acts on
// somebody who holds more.

// checkCeiling returns a CeilingError if u holds a scope that the caller lacks. Scopes with a
// filter for u do not count.
func (s *Service) checkCeiling(p *Principal, u User) error {
	// On their own account people are limited only by the credential in use. Unlike excessOf,
	// excess ignores stored scopes that the model does not know.
	if p.User.ID == u.ID {
		return excess(p, s.rightsOf(u), u.ID)
	}
	return s.excessOf(p, u.Roles, u.Grants, u.ID)
}

// checkService is checkCeiling for a service.
func (s *Service) checkService(p *Principal, v ServiceAccount) error {
	return s.excessOf(p, v.Roles, v.Grants, "")
}

// checkGive returns a CeilingError unless the caller holds all that a role gives to a user. An
// empty id stands for a group or a service. Scopes with the bare filter "!user" do not count
// then: they give each member only rights over themselves.
func (s *Service) checkGive(p *Principal, r Role, to UserID) error {
	if r.BuiltIn {
		return s.excessOf(p, []RoleID{r.ID}, nil, to)
	}
	return s.excessOf(p, nil, []Grant{r.grant()}, to)
}

// checkGroup returns a CeilingError unless the caller holds all that the roles of a group give
// to a member. An empty id stands for any member.
func (s *Service) checkGroup(p *Principal, g Group, to UserID) error {
	return s.excessOf(p, g.Roles, g.Grants, to)
}

// checkGrowth returns a CeilingError if the caller would get rights over u by making them a
// member of a group. Rights over the members of a group do not include the right to choose who
// the members are. The check is about all that the caller's account holds, even if the
// credential in use allows less.
func (s *Service) checkGrowth(p *Principal, g Group, u User) error {
	owner := scopes.Subject{Held: p.subject.Held}
	t := u.ID.Target()
	t.OwnerGroups = u.groupIDs()
	over := []string{}
	for _, sc := range p.subject.Held.Scopes() {
		if sc.Kind != scopes.KindGroup || sc.Value != string(g.ID) || p.User.ID == u.ID || aboutGroups(sc.Name) {
			continue
		}
		id, _ := s.schema.ID(sc.Name)
		if owner.Allows(id, t) {
			continue
		}
		need := scopes.Scope{Name: sc.Name, Kind: scopes.KindUser, Value: string(u.ID)}
		if _, err := s.schema.Parse(need.String()); err != nil { // it takes no filter by user
			need = scopes.Scope{Name: sc.Name}
		}
		over = append(over, need.String())
	}
	if len(over) > 0 {
		return &CeilingError{Excess: over}
	}
	return nil
}

// excessOf returns a CeilingError unless the caller holds all that roles and grants give to a
// user. An empty id stands for a group or a service.
//
// A stored scope that the model does not know gives nothing here. But another version of the
// host may know it, now or later. So only a caller who holds everything may give it.
func (s *Service) excessOf(p *Principal, held []RoleID, grants []Grant, to UserID) error {
	err := excess(p, s.setOf(scopes.Self{User: string(to)}, held, grants), to)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if _, lost := s.schema.SetOf(g.Scopes, scopes.Self{}); len(lost) > 0 && !s.holdsEverything(p) {
			return &CeilingError{Excess: lost}
		}
	}
	return nil
}

// holdsEverything reports whether the caller holds every scope without a filter.
func (s *Service) holdsEverything(p *Principal) bool {
	return !slices.ContainsFunc(s.schema.Names(), func(name string) bool {
		id, _ := s.schema.ID(name)
		return !p.subject.Allows(id, scopes.Target{})
	})
}

// excess returns a CeilingError that lists the scopes of need that the caller lacks. Scopes
// with a filter for the user self do not count.
func excess(p *Principal, need *scopes.Set, self UserID) error {
	if over := p.subject.Excess(need, string(self), nil); len(over) > 0 {
		return &CeilingError{Excess: over}
	}
	return nil
}

// Grant is a role that somebody holds through a group, or that was made at run time. A role
// that code defines and that somebody holds directly needs no Grant: its id says it all.
type Grant struct {
	Group  GroupID // the group that the role comes from; empty if it is held directly
	Role   RoleID
	Name   string   // of a role made at run time; empty for others
	Scopes []string // of a role made at run time, as stored; nil for others
}

// Holdings returns by id what users and services hold now by their roles, and the groups of the
// users. Users and services that do not exist are left out. If one is not active, its Held is
// nil, but a disabled user stays in their groups. Holdings takes one statement for each
// thousand users and one for each thousand services.
func (m *People) Holdings(
	ctx context.Context, users []UserID, services []ServiceID,
) (map[string]scopes.Holding, error) {
	out := make(map[string]scopes.Holding, len(users)+len(services))
	for part := range slices.Chunk(users, holdingBatch) {
		list, err := m.s.st.Users(ctx, UserQuery{Within: []Within{{Users: part}}, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, u := range list {
			h := scopes.Holding{Groups: u.groupIDs()}
			if u.Status == StatusActive {
				h.Held = m.s.rightsOf(u)
			}
			out[string(u.ID)] = h
		}
	}
	for part := range slices.Chunk(services, holdingBatch) {
		list, err := m.s.st.Services(ctx, ServiceQuery{Only: part, Limit: len(part)})
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			var h scopes.Holding
			if v.Status == StatusActive {
				h.Held = m.s.setOf(scopes.Self{}, v.Roles, v.Grants)
			}
			out[string(v.ID)] = h
		}
	}
	return out, nil
}
