package scopes

// Source is one reason why somebody holds scopes.
type Source struct {
	Kind string // where they come from: "role", "group", "share" or a word of the host's
	Name string // the name of that role, group or share
	Via  string // the way it gives them, such as the role of a group; may be empty
	Set  *Set
}

// Explanation is a decision and its reasons.
type Explanation struct {
	Verdict        Verdict  // what Decide returns for all sources together, under the ceiling
	Because        []Source // the sources that allow it, before the ceiling
	Missing        string   // the narrowest scope that would allow it; empty if it is allowed
	CeilingMissing bool     // the credential does not allow it, whatever its owner holds
}

// Explain decides as Subject.Decide does for a holder of all sources, and says why. The ceiling
// is that of the credential; nil means no limit.
func (s *Schema) Explain(sources []Source, ceiling *Set, id ID, t Target) Explanation {
	var x Explanation
	for _, src := range sources {
		v := Subject{Held: src.Set, Ceiling: ceiling}.Decide(id, t)
		x.Verdict = max(x.Verdict, v)
		if (Subject{Held: src.Set}).Allows(id, t) {
			x.Because = append(x.Because, src)
		}
	}
	if ceiling != nil {
		x.CeilingMissing = !Subject{Held: ceiling}.Allows(id, t)
	}
	if x.Verdict != Allowed {
		x.Missing = s.narrowest(id, t)
	}
	return x
}

// narrowest returns the scope that covers the target and as little else as possible. It returns
// "" for an unknown ID.
func (s *Schema) narrowest(id ID, t Target) string {
	sc := Scope{Name: s.Name(id)}
	switch {
	case sc.Name == "":
	case s.accepts(id, t.Kind) && validToken(t.ID):
		sc.Kind, sc.Value = t.Kind, t.ID
	case s.accepts(id, KindUser) && validToken(t.Owner):
		sc.Kind, sc.Value = KindUser, t.Owner
	}
	return sc.String()
}
