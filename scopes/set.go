package scopes

// Self is what bare filters stand for: the holder, and the resource that the credential belongs
// to.
type Self struct {
	User string // id; empty if there is none
	Kind string // kind of the credential's own resource; empty if there is none
	// id of the credential's own resource
	ID string
}

// Set is a compiled set of scopes, with everything they imply and with bare filters filled in.
// It is immutable and safe for concurrent use. A nil Set holds nothing. A Set belongs to the
// Schema that made it.
type Set struct {
	schema  *Schema
	entries []*entry // by ID, nil for a scope that is not held; empty if nothing is held
}

// Set compiles a list. Each scope also gives the scopes that it implies, with the same filter;
// an implied scope that does not accept that kind of filter is left out. Set drops a bare
// filter that self has no value for, and any Scope that Parse could not have returned.
func (s *Schema) Set(list []Scope, self Self) *Set {
	b := builder{schema: s}
	for _, sc := range list {
		b.add(sc, self)
	}
	return b.set()
}

// SetOf is Set for stored texts. It leaves out the texts that are not scopes of this Schema, or
// no longer are, and returns them as unknown.
func (s *Schema) SetOf(texts []string, self Self) (set *Set, unknown []string) {
	b := builder{schema: s}
	for _, text := range texts {
		sc, err := s.Parse(text)
		if err != nil {
			unknown = append(unknown, text)
			continue
		}
		b.add(sc, self)
	}
	return b.set(), unknown
}

// Merge returns the union of sets; it is never nil. Nil sets and sets of another Schema count
// as empty.
func (s *Schema) Merge(sets ...*Set) *Set {
	var first *Set
	b := builder{schema: s}
	for _, x := range sets {
		switch {
		case x == nil || x.schema != s:
		case first == nil:
			first = x
		default:
			if b.entries == nil {
				b.merge(first)
			}
			b.merge(x)
		}
	}
	if first != nil && b.entries == nil {
		return first
	}
	return b.set()
}

func (b *builder) merge(x *Set) {
	b.grow()
	for id, e := range x.entries {
		if e != nil {
			b.join(ID(id), e)
		}
	}
}

// entry returns what is held of id, or nil.
func (s *Set) entry(id ID) *entry {
	if s == nil || int(id) >= len(s.entries) {
		return nil
	}
	return s.entries[id]
}

// Has reports whether the scope is held, with a filter or without.
func (s *Set) Has(id ID) bool { return s.entry(id) != nil }

// HasAll reports whether the scope is held without a filter.
func (s *Set) HasAll(id ID) bool {
	e := s.entry(id)
	return e != nil && e.all
}

// Scopes returns what is held, including implied scopes, sorted. A scope that is held without a
// filter appears once, without a filter.
func (s *Set) Scopes() []Scope {
	out := []Scope{}
	if s == nil {
		return out
	}
	for id, e := range s.entries {
		if e == nil {
			continue
		}
		name := s.schema.defs[id-1].Name
		if e.all {
			out = append(out, Scope{Name: name})
		}
		for i := range e.filters {
			f := &e.filters[i]
			for _, v := range f.values() {
				out = append(out, Scope{name, f.kind, v})
			}
		}
	}
	sortScopes(out)
	return out
}

// Strings returns what is held as texts, in the order of Scopes.
func (s *Set) Strings() []string {
	list := s.Scopes()
	out := make([]string, len(list))
	for i, sc := range list {
		out[i] = sc.String()
	}
	return out
}
