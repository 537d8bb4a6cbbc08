package scopes_test

import (
	"slices"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

// These are the laws of the algebra. Other packages rely on them when they compile rights
// separately and then merge or limit them.

func TestSec_AZ02_ExpansionIdempotent(t *testing.T) {
	t.Parallel()
	l := newLab(t, 11)
	for range rounds {
		list := l.list()
		once := l.set(list)
		if twice := l.set(once.Scopes()); !slices.Equal(once.Strings(), twice.Strings()) {
			t.Fatalf("%v: %v, then %v", list, once.Strings(), twice.Strings())
		}
		stored, unknown := l.schema.SetOf(once.Strings(), scopes.Self{})
		if unknown != nil || !slices.Equal(once.Strings(), stored.Strings()) {
			t.Fatalf("%v: stored as %v, read as %v", list, once.Strings(), stored.Strings())
		}
	}
}

func TestSec_AZ02_ExpansionMonotone(t *testing.T) {
	t.Parallel()
	l := newLab(t, 12)
	for range rounds {
		less := l.list()
		more := append(slices.Clone(less), l.list()...)
		a, b := scopes.Subject{Held: l.set(less)}, scopes.Subject{Held: l.set(more)}
		if !l.covers(b, a) {
			t.Fatalf("%v allows what %v does not", less, more)
		}
		if excess := b.Excess(a.Held, "", labGroupsOf); len(excess) > 0 {
			t.Fatalf("%v lacks %v of %v", more, excess, less)
		}
	}
}

func TestSec_AZ02_FilteredBelowUnfiltered(t *testing.T) {
	t.Parallel()
	l := newLab(t, 13)
	for range rounds {
		sc := l.scope()
		all := scopes.Subject{Held: l.set([]scopes.Scope{{Name: sc.Name}})}
		one := scopes.Subject{Held: l.set([]scopes.Scope{sc})}
		if !l.covers(all, one) {
			t.Fatalf("%s allows more than %s", sc, sc.Name)
		}
		if sc.Kind != "" && l.covers(one, all) {
			t.Fatalf("%s allows as much as %s", sc, sc.Name)
		}
	}
}

func TestSec_AZ02_UnionCommutesAndAssociates(t *testing.T) {
	t.Parallel()
	l := newLab(t, 14)
	m := l.schema.Merge
	for range rounds {
		x, y, z := l.list(), l.list(), l.list()
		a, b, c := l.set(x), l.set(y), l.set(z)
		want := l.set(slices.Concat(x, y, z)).Strings()
		for _, got := range []*scopes.Set{m(a, b, c), m(c, b, a), m(m(a, b), c), m(a, m(b, c)), m(a, b, c, a, b)} {
			if !slices.Equal(got.Strings(), want) {
				t.Fatalf("merged to %v, compiled to %v", got.Strings(), want)
			}
		}
	}
}

func TestSec_AZ02_IntersectionCommutes(t *testing.T) {
	t.Parallel()
	l := newLab(t, 15)
	for range rounds {
		a, b := l.set(l.list()), l.set(l.list())
		ab := scopes.Subject{Held: a, Ceiling: b}.Effective(labGroupsOf)
		ba := scopes.Subject{Held: b, Ceiling: a}.Effective(labGroupsOf)
		if !slices.Equal(ab.Strings(), ba.Strings()) {
			t.Fatalf("%v and %v: %v, %v", a.Strings(), b.Strings(), ab.Strings(), ba.Strings())
		}
		if same := (scopes.Subject{Held: a, Ceiling: a}).Effective(labGroupsOf); !slices.Equal(same.Strings(),
			a.Strings()) {
			t.Fatalf("%v with itself: %v", a.Strings(), same.Strings())
		}
	}
}

func TestSec_AZ02_IntersectionNeverWider(t *testing.T) {
	t.Parallel()
	l := newLab(t, 16)
	for range rounds {
		sub := scopes.Subject{Held: l.set(l.list()), Ceiling: l.set(l.list())}
		if shown := (scopes.Subject{Held: sub.Effective(labGroupsOf)}); !l.covers(sub, shown) {
			t.Fatalf("%v under %v shown as %v", sub.Held.Strings(), sub.Ceiling.Strings(), shown.Held.Strings())
		}
	}
}

func TestSec_AZ02_CoverageTransitive(t *testing.T) {
	t.Parallel()
	l := newLab(t, 17)
	chains := 0
	for range rounds * 10 {
		x := l.list()
		y := append(slices.Clone(x), l.scope())
		c, b, a := l.set(x[:len(x)/2]), l.set(x), l.set(y)
		if a, b, c = l.widen(a), l.widen(b), l.widen(c); l.within(b, a) && l.within(c, b) {
			chains++
			if !l.within(c, a) {
				t.Fatalf("%v in %v in %v", c.Strings(), b.Strings(), a.Strings())
			}
		}
	}
	if chains < 100 {
		t.Fatalf("only %d chains", chains)
	}
}

// widen replaces some filters by user, at random, with filters by one of the user's groups.
func (l *lab) widen(s *scopes.Set) *scopes.Set {
	list := s.Scopes()
	for i, sc := range list {
		if groups := labGroupsOf(sc.Value); sc.Kind == "user" && len(groups) > 0 && l.rng.IntN(3) == 0 {
			list[i].Kind, list[i].Value = "group", groups[0]
		}
	}
	return l.set(list)
}

func (l *lab) within(need, held *scopes.Set) bool {
	return len(scopes.Subject{Held: held}.Excess(need, "", labGroupsOf)) == 0
}

func TestSec_AZ02_OwnerAndCredential(t *testing.T) {
	t.Parallel()
	l := newLab(t, 18)
	for range rounds {
		sub := scopes.Subject{Held: l.set(l.list()), Ceiling: l.set(l.list())}
		l.each(func(name string, id scopes.ID, target scopes.Target) {
			owner := scopes.Subject{Held: sub.Held}.Allows(id, target)
			credential := scopes.Subject{Held: sub.Ceiling}.Allows(id, target)
			if sub.Allows(id, target) != (owner && credential) {
				t.Fatalf("%s on %+v: owner %v, credential %v", name, target, owner, credential)
			}
		})
	}
}
