package scopes

// Excess returns the scopes of need that the subject does not cover, including implied scopes,
// sorted. It is empty if the subject may give all of need to somebody.
//
// Scopes filtered to the user exceptUser do not count; if exceptUser is empty, all count. A
// scope filtered to a user is also covered by a filter that names one of the user's groups.
// groupsOf returns the present groups of a user; it may be nil. Excess does not know who owns a
// thing, so a scope filtered to a thing is covered only by the same filter or by no filter.
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

// target returns the widest thing that sc reaches, as far as another filter can cover it.
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

// Effective returns what the subject may do, for people to read; use Decide for decisions. It
// has the scopes of each side that the other side covers. Filters of the two sides can overlap
// in things that neither names, such as members whom two groups share, or a thing and its
// owner. There it shows less than Decide allows, but never more.
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
