package scopes

// Target is what a decision is about, with all that has to be looked up beforehand. The zero
// Target stands for everything at once (creating, listing): only a scope without a filter
// covers it.
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
	switch v {
	case Allowed:
		return "allowed"
	case Filtered:
		return "filtered"
	default:
		return "not held"
	}
}

// Subject is what a request may use: what its owner holds, under the ceiling of its credential.
type Subject struct {
	Held    *Set
	Ceiling *Set // nil for a credential without a limit of its own; an empty Set allows nothing
}

// Decide tells whether the subject may use a scope on a target: the owner must hold it and the
// credential must allow it, each for itself. It looks nothing up and does not allocate.
func (s Subject) Decide(id ID, t Target) Verdict {
	v := s.Held.decide(id, &t)
	if s.Ceiling != nil && v != NotHeld {
		v = min(v, s.Ceiling.decide(id, &t))
	}
	return v
}

// Allows is Decide as yes or no.
func (s Subject) Allows(id ID, t Target) bool { return s.Decide(id, t) == Allowed }

func (s *Set) decide(id ID, t *Target) Verdict {
	e := s.entry(id)
	switch {
	case e == nil:
		return NotHeld
	case e.all:
		return Allowed
	case t.ID == "" && t.Owner == "":
		return NotHeld
	case e.covers(t):
		return Allowed
	}
	return Filtered
}
