package scopes

import "slices"

// ID is the handle of a declared scope in one Schema. The zero ID names none.
type ID uint16

// Schema is a compiled Model. It is immutable and safe for concurrent use.
type Schema struct {
	kinds []Kind
	defs  []Definition // by name; the ID of defs[i] is i+1
	ids   map[string]ID
	// implied[id] are all scopes that holding id gives, itself included, directly or not.
	implied [][]ID
	takes   [][]string // by ID: the kinds that a filter may name

	unfiltered *entry // what every Set holds of a scope that it holds without a filter
}

// ID finds the handle of a scope by name.
func (s *Schema) ID(name string) (ID, bool) {
	id, ok := s.ids[name]
	return id, ok
}

// accepts tells whether a scope takes filters of a kind.
func (s *Schema) accepts(id ID, kind string) bool { return slices.Contains(s.takes[id], kind) }

// Name returns the name behind a handle; empty for one of another Schema.
func (s *Schema) Name(id ID) string {
	if id == 0 || int(id) > len(s.defs) {
		return ""
	}
	return s.defs[id-1].Name
}

// Names lists all scopes, sorted.
func (s *Schema) Names() []string {
	out := make([]string, len(s.defs))
	for i, d := range s.defs {
		out[i] = d.Name
	}
	return out
}

// Definitions lists all scopes by name.
func (s *Schema) Definitions() []Definition {
	out := make([]Definition, len(s.defs))
	for i, d := range s.defs {
		out[i] = d.clone()
	}
	return out
}

// Kinds lists all kinds by name, the built-in ones included.
func (s *Schema) Kinds() []Kind { return slices.Clone(s.kinds) }

func (s *Schema) kindNames() []string {
	out := make([]string, len(s.kinds))
	for i, k := range s.kinds {
		out[i] = k.Name
	}
	return out
}
