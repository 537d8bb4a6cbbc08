package scopes

import (
	"maps"
	"slices"
)

// fewValues is the number of values up to which a linear search is faster than a map.
const fewValues = 2

// entry is what a Set holds of one scope. Sets share entries and values, so neither changes
// once a Set uses it. A builder copies whatever it does not own.
type entry struct {
	all     bool
	filters []filter // one per kind; empty if all is set
}

// filter holds the values of one kind, in few, or in many once there are more than fewValues.
type filter struct {
	kind     string
	few      []string
	many     map[string]struct{}
	borrowed bool // the values also belong to another entry
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
		f.few = append(f.few[:len(f.few):len(f.few)], value) // never appends to an array that others read
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

// values returns the values, sorted.
func (f *filter) values() []string {
	if f.many != nil {
		return slices.Sorted(maps.Keys(f.many))
	}
	return slices.Sorted(slices.Values(f.few))
}

// filter returns the filter of a kind, or nil if there is none.
func (e *entry) filter(kind string) *filter {
	for i := range e.filters {
		if e.filters[i].kind == kind {
			return &e.filters[i]
		}
	}
	return nil
}

// join adds what other holds to e, which must be the builder's own.
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

// borrow returns a filter that has the same values and copies them before it changes.
func (f *filter) borrow() filter {
	b := *f
	b.borrowed = true
	return b
}

// clone returns a copy of e that may be changed.
func (e *entry) clone() *entry {
	c := &entry{all: e.all, filters: make([]filter, len(e.filters), len(e.filters)+1)}
	for i := range e.filters {
		c.filters[i] = e.filters[i].borrow()
	}
	return c
}

// covers reports whether a filter of e reaches t. A filter reaches the thing that it names; a
// user filter also reaches what the user owns, and a group filter what its members own.
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
