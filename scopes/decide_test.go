package scopes_test

import (
	"fmt"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	note := scopes.Target{Kind: "note", ID: "n1", Owner: "alice", OwnerGroups: []string{"staff", "chess"}}
	orphan := scopes.Target{Kind: "note", ID: "n1"}
	alice := scopes.Target{Kind: "user", ID: "alice", Owner: "alice", OwnerGroups: []string{"staff"}}
	bare := scopes.Target{Kind: "user", ID: "alice"} // without an owner
	staff := scopes.Target{Kind: "group", ID: "staff"}
	listOf := scopes.Target{Kind: "note", Owner: "alice", OwnerGroups: []string{"staff"}}
	tests := []struct {
		held   string
		scope  string
		target scopes.Target
		want   scopes.Verdict
	}{
		{"notes", "notes", note, scopes.Allowed},
		{"notes", "read:notes", note, scopes.Allowed},
		{"notes", "notes", scopes.Target{}, scopes.Allowed},
		{"read:notes", "notes", note, scopes.NotHeld},
		{"notes", "nosuch", note, scopes.NotHeld},
		{"nosuch", "notes", note, scopes.NotHeld},

		{"notes!user=alice", "notes", note, scopes.Allowed},
		{"notes!user=alice", "notes", alice, scopes.Allowed},
		{"notes!user=alice", "notes", bare, scopes.Allowed},
		{"notes!user=alice", "notes", listOf, scopes.Allowed},
		{"notes!user=alice", "notes", scopes.Target{}, scopes.NotHeld},
		{"notes!user=alice", "notes", scopes.Target{Kind: "note"}, scopes.NotHeld},
		{"notes!user=alice", "notes", orphan, scopes.Filtered},
		{"notes!user=alic", "notes", note, scopes.Filtered},
		{"notes!user=alice2", "notes", note, scopes.Filtered},
		{"notes!user=Alice", "notes", note, scopes.Filtered},
		{"notes!user=alice", "notes", staff, scopes.Filtered},
		{"notes!user=n1", "notes", note, scopes.Filtered},
		{"notes!user=staff", "notes", note, scopes.Filtered},

		{"notes!group=staff", "notes", staff, scopes.Allowed},
		{"notes!group=staff", "notes", alice, scopes.Allowed},
		{"notes!group=chess", "notes", note, scopes.Allowed},
		{"notes!group=staff", "notes", orphan, scopes.Filtered},
		{"notes!group=go", "notes", note, scopes.Filtered},
		{"notes!group=alice", "notes", note, scopes.Filtered},
		{"notes!group=staff", "notes", scopes.Target{Kind: "group", ID: "chess"}, scopes.Filtered},
		// Groups mean nothing without an owner who is in them.
		{"notes!group=staff", "notes", scopes.Target{
			Kind: "note", ID: "n1", OwnerGroups: []string{"staff"},
		}, scopes.Filtered},

		{"notes!note=n1", "notes", note, scopes.Allowed},
		{"notes!note=n1", "notes", orphan, scopes.Allowed},
		{"notes!note=n2", "notes", note, scopes.Filtered},
		{"notes!note=n1", "notes", alice, scopes.Filtered},
		{"notes!note=alice", "notes", note, scopes.Filtered},
		{"notes!note=n1", "notes", scopes.Target{Kind: "page", ID: "n1"}, scopes.Filtered},
		{"notes!note=n1", "notes", scopes.Target{ID: "n1"}, scopes.Filtered},
		{"notes!note=n1", "notes", listOf, scopes.Filtered},
		{"notes!note=n1", "list:notes", note, scopes.NotHeld},
		{"notes!user", "notes", note, scopes.Allowed},
		{"notes!note", "notes", note, scopes.NotHeld},
	}
	for _, tt := range tests {
		set, _ := s.SetOf([]string{tt.held}, scopes.Self{User: "alice"})
		id, _ := s.ID(tt.scope)
		sub := scopes.Subject{Held: set}
		if got := sub.Decide(id, tt.target); got != tt.want ||
			sub.Allows(id, tt.target) != (tt.want == scopes.Allowed) {
			t.Errorf("%s for %s on %+v: %v, want %v", tt.held, tt.scope, tt.target, got, tt.want)
		}
	}
}

func TestCeilingLimitsWhatIsHeld(t *testing.T) {
	t.Parallel()
	s := compile(t, accountsModel)
	id, _ := s.ID("notes")
	target := scopes.Target{Kind: "note", ID: "n1", Owner: "alice"}
	for _, tt := range []struct {
		held, ceiling string
		want          scopes.Verdict
	}{
		{"notes", "notes", scopes.Allowed},
		{"notes", "notes!note=n1", scopes.Allowed},
		{"notes!user=alice", "notes!note=n1", scopes.Allowed},
		{"notes!note=n1", "notes!user=alice", scopes.Allowed},
		{"notes", "notes!note=n2", scopes.Filtered},
		{"notes!note=n2", "notes", scopes.Filtered},
		{"notes", "read:notes", scopes.NotHeld},
		{"read:notes", "notes", scopes.NotHeld},
		{"notes!note=n2", "account", scopes.NotHeld},
		{"notes", "", scopes.NotHeld}, // an empty ceiling is a limit
	} {
		held, _ := s.SetOf([]string{tt.held}, scopes.Self{})
		ceiling, _ := s.SetOf([]string{tt.ceiling}, scopes.Self{})
		if got := (scopes.Subject{Held: held, Ceiling: ceiling}).Decide(id, target); got != tt.want {
			t.Errorf("%q under %q: %v, want %v", tt.held, tt.ceiling, got, tt.want)
		}
	}
	if (scopes.Subject{}).Allows(id, target) {
		t.Error("the zero Subject may do something")
	}
}

func TestVerdictText(t *testing.T) {
	t.Parallel()
	if got := fmt.Sprint(
		scopes.NotHeld, ", ", scopes.Filtered, ", ", scopes.Allowed, ", ", scopes.Verdict(9),
	); got != "not held, filtered, allowed, not held" {
		t.Error(got)
	}
}

func TestDecideAllocatesNothing(t *testing.T) {
	w := newWorld(t, 1000)
	for _, d := range w.decisions() {
		for _, ceiling := range []*scopes.Set{nil, w.subject.Held} {
			sub := scopes.Subject{Held: w.subject.Held, Ceiling: ceiling}
			if got := sub.Decide(d.id, d.target); got != d.want {
				t.Errorf("%s: %v, want %v", d.name, got, d.want)
			}
			if n := testing.AllocsPerRun(100, func() { sub.Decide(d.id, d.target) }); n != 0 {
				t.Errorf("%s: %v allocations", d.name, n)
			}
		}
	}
}

// Without Run, each request compiles its rights anew. That takes few allocations, and no more
// when scopes imply many.
func TestSetOfARoleIsCheap(t *testing.T) {
	s := compile(t, accountsModel)
	list, err := s.ParseAll(userRole)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { s.Set(list, scopes.Self{User: "u"}) }); n > 6 {
		t.Errorf("%v allocations", n)
	}
}
