package scopes_test

import (
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/scopes"
)

// exampleModel is what a small host declares.
var exampleModel = scopes.Model{
	Kinds: []scopes.Kind{{Name: "note"}},
	Scopes: []scopes.Definition{
		{Name: "notes", Label: "Write notes", Implies: []string{"read:notes"},
			Filters: []string{"user", "group", "note"}},
		{Name: "read:notes", Label: "Read notes", Filters: []string{"user", "group", "note"}},
		{Name: "settings", Label: "Change settings"},
	},
}

func exampleSchema() *scopes.Schema {
	schema, err := scopes.Compile(exampleModel)
	if err != nil {
		panic(err)
	}
	return schema
}

// A host declares scopes, compiles what a role and a share give to Ann, and decides.
func Example() {
	schema, err := scopes.Compile(scopes.Model{
		Kinds: []scopes.Kind{{Name: "note"}},
		Scopes: []scopes.Definition{
			{Name: "notes", Implies: []string{"read:notes"}, Filters: []string{"user", "group", "note"}},
			{Name: "read:notes", Filters: []string{"user", "group", "note"}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	role, err := schema.ParseAll([]string{"notes!user"})
	if err != nil {
		fmt.Println(err)
		return
	}
	share, _ := schema.SetOf([]string{"read:notes!note=42"}, scopes.Self{})
	ann := scopes.Subject{Held: schema.Merge(schema.Set(role, scopes.Self{User: "ann"}), share)}

	write, _ := schema.ID("notes")
	read, _ := schema.ID("read:notes")
	mine := scopes.Target{Kind: "note", ID: "7", Owner: "ann"}
	bobs := scopes.Target{Kind: "note", ID: "42", Owner: "bob"}
	fmt.Println("write mine:", ann.Decide(write, mine))
	fmt.Println("read Bob's:", ann.Decide(read, bobs))
	fmt.Println("write Bob's:", ann.Decide(write, bobs))
	fmt.Println("write all:", ann.Decide(write, scopes.Target{}))
	// Output:
	// write mine: allowed
	// read Bob's: allowed
	// write Bob's: filtered
	// write all: not held
}

func ExampleCompile() {
	_, err := scopes.Compile(scopes.Model{Scopes: []scopes.Definition{
		{Name: "a", Implies: []string{"b"}},
		{Name: "b", Implies: []string{"a", "setings"}, Filters: []string{"users"}},
		{Name: "settings"},
	}})
	fmt.Println(err)
	// Output:
	// compile scopes: scope "b": unknown kind "users", did you mean "user"?
	// scope "b" implies unknown "setings", did you mean "settings"?
	// scopes imply each other: a -> b -> a
}

func ExampleSchema_Parse() {
	schema := exampleSchema()
	for _, text := range []string{"notes!note=42", "note", "settings!user", "notes!"} {
		sc, err := schema.Parse(text)
		var problem *scopes.ParseError
		if errors.As(err, &problem) {
			fmt.Printf("%s: %v\n", problem.Code, err)
			continue
		}
		fmt.Println(sc.Name, sc.Kind, sc.Value)
	}
	// Output:
	// notes note 42
	// unknown_scope: scope "note": unknown scope, did you mean "notes"?
	// filter_refused: scope "settings!user": settings takes no filter of kind user
	// trailing_bang: scope "notes!": nothing follows the !
}

func ExampleSchema_SetOf() {
	schema := exampleSchema()
	set, unknown := schema.SetOf([]string{"notes!user", "paint!user"}, scopes.Self{User: "ann"})
	fmt.Println(set.Strings(), unknown)
	// Output: [notes!user=ann read:notes!user=ann] [paint!user]
}

// A token that may only read one note can do no more, whatever its owner holds.
func ExampleSubject_Decide() {
	schema := exampleSchema()
	held, _ := schema.SetOf([]string{"notes!user"}, scopes.Self{User: "ann"})
	token, _ := schema.SetOf([]string{"read:notes!note=7"}, scopes.Self{User: "ann"})
	subject := scopes.Subject{Held: held, Ceiling: token}

	read, _ := schema.ID("read:notes")
	write, _ := schema.ID("notes")
	fmt.Println(subject.Decide(read, scopes.Target{Kind: "note", ID: "7", Owner: "ann"}))
	fmt.Println(subject.Decide(read, scopes.Target{Kind: "note", ID: "8", Owner: "ann"}))
	fmt.Println(subject.Decide(write, scopes.Target{Kind: "note", ID: "7", Owner: "ann"}))
	// Output:
	// allowed
	// filtered
	// not held
}

// People can't give away what they do not hold: the head of a group may give only rights over
// its members.
func ExampleSubject_Excess() {
	schema := exampleSchema()
	held, _ := schema.SetOf([]string{"notes!group=staff"}, scopes.Self{})
	wanted, _ := schema.SetOf([]string{"read:notes!user=ann", "read:notes!user=zoe", "settings"}, scopes.Self{})
	groupsOf := func(user string) []string {
		return map[string][]string{"ann": {"staff"}}[user]
	}
	fmt.Println(scopes.Subject{Held: held}.Excess(wanted, "", groupsOf))
	// Output: [read:notes!user=zoe settings]
}

func ExampleSchema_Explain() {
	schema := exampleSchema()
	set := func(text string) *scopes.Set {
		set, _ := schema.SetOf([]string{text}, scopes.Self{User: "ann"})
		return set
	}
	sources := []scopes.Source{
		{Kind: "role", Name: "user", Set: set("notes!user")},
		{Kind: "share", Name: "from Bob", Set: set("read:notes!note=42")},
	}
	bobs := scopes.Target{Kind: "note", ID: "42", Owner: "bob"}
	for _, name := range []string{"read:notes", "notes"} {
		id, _ := schema.ID(name)
		x := schema.Explain(sources, nil, id, bobs)
		fmt.Print(name, ": ", x.Verdict)
		for _, src := range x.Because {
			fmt.Printf(", because of the %s %s", src.Kind, src.Name)
		}
		if x.Missing != "" {
			fmt.Print(", missing ", x.Missing)
		}
		fmt.Println()
	}
	// Output:
	// read:notes: allowed, because of the share from Bob
	// notes: filtered, missing notes!note=42
}
