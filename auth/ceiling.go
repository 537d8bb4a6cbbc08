package auth

import (
	"slices"

	"github.com/hallpass-go/hallpass/scopes"
)

// The ceiling: nobody gives what they do not hold, nor acts on somebody who holds more.

// checkCeiling returns a CeilingError if u holds a scope that the caller lacks. Scopes filtered
// to u itself do not count.
func (s *Service) checkCeiling(p *Principal, u User) error {
	if p.User.ID == u.ID { // what the credential lacks counts, not what nobody knows
		return excess(p, s.rightsOf(u), u.ID)
	}
	return s.excessOf(p, u.Roles, u.Grants, u.ID)
}

// checkService is checkCeiling for a service.
func (s *Service) checkService(p *Principal, v ServiceAccount) error {
	return s.excessOf(p, v.Roles, v.Grants, "")
}

// checkGive returns a CeilingError unless the caller holds all that a role gives to a user, or
// with an empty id to a group or a service. Bare filters of a group's role stand for each
// member, who may have rights over themselves.
func (s *Service) checkGive(p *Principal, r Role, to UserID) error {
	if r.BuiltIn {
		return s.excessOf(p, []RoleID{r.ID}, nil, to)
	}
	return s.excessOf(p, nil, []Grant{r.grant()}, to)
}

// checkGroup returns a CeilingError unless the caller holds all that the roles of a group give
// to a member, or with an empty id to any.
func (s *Service) checkGroup(p *Principal, g Group, to UserID) error {
	return s.excessOf(p, g.Roles, g.Grants, to)
}

// checkGrowth returns a CeilingError if the caller would come to reach a user by making them a
// member of a group: a right over the members of a group is no right to choose over whom one
// has it. What the caller's owner holds counts, whatever the credential in use.
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
// user, or with an empty id to others. A stored scope that the model does not know gives
// nothing here; but another version of the host on the same store, or a later one, may know it.
// So only who holds everything may give it.
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

// holdsEverything tells whether the caller holds every scope without a filter.
func (s *Service) holdsEverything(p *Principal) bool {
	return !slices.ContainsFunc(s.schema.Names(), func(name string) bool {
		id, _ := s.schema.ID(name)
		return !p.subject.Allows(id, scopes.Target{})
	})
}

func excess(p *Principal, need *scopes.Set, self UserID) error {
	if over := p.subject.Excess(need, string(self), nil); len(over) > 0 {
		return &CeilingError{Excess: over}
	}
	return nil
}

// A Grant is one way in which a role reaches somebody, where the id of a role that they hold
// directly does not tell it all: the role is a group's, or was made at run time.
type Grant struct {
	Group  GroupID // that holds the role; empty where the person or the service does
	Role   RoleID
	Name   string   // of a role made at run time; else empty
	Scopes []string // of a role made at run time, as stored; else nil
}
