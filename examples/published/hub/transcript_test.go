package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hallpass-go/hallpass/examples/internal/recording"
)

// TestHub_transcript replays a recording of a JupyterHub, in order, on both databases. Every
// call agrees, or differs as a rule in differences_test.go says. HALLPASS_VECTORS names another
// folder with such recordings.
func TestHub_transcript(t *testing.T) {
	t.Parallel()
	files, shipped := recording.Files(t, "sharing_*.jsonl")
	for _, file := range files {
		for _, database := range slices.Sorted(maps.Keys(databases)) {
			t.Run(filepath.Base(file)+" on "+database, func(t *testing.T) {
				r := newReplay(t, databases[database](t))
				fired := r.file(file)
				for _, d := range r.table {
					if d.reason == "" || shipped && fired[d.rule] == 0 && !d.elsewhere {
						t.Errorf("rule %s: fires %d times", d.rule, fired[d.rule])
					}
				}
			})
		}
	}
}

// TestHub_transcript_described plays calls that were not recorded. They are written from what
// is known of JupyterHub, for rules that the recording does not reach.
func TestHub_transcript_described(t *testing.T) {
	t.Parallel()
	r := newReplay(t, databases["sqlite"](t))
	fired := r.file(filepath.Join("testdata", "described.jsonl"))
	for _, d := range r.table {
		if d.elsewhere && fired[d.rule] == 0 {
			t.Errorf("rule %s never fires", d.rule)
		}
	}
}

// file plays a file, prints the counts and returns how often each rule was used.
func (r *replay) file(file string) map[string]int {
	agree, differ, fail, fired := 0, 0, 0, map[string]int{}
	for _, c := range recording.Lines[recorded](r.t, file) {
		if c.Request == nil {
			r.event(c)
			continue
		}
		rules, problem := r.play(c)
		switch {
		case problem != "":
			fail++
			r.t.Errorf("%d %s %s %s: %s", c.N, c.actor(), c.Request.Method, c.Request.Path, problem)
		case len(rules) == 0:
			agree++
		default:
			differ++
			for rule := range rules {
				fired[rule]++
			}
		}
	}
	report := fmt.Sprintf("%s: %d agree, %d differ, %d fail", r.t.Name(), agree, differ, fail)
	for _, d := range r.table {
		if fired[d.rule] > 0 {
			report += fmt.Sprintf("\n  %4d %s: %s", fired[d.rule], d.rule, d.reason)
		}
	}
	fmt.Println(report)
	if r.log.String() != "" {
		r.t.Errorf("the hub had errors: %s", r.log)
	}
	return fired
}
