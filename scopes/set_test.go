package scopes_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

func TestSetExpands(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	self := scopes.Self{User: "u1", Kind: "note", ID: "n1"}
	tests := []struct {
		name string
		held []string
		self scopes.Self
		want []string
	}{
		{"nothing", nil, self, []string{}},
		{"implied", []string{"users"}, self, []string{"list:users", "read:users", "users"}},
		{"implied twice", []string{"roles", "read:roles"}, self, []string{"read:roles", "roles"}},
		{"filter is passed on", []string{"groups!group=g"}, self, []string{"groups!group=g", "read:groups!group=g"}},
		{"filter not accepted", []string{"notes!note=7"}, self, []string{"notes!note=7", "read:notes!note=7"}},
		{
			"filter accepted all the way", []string{"notes!user=7"}, self,
			[]string{"list:notes!user=7", "notes!user=7", "read:notes!user=7"},
		},
		{"bare user", []string{"account!user"}, self, []string{"account!user=u1"}},
		{"bare kind", []string{"resources!note"}, self, []string{"resources!note=n1"}},
		{"bare user without one", []string{"account!user"}, scopes.Self{Kind: "note", ID: "n1"}, []string{}},
		{"bare kind without one", []string{"resources!note"}, scopes.Self{User: "u1"}, []string{}},
		{"bare kind of another kind", []string{"resources!note"}, scopes.Self{Kind: "page", ID: "p1"}, []string{}},
		{"bare user is not the resource", []string{"account!user"}, scopes.Self{Kind: "user", ID: "u2"}, []string{}},
		{"bare value that is no value", []string{"account!user"}, scopes.Self{User: "a!b"}, []string{}},
		{"reduced", []string{
			"list:users!user=a", "users", "read:users!group=g",
		}, self, []string{"list:users", "read:users", "users"}},
		{"filters stand side by side", []string{
			"account!user=b", "account!user=a", "account!user",
		}, self, []string{"account!user=a", "account!user=b", "account!user=u1"}},
	}
	for _, tt := range tests {
		set, unknown := s.SetOf(tt.held, tt.self)
		if got := set.Strings(); !slices.Equal(got, tt.want) || unknown != nil {
			t.Errorf("%s: got %v, unknown %v; want %v", tt.name, got, unknown, tt.want)
		}
		list, err := s.ParseAll(tt.held)
		if got := s.Set(list, tt.self).Strings(); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: Set gives %v, %v", tt.name, got, err)
		}
	}
}

// Stored texts outlive the model. Scopes that it no longer has must neither count nor break the
// rest.
func TestSetOfReportsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	set, unknown := s.SetOf([]string{"gone", "account!user", "settings!user=a", "notes!", ""}, scopes.Self{User: "u"})
	if got := set.Strings(); !slices.Equal(got, []string{"account!user=u"}) {
		t.Errorf("holds %v", got)
	}
	if want := []string{"gone", "settings!user=a", "notes!", ""}; !slices.Equal(unknown, want) {
		t.Errorf("unknown %q", unknown)
	}
}

