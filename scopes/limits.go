package scopes

// Filters are the values of the filters under which something is held, by kind, sorted.
type Filters map[string][]string

// Limits tells under which filters the subject holds a scope, for lists that show just what it
// reaches: one Filters for its owner and one for its credential, each where that side is
// limited. A thing is in reach if each of them names it. held is false where a side lacks the
// scope altogether; without limits and held, everything is in reach.
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
