package scopes

import (
	"maps"
	"slices"
)

// Self is whom bare filters stand for: the holder, and the resource that the credential belongs to.
type Self struct {
	User string // id; empty for none
	Kind string // of the credential's own resource; empty for none
	ID   string
}

// Set is a compiled set of held scopes: expanded, with bare filters filled in. It is
// immutable and safe for concurrent use. A nil Set holds nothing.
type Set struct {
	schema  *Schema
	entries []entry // by ID; as long as the greatest ID held needs
}

// entry is what is held of one scope.
type entry struct {
	all    bool
	byKind map[string]map[string]struct{} // kind -> values; nil if none; not used when all
}

// Set compiles a list: every scope gives what it implies with the same filter, unless the implied one takes
// no filter of that kind. A bare filter with nothing to stand for is dropped. Scopes that the Schema does not
// declare give nothing.
func (s *Schema) Set(list []Scope, self Self) *Set {
	b := builder{schema: s}
	for _, sc := range list {
		b.add(sc, self)
	}
	return b.set()
}

// SetOf is Set for stored texts. What is no scope of this Schema (any more) is ignored and returned.
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

// Merge returns the union. Nil sets hold nothing.
func (s *Schema) Merge(sets ...*Set) *Set {
	if len(sets) == 1 && sets[0] != nil {
		return sets[0]
	}
	b := builder{schema: s}
	for _, x := range sets {
		if x == nil {
			continue
		}
		for id, e := range x.entries {
			b.merge(ID(id), e)
		}
	}
	return b.set()
}

type builder struct {
	schema  *Schema
	entries []entry
}

func (b *builder) at(id ID) *entry {
	if int(id) >= len(b.entries) {
		b.entries = append(b.entries, make([]entry, len(b.schema.defs)+1-len(b.entries))...)
	}
	return &b.entries[id]
}

func (b *builder) add(sc Scope, self Self) {
	id, ok := b.schema.ids[sc.Name]
	if !ok {
		return
	}
	if sc.Kind != "" && sc.Value == "" {
		switch sc.Kind {
		case KindUser:
			sc.Value = self.User
		case self.Kind:
			sc.Value = self.ID
		}
		if sc.Value == "" {
			return
		}
	}
	for _, i := range b.schema.implied[id] {
		switch {
		case sc.Kind == "":
			*b.at(i) = entry{all: true}
		case b.schema.accepts[i][sc.Kind]:
			b.at(i).put(sc.Kind, sc.Value)
		}
	}
}

func (b *builder) merge(id ID, e entry) {
	if e.all {
		*b.at(id) = entry{all: true}
		return
	}
	for kind, values := range e.byKind {
		for v := range values {
			b.at(id).put(kind, v)
		}
	}
}

func (e *entry) put(kind, value string) {
	if e.all {
		return
	}
	if e.byKind == nil {
		e.byKind = make(map[string]map[string]struct{}, 1)
	}
	if e.byKind[kind] == nil {
		e.byKind[kind] = make(map[string]struct{}, 1)
	}
	e.byKind[kind][value] = struct{}{}
}

func (b *builder) set() *Set { return &Set{schema: b.schema, entries: b.entries} }

// entry returns what is held of id.
func (s *Set) entry(id ID) entry {
	if s == nil || int(id) >= len(s.entries) {
		return entry{}
	}
	return s.entries[id]
}

// Has tells whether the scope is held at all, filtered or not.
func (s *Set) Has(id ID) bool {
	e := s.entry(id)
	return e.all || e.byKind != nil
}

// HasAll tells whether the scope is held without a filter.
func (s *Set) HasAll(id ID) bool { return s.entry(id).all }

// Scopes lists what is held, expanded and sorted; a scope held without a filter is not listed with one.
func (s *Set) Scopes() []Scope {
	out := []Scope{}
	if s == nil {
		return out
	}
	for id, e := range s.entries {
		if id == 0 {
			continue
		}
		name := s.schema.defs[id-1].Name
		if e.all {
			out = append(out, Scope{Name: name})
			continue
		}
		for _, kind := range slices.Sorted(maps.Keys(e.byKind)) {
			for _, v := range slices.Sorted(maps.Keys(e.byKind[kind])) {
				out = append(out, Scope{name, kind, v})
			}
		}
	}
	return out
}

// Strings is Scopes as texts.
func (s *Set) Strings() []string {
	list := s.Scopes()
	out := make([]string, len(list))
	for i, sc := range list {
		out[i] = sc.String()
	}
	return out
}
