package scopes

import (
	"maps"
	"slices"
)

// fewValues is up to where looking at one value after the other beats a map.
const fewValues = 2

// entry is what is held of one scope. Sets share entries and values, so neither is changed once
// a Set was made of it; a builder copies what is not its own.
type entry struct {
	all     bool
	filters []filter // one per kind; empty when all
}

// filter holds the values of one kind: in few, or in many once they are more than fewValues.
type filter struct {
	kind     string
	few      []string
	many     map[string]struct{}
	borrowed bool // the values belong to another entry too
}

func (f *filter) has(value string) bool {
	if f.many != nil {
		_, ok := f.many[value]
		return ok
	}
	for _, v := range f.few {
		if v == value {
			return true
		}
	}
	return false
}

func (f *filter) put(value string) {
	switch {
	case f.has(value):
		return
	case f.many == nil && len(f.few) < fewValues:
		f.few = append(f.few[:len(f.few):len(f.few)], value) // never into an array that others read
		return
	case f.many == nil:
		f.many = make(map[string]struct{}, 4*fewValues)
		for _, v := range f.few {
			f.many[v] = struct{}{}
		}
		f.few = nil
	case f.borrowed:
		f.many = maps.Clone(f.many)
	}
	f.many[value], f.borrowed = struct{}{}, false
}

// values lists the values, sorted.
func (f *filter) values() []string {
	if f.many != nil {
		return slices.Sorted(maps.Keys(f.many))
	}
	return slices.Sorted(slices.Values(f.few))
}

// filter returns the filter of a kind, nil if there is none.
func (e *entry) filter(kind string) *filter {
	for i := range e.filters {
		if e.filters[i].kind == kind {
			return &e.filters[i]
		}
	}
	return nil
}

// join adds what another entry holds. The entry is the builder's own.
func (e *entry) join(other *entry) {
	for i := range other.filters {
		o := &other.filters[i]
		f := e.filter(o.kind)
		if f == nil {
			e.filters = append(e.filters, o.borrow())
			continue
		}
		for _, v := range o.few {
			f.put(v)
		}
		for v := range o.many {
			f.put(v)
		}
	}
}

// borrow returns a filter with the same values that copies them before it changes.
func (f *filter) borrow() filter {
	b := *f
	b.borrowed = true
	return b
}

// clone returns an entry that may change.
func (e *entry) clone() *entry {
	c := &entry{all: e.all, filters: make([]filter, len(e.filters), len(e.filters)+1)}
	for i := range e.filters {
		c.filters[i] = e.filters[i].borrow()
	}
	return c
}

// covers is the one rule of what a filter reaches: the thing itself, what a user owns, and a
// group's members with what they own.
func (e *entry) covers(t *Target) bool {
	for i := range e.filters {
		f := &e.filters[i]
		if f.kind == t.Kind && t.ID != "" && f.has(t.ID) {
			return true
		}
		switch f.kind {
		case KindUser:
			if t.Owner != "" && f.has(t.Owner) {
				return true
			}
		case KindGroup:
			if t.Owner != "" && f.hasAny(t.OwnerGroups) {
				return true
			}
		}
	}
	return false
}

func (f *filter) hasAny(values []string) bool {
	for _, v := range values {
		if f.has(v) {
			return true
		}
	}
	return false
}