// A Scope is a plain value, so a caller can make one that Parse would never return.
func TestSetIgnoresScopesThatParseRefuses(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	for _, sc := range []scopes.Scope{
		{},
		{Name: "gone"},
		{Name: "notes!user"},
		{Name: "notes", Kind: "gone", Value: "1"},
		{Name: "notes", Kind: "user", Value: "a b"},
		{Name: "notes", Kind: "user", Value: "a!user=b"},
		{Name: "notes", Kind: "group"},
		{Name: "roles", Kind: "user", Value: "u"},
		{Name: "list:notes", Kind: "note", Value: "1"},
	} {
		if got := s.Set([]scopes.Scope{sc}, scopes.Self{User: "u", Kind: "group", ID: "g"}).Strings(); len(got) > 0 {
			t.Errorf("%+v gives %v", sc, got)
		}
	}
	// The implied scope accepts the filter, but the scope itself does not: it must give
	// nothing.
	m := scopes.Model{
		Scopes: []scopes.Definition{{Name: "a", Implies: []string{"b"}}, {Name: "b", Filters: []string{"user"}}},
	}
	if got := compile(t, m).Set(
		[]scopes.Scope{{Name: "a", Kind: "user", Value: "u"}}, scopes.Self{},
	).Strings(); len(got) > 0 {
		t.Errorf("gives %v", got)
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	set, _ := s.SetOf([]string{"users", "account!user"}, scopes.Self{User: "u"})
	for name, want := range map[string][2]bool{
		"list:users": {true, true}, "account": {true, false}, "notes": {false, false},
	} {
		id, _ := s.ID(name)
		if got := [2]bool{set.Has(id), set.HasAll(id)}; got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, id := range []scopes.ID{0, scopes.ID(len(s.Names()) + 1), 1<<16 - 1} {
		if set.Has(id) || set.HasAll(id) {
			t.Errorf("holds the unknown ID %d", id)
		}
	}
}

func TestNilSetHoldsNothing(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	var none *scopes.Set
	id, _ := s.ID("notes")
	if none.Has(id) || none.HasAll(id) || len(none.Scopes()) > 0 || len(none.Strings()) > 0 {
		t.Error("a nil set holds something")
	}
	if m := s.Merge(none, nil); m == nil || len(m.Strings()) > 0 {
		t.Errorf("merged to %v", m)
	}
	if m := s.Merge(); m == nil {
		t.Error("merging nothing gives nil, which would be no ceiling at all")
	}
	sub := scopes.Subject{Ceiling: s.Set([]scopes.Scope{{Name: "notes"}}, scopes.Self{})}
	if e := sub.Effective(nil); e == nil || len(e.Strings()) > 0 {
		t.Errorf("effective %v", e)
	}
	if got := sub.Excess(none, "", nil); got == nil || len(got) > 0 {
		t.Errorf("excess %#v", got)
	}
}

func TestMergeIsTheUnion(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	set := func(texts ...string) *scopes.Set {
		set, _ := s.SetOf(texts, scopes.Self{User: "u"})
		return set
	}
	got := s.Merge(
		set("notes!note=1"), nil, set(), set("read:notes", "account!user"), set("notes!note=2", "notes!group=g"),
	)
	want := []string{"account!user=u", "list:notes", "notes!group=g", "notes!note=1", "notes!note=2", "read:notes"}
	if !slices.Equal(got.Strings(), want) {
		t.Errorf("got %v", got.Strings())
	}
}

func TestMergeIgnoresSetsOfAnotherSchema(t *testing.T) {
	t.Parallel()
	one := compile(t, accountsModel)
	other := compile(t, scopes.Model{Scopes: []scopes.Definition{{Name: "harmless"}}})
	foreign := other.Set([]scopes.Scope{{Name: "harmless"}}, scopes.Self{})
	if got := one.Merge(foreign).Strings(); len(got) > 0 {
		t.Errorf("got %v", got)
	}
	own := one.Set([]scopes.Scope{{Name: "settings"}}, scopes.Self{})
	if got := one.Merge(foreign, own).Strings(); !slices.Equal(got, []string{"settings"}) {
		t.Errorf("got %v", got)
	}
}

// Sets share memory internally. Building others from them in parallel must not change them.
func TestSetsNeverChange(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	var sets []*scopes.Set
	for n := range 12 { // from a single value to a map of values
		var list []scopes.Scope
		for i := range n {
			list = append(list,
				scopes.Scope{Name: "shares", Kind: "note", Value: fmt.Sprint(n, "-", i)},
				scopes.Scope{Name: "notes", Kind: "user", Value: fmt.Sprint(i)})
		}
		sets = append(sets, s.Set(list, scopes.Self{}))
	}
	sets = append(sets, s.Set([]scopes.Scope{{Name: "shares", Kind: "group", Value: "g"}}, scopes.Self{}))
	slices.Reverse(sets) // so that kinds of the large sets are new to the merge
	var before []string
	for _, set := range sets {
		before = append(before, fmt.Sprint(set.Strings()))
	}
	var wg sync.WaitGroup
	for i := range sets {
		wg.Go(func() {
			all := s.Merge(append(slices.Clone(sets[i:]), sets[:i]...)...)
			again := s.Merge(
				all, sets[i], s.Set([]scopes.Scope{{Name: "notes", Kind: "note", Value: "new"}}, scopes.Self{}),
			)
			if len(again.Strings()) < len(all.Strings()) {
				t.Error("a merge lost something")
			}
			scopes.Subject{Held: sets[i], Ceiling: all}.Effective(nil)
		})
	}
	wg.Wait()
	for i, set := range sets {
		if got := fmt.Sprint(set.Strings()); got != before[i] {
			t.Errorf("set %d was %s, is %s", i, before[i], got)
		}
	}
}
