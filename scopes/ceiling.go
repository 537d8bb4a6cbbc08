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

// Effective is what the subject may do, as far as a list of scopes can say it, for people to read; decisions use Decide. A filter survives
// if the other side covers it. Where two group filters share members without naming the same group,
// the list shows less than Decide allows.
func (s Subject) Effective(groupsOf func(user string) []string) *Set {
	if s.Ceiling == nil || s.Held == nil {
		return s.Held
	}
	b := builder{schema: s.Held.schema}
	for _, side := range [2][2]*Set{{s.Held, s.Ceiling}, {s.Ceiling, s.Held}} {
		for _, sc := range side[0].Scopes() {
			id := b.schema.ids[sc.Name]
			if t := target(sc, groupsOf); side[1].decide(id, &t) == Allowed {
				b.merge(id, entryOf(sc))
			}
		}
	}
	return b.set()
}

func entryOf(sc Scope) entry {
	e := entry{all: sc.Kind == ""}
	if !e.all {
		e.put(sc.Kind, sc.Value)
	}
	return e
}
