package scopes_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

// A model adds to what one scope of another model implies, and changes nothing else of it.
func TestExtends(t *testing.T) {
	t.Parallel()
	base := scopes.Model{Scopes: []scopes.Definition{
		{
			Name: "read:shares", Filters: []string{"user"},
		}, {Name: "shares", Implies: []string{"read:shares"}, Filters: []string{"user"}},
	}}
	host := scopes.Model{
		Kinds: []scopes.Kind{{Name: "note"}},
		Scopes: []scopes.Definition{
			{Name: "read:notes", Filters: []string{"user", "note"}},
		}, Extends: map[string][]string{"shares": {"read:notes"}},
	}
	for _, models := range [][]scopes.Model{{base, host}, {host, base}} {
		s, err := scopes.Compile(models...)
		if err != nil {
			t.Fatal(err)
		}
		set, unknown := s.SetOf([]string{"shares!user=u"}, scopes.Self{})
		if got := set.Strings(); len(unknown) > 0 || !slices.Equal(
			got, []string{"read:notes!user=u", "read:shares!user=u", "shares!user=u"},
		) {
			t.Errorf("shares gives %v", got)
		}
		if _, err := s.Parse("shares!note=1"); err == nil {
			t.Error("shares takes a filter that it did not declare")
		}
	}
	if got := base.Scopes[1].Implies; len(got) != 1 {
		t.Errorf("the other model was changed: %v", got)
	}
	for _, tt := range []struct {
		extends map[string][]string
		want    string
	}{
		{map[string][]string{"share": {"read:notes"}}, `scope "share" is extended but not declared`},
		{map[string][]string{"shares": {"reed:notes"}}, `implies unknown "reed:notes"`},
		{map[string][]string{"read:shares": {"shares"}}, "read:shares -> shares -> read:shares"},
	} {
		host.Extends = tt.extends
		if _, err := scopes.Compile(base, host); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v, want %s", tt.extends, err, tt.want)
		}
	}
}
