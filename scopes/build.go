package scopes

// builder makes one Set.
type builder struct {
	schema  *Schema
	entries []*entry // by ID
	own     []bool   // by ID: made for this ID alone, so it may be changed
	single  *entry   // holds only the filter that was added last
}

func (b *builder) grow() {
	if b.entries == nil {
		b.entries = make([]*entry, len(b.schema.defs)+1)
	}
}

// add adds a scope and everything that it implies.
func (b *builder) add(sc Scope, self Self) {
	id, ok := b.schema.ids[sc.Name]
	if !ok {
		return
	}
	b.grow()
	if sc.Kind == "" {
		for _, i := range b.schema.implied[id] {
			b.entries[i] = b.schema.unfiltered
		}
		return
	}
	sc = sc.fill(self)
	if !b.schema.accepts(id, sc.Kind) || !b.only(sc.Kind, sc.Value) {
		return
	}
	for _, i := range b.schema.implied[id] {
		if b.schema.accepts(i, sc.Kind) {
			b.join(i, b.single)
		}
	}
}

// addOne adds one concrete scope of this Schema without what it implies.
func (b *builder) addOne(id ID, sc Scope) {
	b.grow()
	if sc.Kind == "" {
		b.join(id, b.schema.unfiltered)
	} else if b.only(sc.Kind, sc.Value) {
		b.join(id, b.single)
	}
}

// fill replaces a bare filter by its value from self, which may be empty.
func (s Scope) fill(self Self) Scope {
	if s.Value != "" {
		return s
	}
	switch s.Kind {
	case KindUser:
		s.Value = self.User
	case KindGroup: // no credential belongs to a group
	case self.Kind:
		s.Value = self.ID
	}
	return s
}

// only makes single hold this filter alone. It returns false for a value that no scope can
// have.
func (b *builder) only(kind, value string) bool {
	if b.single != nil && b.single.filters[0].kind == kind && b.single.filters[0].few[0] == value {
		return true
	}
	if !validToken(value) {
		return false
	}
	b.single = &entry{filters: []filter{{kind: kind, few: []string{value}}}}
	return true
}

// join adds what e holds to the entry of id. It shares entries as long as it can.
func (b *builder) join(id ID, e *entry) {
	old := b.entries[id]
	switch {
	case old == e || old != nil && old.all:
	case old == nil || e.all:
		b.entries[id] = e
	default:
		if b.own == nil {
			b.own = make([]bool, len(b.entries))
		}
		if !b.own[id] {
			b.entries[id], b.own[id] = old.clone(), true
		}
		b.entries[id].join(e)
	}
}

func (b *builder) set() *Set { return &Set{schema: b.schema, entries: b.entries} }
