package scopes

// Self is whom bare filters stand for: the holder, and the resource that the credential belongs
// to.
type Self struct {
	User string // id; empty for none
	Kind string // of the credential's own resource; empty for none
	ID   string
}

// Set is a compiled set of held scopes: expanded, with bare filters filled in. It is immutable
// and safe for concurrent use. A nil Set holds nothing. Sets belong to the Schema that made
// them.
type Set struct {
	schema  *Schema
	entries []*entry // by ID, nil for what is not held; empty if nothing is
}

// Set compiles a list: every scope gives what it implies with the same filter, except that of
// the implied ones those that take no filter of that kind are left out. A bare filter with
// nothing to stand for is dropped, and so is a Scope that Parse could not have returned.
func (s *Schema) Set(list []Scope, self Self) *Set {
	b := builder{schema: s}
	for _, sc := range list {
		b.add(sc, self)
	}
	return b.set()
}

// SetOf is Set for stored texts. What is no scope of this Schema, or no longer one, is left out
// and returned.
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

// Merge returns the union, never nil. Nil sets, and those of another Schema, hold nothing.
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

// entry returns what is held of id, nil for nothing.
func (s *Set) entry(id ID) *entry {
	if s == nil || int(id) >= len(s.entries) {
		return nil
	}
	return s.entries[id]
}

// Has tells whether the scope is held at all, filtered or not.
func (s *Set) Has(id ID) bool { return s.entry(id) != nil }

// HasAll tells whether the scope is held without a filter.
func (s *Set) HasAll(id ID) bool {
	e := s.entry(id)
	return e != nil && e.all
}

// Scopes lists what is held, expanded and sorted. A scope held without a filter is not listed
// with one.
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

// Strings lists what is held as texts, in the order of Scopes.
func (s *Set) Strings() []string {
	list := s.Scopes()
	out := make([]string, len(list))
	for i, sc := range list {
		out[i] = sc.String()
	}
	return out
}
