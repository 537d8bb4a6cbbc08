package scopes

// Target is what a decision is about, with everything that has to be looked up beforehand. The
// zero Target stands for everything at once, as in creating or listing; only a scope without a
// filter covers it.
type Target struct {
	Kind        string   // "user", "group" or a kind of the host's
	ID          string   // id of the thing itself
	Owner       string   // id of the user who owns it, empty if nobody does; a user is their own owner
	OwnerGroups []string // ids of the groups that the owner is now in
}

// Verdict is the outcome of a decision.
type Verdict uint8

// These are the verdicts, from least to most permissive.
const (
	NotHeld  Verdict = iota // not held, or held with a filter where there is no concrete target: 403
	Filtered                // held, but no filter covers the target: 404
	Allowed
)

// String returns the name of the verdict.
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

// Subject is whoever makes a request: what the owner holds, limited by the ceiling of the
// credential.
type Subject struct {
	Held    *Set
	Ceiling *Set // nil for a credential without a limit of its own; an empty Set allows nothing
}

// Decide reports whether the subject may use a scope on a target. The owner must hold the scope
// and the credential must allow it; each is asked separately. Decide looks nothing up and does
// not allocate.
func (s Subject) Decide(id ID, t Target) Verdict {
	v := s.Held.decide(id, &t)
	if s.Ceiling != nil && v != NotHeld {
		v = min(v, s.Ceiling.decide(id, &t))
	}
	return v
}

// Allows reports whether Decide returns Allowed.
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
