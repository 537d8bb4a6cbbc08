package scopes

// Holding is what somebody now holds through roles, and the groups that they are in.
type Holding struct {
	Held   *Set     // nil if they are not active
	Groups []string // ids
}

// OfKind returns the names of the scopes that accept a filter of the kind, sorted.
func (s *Schema) OfKind(kind string) []string {
	var out []string
	for i, d := range s.defs {
		if s.accepts(ID(i+1), kind) {
			out = append(out, d.Name)
		}
	}
	return out
}
