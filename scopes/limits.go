package scopes

// Filters maps a kind of filter to the ids under which something is held, sorted.
type Filters map[string][]string

// Limits returns the filters that limit a scope of the subject, for lists that show only what
// the subject reaches. There is one Filters for the owner and one for the credential; a side
// that holds the scope without a filter has none. A thing is in reach if each Filters names it.
// If held is true and limits is empty, everything is in reach. If a side does not hold the
// scope at all, held is false.
func (s Subject) Limits(id ID) (limits []Filters, held bool) {
	sides := []*Set{s.Held}
	if s.Ceiling != nil {
		sides = append(sides, s.Ceiling)
	}
	for _, side := range sides {
		e := side.entry(id)
		switch {
		case e == nil:
			return nil, false
		case e.all:
			continue
		}
		f := Filters{}
		for i := range e.filters {
			f[e.filters[i].kind] = e.filters[i].values()
		}
		limits = append(limits, f)
	}
	return limits, true
}
