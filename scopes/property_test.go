package scopes_test

import (
	"slices"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

const rounds = 300

func TestDecideIsWhatTheTextsSay(t *testing.T) {
	t.Parallel()
	l := newLab(t, 1)
	for range rounds {
		held, ceiling := l.list(), l.list()
		sub := scopes.Subject{Held: l.set(held), Ceiling: l.set(ceiling)}
		l.each(func(name string, id scopes.ID, target scopes.Target) {
			owner, credential := l.verdict(held, name, target), l.verdict(ceiling, name, target)
			if got := (scopes.Subject{Held: sub.Held}).Decide(id, target); got != owner {
				t.Fatalf("%v for %s on %+v: %v, want %v", held, name, target, got, owner)
			}
			if got := sub.Decide(id, target); got != min(owner, credential) {
				t.Fatalf("%v under %v for %s on %+v: %v", held, ceiling, name, target, got)
			}
			if sub.Held.Has(id) != slices.ContainsFunc(
				l.world, func(x scopes.Target) bool { return l.verdict(held, name, x) != scopes.NotHeld },
			) {
				t.Fatalf("%v: Has(%s) = %v", held, name, sub.Held.Has(id))
			}
			if sub.Held.HasAll(id) != (l.verdict(held, name, scopes.Target{}) == scopes.Allowed) {
				t.Fatalf("%v: HasAll(%s) = %v", held, name, sub.Held.HasAll(id))
			}
		})
	}
}

func TestExcessIsEmptyIffEverythingIsCovered(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	empty := 0
	for i := range rounds * 4 {
		held, ceiling, need := l.list(), l.list(), l.list()
		if i%2 == 0 && len(need) > 2 {
			need = need[:2]
			held = append(held, need...)
			ceiling = append(ceiling, need[0], scopes.Scope{Name: need[1].Name})
		}
		sub := scopes.Subject{Held: l.set(held)}
		if i%3 == 0 {
			sub.Ceiling = l.set(ceiling)
		}
		needed := scopes.Subject{Held: l.set(need)}
		excess := sub.Excess(needed.Held, "", labGroupsOf)
		if covered := l.covers(sub, needed); covered != (len(excess) == 0) {
			t.Fatalf("%v under %v, need %v: excess %v, covered %v", held, ceiling, need, excess, covered)
		}
		if len(excess) == 0 && len(need) > 0 {
			empty++
		}
		if !slices.IsSorted(excess) {
			t.Fatalf("excess %v is not sorted", excess)
		}
	}
	if empty < 50 {
		t.Fatalf("only %d rounds were covered", empty)
	}
}

func TestExcessLeavesOutOneUser(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	set := func(texts ...string) *scopes.Set {
		set, _ := s.SetOf(texts, scopes.Self{})
		return set
	}
	groups := func(user string) []string { return map[string][]string{"bob": {"staff"}}[user] }
	tests := []struct {
		name, except string
		held, need   []string
		groupsOf     func(string) []string
		want         []string
	}{
		{"own user", "bob", nil, []string{"account!user=bob"}, nil, []string{}},
		{"another user", "bob", nil, []string{"account!user=alice"}, nil, []string{"account!user=alice"}},
		{"nobody", "", nil, []string{"account!user=bob"}, nil, []string{"account!user=bob"}},
		{"a note of that name", "bob", nil, []string{"notes!note=bob"}, nil, []string{
			"notes!note=bob", "read:notes!note=bob",
		}},
		{"unfiltered", "bob", []string{"account!user=bob"}, []string{"account"}, nil, []string{"account"}},
		{"by group", "", []string{"sessions!group=staff"}, []string{"sessions!user=bob"}, groups, []string{}},
		{"by group, unknown", "", []string{"sessions!group=staff"}, []string{"sessions!user=bob"}, nil,
			[]string{"sessions!user=bob"}},
		{"not by a member", "", []string{"sessions!user=bob"}, []string{"sessions!group=staff"}, groups,
			[]string{"sessions!group=staff"}},
		{"by everything", "", []string{"sessions"}, []string{"sessions!group=g", "sessions!user=u"}, nil, []string{}},
		{"implied", "", []string{"read:users"}, []string{"users"}, nil, []string{"list:users", "users"}},
	}
	for _, tt := range tests {
		got := scopes.Subject{Held: set(tt.held...)}.Excess(set(tt.need...), tt.except, tt.groupsOf)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestExplainDecidesAsDecide(t *testing.T) {
	t.Parallel()
	l := newLab(t, 3)
	for i := range rounds {
		sources := []scopes.Source{{Name: "a", Set: l.set(l.list())}, {Name: "b"}, {Name: "c", Set: l.set(l.list())}}
		sub := scopes.Subject{Held: l.schema.Merge(sources[0].Set, nil, sources[2].Set)}
		if i%2 == 0 {
			sub.Ceiling = l.set(l.list())
		}
		l.each(func(name string, id scopes.ID, target scopes.Target) {
			x := l.schema.Explain(sources, sub.Ceiling, id, target)
			if want := sub.Decide(id, target); x.Verdict != want {
				t.Fatalf("%s on %+v: explained %v, decided %v", name, target, x.Verdict, want)
			}
			if x.Verdict == scopes.Allowed && (len(x.Because) == 0 || x.Missing != "" || x.CeilingMissing) {
				t.Fatalf("%s on %+v: %+v", name, target, x)
			}
			if x.Verdict == scopes.Allowed {
				return
			}
			// Adding the scope that is called missing to both sides must be enough.
			more, unknown := l.schema.SetOf([]string{x.Missing}, scopes.Self{})
			with := scopes.Subject{Held: l.schema.Merge(sub.Held, more)}
			if sub.Ceiling != nil {
				with.Ceiling = l.schema.Merge(sub.Ceiling, more)
			}
			if unknown != nil || !with.Allows(id, target) {
				t.Fatalf("%s on %+v: %q is not what is missing", name, target, x.Missing)
			}
		})
	}
}
