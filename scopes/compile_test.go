package scopes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

func TestCompileReportsEveryProblem(t *testing.T) {
	t.Parallel()
	def := func(name string, implies ...string) scopes.Definition {
		return scopes.Definition{Name: name, Implies: implies}
	}
	tests := []struct {
		name  string
		model scopes.Model
		want  []string // the error contains all of them
	}{
		{"duplicate scope", scopes.Model{
			Scopes: []scopes.Definition{def("a"), def("a")},
		}, []string{`scope "a" is declared twice`}},
		{"duplicate kind", scopes.Model{
			Kinds: []scopes.Kind{{Name: "note"}, {Name: "note"}},
		}, []string{`kind "note" is declared twice`}},
		{"built-in user", scopes.Model{
			Kinds: []scopes.Kind{{Name: "user"}},
		}, []string{`kind "user" is declared twice, or built in`}},
		{"built-in group", scopes.Model{Kinds: []scopes.Kind{{Name: "group"}}}, []string{`kind "group"`, "built in"}},
		{"empty kind", scopes.Model{Kinds: []scopes.Kind{{}}}, []string{`kind ""`}},
		{"kind with bang", scopes.Model{Kinds: []scopes.Kind{{Name: "a!b"}}}, []string{`kind "a!b"`}},
		{"kind with equals", scopes.Model{Kinds: []scopes.Kind{{Name: "a=b"}}}, []string{`kind "a=b"`}},
		{"kind in capitals", scopes.Model{Kinds: []scopes.Kind{{Name: "Note"}}}, []string{`kind "Note"`}},
		{"long kind", scopes.Model{Kinds: []scopes.Kind{{Name: strings.Repeat("k", 65)}}}, []string{"1 to 64"}},
		{"empty name", scopes.Model{Scopes: []scopes.Definition{def("")}}, []string{`scope ""`}},
		{"name with bang", scopes.Model{Scopes: []scopes.Definition{def("a!b")}}, []string{`scope "a!b"`}},
		{"name with equals", scopes.Model{Scopes: []scopes.Definition{def("a=b")}}, []string{`scope "a=b"`}},
		{"name with space", scopes.Model{Scopes: []scopes.Definition{def("a b")}}, []string{`scope "a b"`}},
		{"name with quote", scopes.Model{Scopes: []scopes.Definition{def(`a"b`)}}, []string{`scope "a\"b"`}},
		{"name with newline", scopes.Model{Scopes: []scopes.Definition{def("a\n")}}, []string{`scope "a\n"`}},
		{"name beyond ASCII", scopes.Model{Scopes: []scopes.Definition{def("é")}}, []string{`scope "é"`}},
		{"long name", scopes.Model{Scopes: []scopes.Definition{def(strings.Repeat("n", 256))}}, []string{"1 to 255"}},
		{
			"unknown implied", scopes.Model{Scopes: []scopes.Definition{def("notes", "read:note"), def("read:notes")}},
			[]string{`scope "notes" implies unknown "read:note"`, `did you mean "read:notes"?`},
		},
		{
			"unknown kind", scopes.Model{
				Kinds:  []scopes.Kind{{Name: "note"}},
				Scopes: []scopes.Definition{{Name: "notes", Filters: []string{"notes"}}},
			}, []string{`scope "notes": unknown kind "notes"`, `did you mean "note"?`},
		},
		{"self cycle", scopes.Model{Scopes: []scopes.Definition{def("a", "a")}}, []string{"a -> a"}},
		{
			"long cycle", scopes.Model{
				Scopes: []scopes.Definition{def("x", "a"), def("a", "b"), def("b", "c"), def("c", "a")},
			},
			[]string{"scopes imply each other: a -> b -> c -> a"},
		},
		{
			"cycle past a side road", scopes.Model{
				Scopes: []scopes.Definition{def("a", "leaf", "b"), def("b", "a"), def("leaf")},
			},
			[]string{": a -> b -> a"},
		},
		{
			"all at once", scopes.Model{
				Scopes: []scopes.Definition{def("a", "a"), def("b", "zzz"), def("b"), def("c d")},
			},
			[]string{"a -> a", `unknown "zzz"`, `"b" is declared twice`, `scope "c d"`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			schema, err := scopes.Compile(tt.model)
			if err == nil || schema != nil {
				t.Fatalf("compiled to %v, %v", schema, err)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
		})
	}
}

func TestCompileJoinsModels(t *testing.T) {
	t.Parallel()
	base := scopes.Model{Scopes: []scopes.Definition{{Name: "read", Filters: []string{"user"}}}}
	host := scopes.Model{
		Kinds: []scopes.Kind{{Name: "note"}},
		Scopes: []scopes.Definition{
			{Name: "all", Label: "Everything", Implies: []string{"read"}, Filters: []string{"note"}},
		},
	}
	s := compile(t, base, host)
	if got := s.Names(); !slices.Equal(got, []string{"all", "read"}) {
		t.Errorf("names %v", got)
	}
	if got := fmt.Sprint(s.Kinds()); got != "[{group} {note} {user}]" {
		t.Errorf("kinds %v", got)
	}
	if got := s.Definitions()[0].Label; got != "Everything" {
		t.Errorf("label %q", got)
	}
	if _, err := scopes.Compile(base, base); err == nil {
		t.Error("the same model twice compiled")
	}
}

func TestCompileAcceptsNoModel(t *testing.T) {
	t.Parallel()
	s := compile(t)
	if n := len(s.Names()); n != 0 {
		t.Errorf("%d scopes", n)
	}
	if v := (scopes.Subject{Held: s.Set(nil, scopes.Self{})}).Decide(1, scopes.Target{}); v != scopes.NotHeld {
		t.Errorf("verdict %v", v)
	}
}

// If a schema shared memory with its model or with what it returns, it could be changed while
// the host runs.
func TestSchemaSharesNoMemory(t *testing.T) {
	t.Parallel()
	m := scopes.Model{Scopes: []scopes.Definition{
		{Name: "a", Implies: []string{"b"}, Filters: []string{"user"}}, {Name: "b", Filters: []string{"user"}},
	}}
	s := compile(t, m)
	m.Scopes[0].Filters[0], m.Scopes[0].Implies[0] = "group", "x"
	s.Definitions()[0].Filters[0] = "group"
	s.Names()[0], s.Kinds()[0].Name = "x", "x"
	if _, err := s.Parse("a!user=1"); err != nil {
		t.Error(err)
	}
	if k := s.Kinds()[0].Name; k != "group" {
		t.Errorf("kind %q", k)
	}
	if d := s.Definitions()[0]; d.Implies[0] != "b" || d.Filters[0] != "user" {
		t.Errorf("definition %v", d)
	}
}

func TestIDsNameScopes(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	for _, name := range s.Names() {
		id, ok := s.ID(name)
		if !ok || id == 0 || s.Name(id) != name {
			t.Errorf("%s has ID %d, %v", name, id, ok)
		}
	}
	if id, ok := s.ID("nosuch"); ok || id != 0 {
		t.Errorf("unknown name has ID %d, %v", id, ok)
	}
	if s.Name(0) != "" || s.Name(1<<16-1) != "" {
		t.Error("an unknown ID has a name")
	}
}
