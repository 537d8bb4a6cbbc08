package main

import (
	"testing"

	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
	"github.com/hallpass-go/hallpass/examples/internal/recording"
)

// elsewhere lists the behaviours that are not the library's business, with the reasons.
var elsewhere = map[string]string{}

// Every recorded behaviour is kept, adapted or repaired, and has a test that names it.
// HALLPASS_VECTORS names another folder with such lists.
func TestBehavioursAreCovered(t *testing.T) {
	t.Parallel()
	behaviours.Covered(t, "syftbox_behaviours.jsonl", elsewhere)
}

// Every behaviour that differs has its reason in the table. Others are in it only if they are
// kept in another form.
func TestDifferencesHaveReasons(t *testing.T) {
	t.Parallel()
	files, shipped := recording.Files(t, "syftbox_behaviours.jsonl")
	known := map[string]bool{}
	for _, file := range files {
		for _, line := range recording.Lines[behaviours.Line](t, file) {
			known[line.ID] = true
			switch line.Hallpass {
			case "keep":
			case "adapt", "fix":
				if differences[line.ID] == "" && elsewhere[line.ID] == "" {
					t.Errorf("%s (%s) has no reason: %s", line.ID, line.Hallpass, line.Then)
				}
			default:
				t.Errorf("%s: %q is none of keep, adapt and fix", line.ID, line.Hallpass)
			}
		}
	}
	for id := range differences {
		if shipped && !known[id] {
			t.Errorf("%s is in the table and in no list", id)
		}
	}
}
