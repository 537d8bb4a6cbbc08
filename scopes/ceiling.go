package scopes

// Excess lists the scopes in need that the subject does not cover, expanded and sorted; it is
// empty if the subject may give all of need to somebody. Scopes filtered to the user exceptUser
// do not count (empty: all count). A scope filtered to a user is also covered by a filter that
// names one of that user's groups; groupsOf tells which these are now, nil for none. Who owns a
// thing is not known here, so a filter that names a thing is covered by the same filter or by
// none at all.
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

// Effective lists what the subject may do, for people to read; decisions use Decide. Of each
// side it has the scopes that the other side covers. Where the two overlap in what neither
// names (groups that share members, a thing and its owner), it shows less than Decide allows,
// never more.
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
