package scopes_test

import (
	"fmt"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

// world is a schema and a subject that holds n scopes besides those that a case asks for.
type world struct {
	schema             *scopes.Schema
	subject            scopes.Subject
	all, filtered, not scopes.ID
}

// newWorld spreads n held scopes over unfiltered ones and filters by user, group and note.
func newWorld(tb testing.TB, n int) world {
	tb.Helper()
	filters := []string{"user", "group", "note"}
	model := scopes.Model{Kinds: []scopes.Kind{{Name: "note"}}}
	for _, name := range []string{"all", "filtered", "not"} {
		model.Scopes = append(model.Scopes, scopes.Definition{Name: name, Filters: filters})
	}
	held := []scopes.Scope{{Name: "all"}}
	for i := range n - 1 {
		sc := scopes.Scope{Name: "filtered", Kind: filters[i%3], Value: fmt.Sprintf("0197a000-0000-7000-8000-%012d", i)}
		if i%10 == 9 {
			sc = scopes.Scope{Name: fmt.Sprintf("plain%d", i)}
			model.Scopes = append(model.Scopes, scopes.Definition{Name: sc.Name})
		}
		held = append(held, sc)
	}
	schema, err := scopes.Compile(model)
	if err != nil {
		tb.Fatal(err)
	}
	w := world{schema: schema}
	w.all, _ = schema.ID("all")
	w.filtered, _ = schema.ID("filtered")
	w.not, _ = schema.ID("not")
	w.subject.Held = schema.Set(held, scopes.Self{})
	return w
}

// decisions lists the ways in which a decision can end.
func (w world) decisions() []decision {
	id := func(i int) string { return fmt.Sprintf("0197a000-0000-7000-8000-%012d", i) }
	three := []string{id(900_000), id(900_001), id(1)}
	none := []string{id(900_000), id(900_001), id(900_002)}
	return []decision{
		{"unfiltered", w.all, scopes.Target{Kind: "note", ID: id(5), Owner: id(900_003)}, scopes.Allowed},
		{"exact", w.filtered, scopes.Target{
			Kind: "note", ID: id(2), Owner: id(900_003), OwnerGroups: none,
		}, scopes.Allowed},
		{"owner", w.filtered, scopes.Target{
			Kind: "note", ID: id(900_004), Owner: id(3), OwnerGroups: none,
		}, scopes.Allowed},
		{"group", w.filtered, scopes.Target{
			Kind: "note", ID: id(900_004), Owner: id(900_003), OwnerGroups: three,
		}, scopes.Allowed},
		{"deny", w.filtered, scopes.Target{
			Kind: "note", ID: id(900_004), Owner: id(900_003), OwnerGroups: none,
		}, scopes.Filtered},
		{"not-held", w.not, scopes.Target{
			Kind: "note", ID: id(900_004), Owner: id(900_003), OwnerGroups: none,
		}, scopes.NotHeld},
	}
}

type decision struct {
	name   string
	id     scopes.ID
	target scopes.Target
	want   scopes.Verdict
}

func BenchmarkAllows(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		w := newWorld(b, n)
		for _, d := range w.decisions() {
			b.Run(fmt.Sprintf("held=%d/%s", n, d.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if w.subject.Decide(d.id, d.target) != d.want {
						b.Fatal("wrong verdict")
					}
				}
			})
		}
	}
}

// BenchmarkSet measures what it costs a request to compile its rights anew.
func BenchmarkSet(b *testing.B) {
	schema, err := scopes.Compile(accountsModel)
	if err != nil {
		b.Fatal(err)
	}
	user, err := schema.ParseAll(userRole)
	if err != nil {
		b.Fatal(err)
	}
	var admin []scopes.Scope
	for _, name := range schema.Names() {
		admin = append(admin, scopes.Scope{Name: name})
	}
	self := scopes.Self{User: "0197a000-0000-7000-8000-000000000001"}
	b.Run("user", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			schema.Set(user, self)
		}
	})
	b.Run("admin", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			schema.Set(admin, self)
		}
	})
	b.Run("user-texts", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			schema.SetOf(userRole, self)
		}
	})
	role, share := schema.Set(user, self), schema.Set([]scopes.Scope{{Name: "notes", Kind: "note", Value: "7"}}, self)
	b.Run("merge", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			schema.Merge(role, share)
		}
	})
}
