package scopes

// Holding is what somebody holds now by roles, and the groups that they are in.
type Holding struct {
	Held   *Set     // nil for who is not active
	Groups []string // ids
}

// OfKind lists the scopes that take a filter of the kind, by name.
func (s *Schema) OfKind(kind string) []string {
	var out []string
	for i, d := range s.defs {
		if s.accepts(ID(i+1), kind) {
			out = append(out, d.Name)
		}
	}
	return out
}
