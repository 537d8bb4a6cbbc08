package scopes

// Excess lists the scopes in need that the subject does not cover, expanded and sorted; empty if it covers all. Scopes filtered to the
// user exceptUser do not count (empty: all count). groupsOf tells which groups a user is in now; nil: none.
func (s Subject) Excess(need *Set, exceptUser string, groupsOf func(user string) []string) []string {
	out := []string{}
	for _, sc := range need.Scopes() {
		if sc.Kind == KindUser && sc.Value == exceptUser && exceptUser != "" {
			continue
		}
		id := need.schema.ids[sc.Name]
		if s.Decide(id, target(sc, groupsOf)) != Allowed {
			out = append(out, sc.String())
		}
	}
	return out
}

// target is the widest thing that sc reaches, as far as another filter can cover it.
func target(sc Scope, groupsOf func(string) []string) Target {
	t := Target{Kind: sc.Kind, ID: sc.Value}
	if sc.Kind == KindUser {
		t.Owner = sc.Value
		if groupsOf != nil {
			t.OwnerGroups = groupsOf(sc.Value)
		}
	}
	return t
}

// Effective is what the subject may do, as far as a list of scopes can say it, for people to read; decisions use Decide. Of each side, those
// scopes are listed that the other side covers. Where the two overlap in what neither list names (two groups that share members, a thing and
// its owner), the list shows less than Decide allows, never more.
func (s Subject) Effective(groupsOf func(user string) []string) *Set {
	switch {
	case s.Held == nil:
		return &Set{}
	case s.Ceiling == nil:
		return s.Held
	}
	b := builder{schema: s.Held.schema}
	for _, sides := range [2][2]*Set{{s.Held, s.Ceiling}, {s.Ceiling, s.Held}} {
		for _, sc := range sides[0].Scopes() {
			id, t := b.schema.ids[sc.Name], target(sc, groupsOf)
			if sides[1].decide(id, &t) == Allowed {
				b.addOne(id, sc)
			}
		}
	}
	return b.set()
}
