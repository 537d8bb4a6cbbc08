package auth

import "github.com/hallpass-go/hallpass/scopes"

// The ceiling: nobody gives what they do not hold, nor acts on somebody who holds more.

// checkCeiling returns a CeilingError if u holds a scope that the caller lacks. Scopes filtered to u itself do not
// count.
func (s *Service) checkCeiling(p *Principal, u User) error {
	return excess(p, s.setOf(scopes.Self{User: string(u.ID)}, u.Roles, u.Grants), u.ID)
}

// checkService is checkCeiling for a service.
func (s *Service) checkService(p *Principal, v ServiceAccount) error {
	return excess(p, s.setOf(scopes.Self{}, v.Roles, v.Grants), "")
}

// checkGive returns a CeilingError unless the caller holds all that a role gives to a user, or with an empty id to a group or a service. Bare
// filters of a group's role stand for each member, who may have rights over themselves.
func (s *Service) checkGive(p *Principal, r Role, to UserID) error {
	self := scopes.Self{User: string(to)}
	if r.BuiltIn {
		return excess(p, s.setOf(self, []RoleID{r.ID}, nil), to)
	}
	return excess(p, s.setOf(self, nil, []Grant{r.grant()}), to)
}

// checkGroup returns a CeilingError unless the caller holds all that the roles of a group give to a member, or with an empty id to any.
func (s *Service) checkGroup(p *Principal, g Group, to UserID) error {
	return excess(p, s.setOf(scopes.Self{User: string(to)}, g.Roles, g.Grants), to)
}

// checkGrowth returns a CeilingError if the caller would come to reach a user by making them a member of a group: a right over the
// members of a group is no right to choose over whom one has it. What the caller's owner holds counts, whatever the credential in use.
func (s *Service) checkGrowth(p *Principal, g Group, u User) error {
	owner := scopes.Subject{Held: p.subject.Held}
	t := UserTarget(u.ID)
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

func excess(p *Principal, need *scopes.Set, self UserID) error {
	if over := p.subject.Excess(need, string(self), nil); len(over) > 0 {
		return &CeilingError{Excess: over}
	}
	return nil
}
