package scopes

// Target is what a decision is about, with all that has to be looked up beforehand. The zero
// Target stands for everything at once (creating, listing): only a scope without a filter covers it.
type Target struct {
	Kind        string   // "user", "group" or a host's kind
	ID          string   // of the thing itself
	Owner       string   // id of the user who owns it; of a user, their own id; empty for none
	OwnerGroups []string // groups that the owner is in now
}

// Verdict is the outcome of a decision.
type Verdict uint8

// The verdicts, from least to most.
const (
	NotHeld  Verdict = iota // the scope is not held, or only filtered where nothing concrete is asked: 403
	Filtered                // held, but its filters miss the target: 404
	Allowed
)

// String names the verdict.
func (v Verdict) String() string {
	return [...]string{"not held", "filtered", "allowed"}[min(v, Allowed)]
}

// Subject is what a request may use: what its owner holds, under the ceiling of its credential.
type Subject struct {
	Held    *Set
	Ceiling *Set // nil for a credential without a limit of its own
}

// Decide tells whether the subject may use a scope on a target: the owner must hold it and the
// credential must allow it, each for itself. It looks nothing up and does not allocate.
func (s Subject) Decide(id ID, t Target) Verdict {
	v := s.Held.decide(id, &t)
	if s.Ceiling != nil {
		v = min(v, s.Ceiling.decide(id, &t))
	}
	return v
}

// Allows is Decide as yes or no.
func (s Subject) Allows(id ID, t Target) bool { return s.Decide(id, t) == Allowed }

func (s *Set) decide(id ID, t *Target) Verdict {
	e := s.entry(id)
	switch {
	case e.all:
		return Allowed
	case e.byKind == nil || t.ID == "" && t.Owner == "":
		return NotHeld
	case e.covers(t):
		return Allowed
	}
	return Filtered
}

// covers is the one rule of what a filter reaches: the thing itself, what a user owns, and a group's members with
// what they own.
func (e entry) covers(t *Target) bool {
	if values := e.byKind[t.Kind]; values != nil && t.ID != "" {
		if _, ok := values[t.ID]; ok {
			return true
		}
	}
	if t.Owner == "" {
		return false
	}
	if _, ok := e.byKind[KindUser][t.Owner]; ok {
		return true
	}
	if groups := e.byKind[KindGroup]; groups != nil {
		for _, g := range t.OwnerGroups {
			if _, ok := groups[g]; ok {
				return true
			}
		}
	}
	return false
}
