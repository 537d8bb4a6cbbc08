package scopes_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

// lab makes random rights and works out what they must allow in the plainest way: from the
// definitions and the texts, without any Set.
type lab struct {
	t      *testing.T
	rng    *rand.Rand
	schema *scopes.Schema
	model  map[string]scopes.Definition
	world  []scopes.Target
}

var labGroups = map[string][]string{"u1": {"g1"}, "u2": {"g1", "g2"}, "u3": {"g3", "g1", "g2"}}

func labGroupsOf(user string) []string { return labGroups[user] }

func newLab(t *testing.T, seed uint64) *lab {
	l := &lab{t: t, rng: rand.New(rand.NewPCG(seed, 1)), schema: compile(t, accountsModel),
		model: map[string]scopes.Definition{}}
	for _, d := range accountsModel.Scopes {
		l.model[d.Name] = d
	}
	l.world = []scopes.Target{{}}
	for _, g := range []string{"g1", "g2", "g3", "g4"} {
		l.world = append(l.world, scopes.Target{Kind: "group", ID: g})
	}
	for _, u := range []string{"u1", "u2", "u3", "u4"} {
		groups := labGroupsOf(u)
		l.world = append(l.world, scopes.Target{Kind: "user", ID: u, Owner: u, OwnerGroups: groups})
		// Each note appears under each owner, since a note has no fixed owner here.
		for _, n := range []string{"n1", "n2", "n3", "n4"} {
			l.world = append(l.world, scopes.Target{Kind: "note", ID: n, Owner: u, OwnerGroups: groups})
		}
	}
	for _, n := range []string{"n1", "n2", "n3", "n4"} {
		l.world = append(l.world, scopes.Target{Kind: "note", ID: n})
	}
	return l
}

// scope returns a random scope without a bare filter.
func (l *lab) scope() scopes.Scope {
	d := accountsModel.Scopes[l.rng.IntN(len(accountsModel.Scopes))]
	if len(d.Filters) == 0 || l.rng.IntN(5) == 0 {
		return scopes.Scope{Name: d.Name}
	}
	kind := d.Filters[l.rng.IntN(len(d.Filters))]
	return scopes.Scope{Name: d.Name, Kind: kind, Value: kind[:1] + string('1'+byte(l.rng.IntN(4)))}
}

func (l *lab) list() []scopes.Scope {
	out := make([]scopes.Scope, l.rng.IntN(9))
	for i := range out {
		out[i] = l.scope()
	}
	return out
}

func (l *lab) set(list []scopes.Scope) *scopes.Set { return l.schema.Set(list, scopes.Self{}) }

// gives reports whether the held scope is, or implies, the name.
func (l *lab) gives(held, name string) bool {
	return held == name || slices.ContainsFunc(
		l.model[held].Implies, func(next string) bool { return l.gives(next, name) },
	)
}

// verdict returns what a list must answer.
func (l *lab) verdict(list []scopes.Scope, name string, t scopes.Target) scopes.Verdict {
	v := scopes.NotHeld
	for _, sc := range list {
		if !l.gives(sc.Name, name) || sc.Kind != "" && !slices.Contains(l.model[name].Filters, sc.Kind) {
			continue
		}
		switch {
		case sc.Kind == "":
			v = scopes.Allowed
		case t.Kind == "":
		case sc.Kind == t.Kind && sc.Value == t.ID,
			sc.Kind == "user" && sc.Value == t.Owner,
			sc.Kind == "group" && t.Owner != "" && slices.Contains(t.OwnerGroups, sc.Value):
			v = scopes.Allowed
		default:
			v = max(v, scopes.Filtered)
		}
	}
	return v
}

// each calls fn for every scope and every target.
func (l *lab) each(fn func(name string, id scopes.ID, t scopes.Target)) {
	for _, name := range l.schema.Names() {
		id, _ := l.schema.ID(name)
		for _, t := range l.world {
			fn(name, id, t)
		}
	}
}

// covers reports whether b allows everything that a allows, in every world.
func (l *lab) covers(b, a scopes.Subject) bool {
	ok := true
	l.each(func(_ string, id scopes.ID, t scopes.Target) {
		ok = ok && (!a.Allows(id, t) || b.Allows(id, t))
	})
	return ok
}
