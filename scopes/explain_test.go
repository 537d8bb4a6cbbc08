package scopes_test

import (
	"slices"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	set := func(texts ...string) *scopes.Set {
		set, _ := s.SetOf(texts, scopes.Self{User: "alice"})
		return set
	}
	sources := []scopes.Source{
		{Kind: "role", Name: "user", Set: set("account!user", "notes!user")},
		{Kind: "group", Name: "staff", Set: set("read:notes!group=staff")},
		{Kind: "share", Name: "s1", Set: set("read:notes!note=n7")},
		{Kind: "role", Name: "none"},
	}
	own := scopes.Target{Kind: "note", ID: "n1", Owner: "alice", OwnerGroups: []string{"staff"}}
	bobs := scopes.Target{Kind: "note", ID: "n7", Owner: "bob"}
	tests := []struct {
		name    string
		scope   string
		target  scopes.Target
		ceiling *scopes.Set
		verdict scopes.Verdict
		because []string
		missing string
		ceilMis bool
	}{
		{"two ways", "read:notes", own, nil, scopes.Allowed, []string{"user", "staff"}, "", false},
		{"by a share", "read:notes", bobs, nil, scopes.Allowed, []string{"s1"}, "", false},
		{"filter misses", "notes", bobs, nil, scopes.Filtered, nil, "notes!note=n7", false},
		{"not held", "tokens", scopes.Target{
			Kind: "user", ID: "bob", Owner: "bob",
		}, nil, scopes.NotHeld, nil, "tokens!user=bob", false},
		{"not held at all", "settings", scopes.Target{}, nil, scopes.NotHeld, nil, "settings", false},
		{"nothing concrete", "notes", scopes.Target{}, nil, scopes.NotHeld, nil, "notes", false},
		{"by the owner", "list:notes", bobs, nil, scopes.Filtered, nil, "list:notes!user=bob", false},
		{"no filter to name it", "settings", bobs, nil, scopes.NotHeld, nil, "settings", false},
		{"no text for the id", "notes", scopes.Target{
			Kind: "note", ID: "a b", Owner: "bob",
		}, nil, scopes.Filtered, nil, "notes!user=bob", false},
		{"ceiling in the way", "read:notes", own, set("account"), scopes.NotHeld, []string{"user", "staff"},
			"read:notes!note=n1", true},
		{"ceiling elsewhere", "read:notes", own, set("notes!note=n2"), scopes.Filtered, []string{"user", "staff"},
			"read:notes!note=n1", true},
		{"ceiling wide enough", "read:notes", own, set("notes"), scopes.Allowed, []string{"user", "staff"}, "", false},
		{"both missing", "settings", own, set("notes"), scopes.NotHeld, nil, "settings", true},
		{"unknown", "nosuch", own, nil, scopes.NotHeld, nil, "", false},
	}
	for _, tt := range tests {
		id, _ := s.ID(tt.scope)
		x := s.Explain(sources, tt.ceiling, id, tt.target)
		var because []string
		for _, src := range x.Because {
			because = append(because, src.Name)
		}
		if x.Verdict != tt.verdict || !slices.Equal(because, tt.because) || x.Missing != tt.missing ||
			x.CeilingMissing != tt.ceilMis {
			t.Errorf(
				"%s: %v because %v, missing %q (ceiling %v)", tt.name, x.Verdict, because, x.Missing, x.CeilingMissing,
			)
		}
	}
}
