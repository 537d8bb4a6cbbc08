package scopes_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hallpass-go/hallpass/scopes"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	s, err := scopes.Compile(
		scopes.Model{Scopes: []scopes.Definition{{Name: "users", Filters: []string{"user", "group"}}, {Name: "roles"}}},
	)
	if err != nil {
		t.Fatal(err)
	}
	users, _ := s.ID("users")
	set := func(texts ...string) *scopes.Set {
		list, err := s.ParseAll(texts)
		if err != nil {
			t.Fatal(err)
		}
		return s.Set(list, scopes.Self{User: "me"})
	}
	byGroup, byUser := scopes.Filters{"group": {"a", "b"}}, scopes.Filters{"user": {"me"}, "group": {"c"}}
	for name, c := range map[string]struct {
		subject scopes.Subject
		want    []scopes.Filters
		held    bool
	}{
		"nothing": {scopes.Subject{}, nil, false},
		"another": {scopes.Subject{Held: set("roles")}, nil, false},
		"all":     {scopes.Subject{Held: set("users")}, nil, true},
		"filtered": {
			scopes.Subject{Held: set("users!group=b", "users!group=a")}, []scopes.Filters{byGroup}, true,
		},
		"all wins": {scopes.Subject{Held: set("users!group=b", "users")}, nil, true},
		"ceiling": {scopes.Subject{
			Held: set("users"), Ceiling: set("users!user", "users!group=c"),
		}, []scopes.Filters{byUser}, true},
		"both": {scopes.Subject{
			Held: set("users!group=a", "users!group=b"), Ceiling: set("users!user", "users!group=c"),
		}, []scopes.Filters{byGroup, byUser}, true},
		"ceiling lacks it": {scopes.Subject{Held: set("users"), Ceiling: set("roles")}, nil, false},
		"empty ceiling":    {scopes.Subject{Held: set("users"), Ceiling: set()}, nil, false},
	} {
		got, held := c.subject.Limits(users)
		if d := cmp.Diff(c.want, got); d != "" || held != c.held {
			t.Errorf("%s: held %v\n%s", name, held, d)
		}
	}
}
