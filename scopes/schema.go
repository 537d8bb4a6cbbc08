package scopes

import "slices"

// ID stands for a declared scope in one Schema. The zero ID stands for none.
type ID uint16

// Schema is a compiled Model. It is immutable and safe for concurrent use.
type Schema struct {
	kinds []Kind
	defs  []Definition // sorted by name; the ID of defs[i] is i+1
	ids   map[string]ID
	// implied[id] lists all scopes that holding id gives, directly or not, including id itself.
	implied [][]ID
	takes   [][]string // by ID: the kinds of filters that the scope accepts

	unfiltered *entry // shared by all Sets for scopes held without a filter
}

// ID returns the ID of the scope with this name, and whether there is one.
func (s *Schema) ID(name string) (ID, bool) {
	id, ok := s.ids[name]
	return id, ok
}

// accepts reports whether a scope accepts filters of a kind.
func (s *Schema) accepts(id ID, kind string) bool { return slices.Contains(s.takes[id], kind) }

// Name returns the name of a scope, or "" if id is not an ID of this Schema.
func (s *Schema) Name(id ID) string {
	if id == 0 || int(id) > len(s.defs) {
		return ""
	}
	return s.defs[id-1].Name
}

// Names returns the names of all scopes, sorted.
func (s *Schema) Names() []string {
	out := make([]string, len(s.defs))
	for i, d := range s.defs {
		out[i] = d.Name
	}
	return out
}

// Definitions returns all scopes, sorted by name.
func (s *Schema) Definitions() []Definition {
	out := make([]Definition, len(s.defs))
	for i, d := range s.defs {
		out[i] = d.clone()
	}
	return out
}

// Kinds returns all kinds, sorted by name, including the built-in ones.
func (s *Schema) Kinds() []Kind { return slices.Clone(s.kinds) }

func (s *Schema) kindNames() []string {
	out := make([]string, len(s.kinds))
	for i, k := range s.kinds {
		out[i] = k.Name
	}
	return out
}
