// Package recording replays recorded behaviour: it finds and reads recordings, and counts
// results.
//
// A recording is a file of JSON lines. A first line with the member "meta" describes it. Each
// other line is played. It agrees with the recorded answer, differs as a [Rule] says, or fails.
// HALLPASS_VECTORS names another folder with such recordings.
package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Files finds the recordings that match a pattern, in testdata or in the folder in
// HALLPASS_VECTORS. shipped reports whether they are those of this repository.
func Files(t testing.TB, pattern string) (files []string, shipped bool) {
	t.Helper()
	dir := os.Getenv("HALLPASS_VECTORS")
	if shipped = dir == ""; shipped {
		dir = "testdata"
	}
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s in %s (%v)", pattern, dir, err)
	}
	return files, shipped
}

// Lines reads a recording without the line that describes it.
func Lines[T any](t testing.TB, file string) (all []*T) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var head struct{ Meta any }
		v := new(T)
		if err := json.Unmarshal(lines.Bytes(), &head); err == nil && head.Meta != nil {
			continue
		}
		if err := json.Unmarshal(lines.Bytes(), v); err != nil {
			t.Fatalf("%v in %s", err, lines.Bytes())
		}
		all = append(all, v)
	}
	if err := lines.Err(); err != nil || len(all) == 0 {
		t.Fatalf("%d lines in %s: %v", len(all), file, err)
	}
	return all
}

// Rule is a deliberate difference, with its reason.
type Rule struct {
	Name, Reason string
	Adds         bool // about members that were not recorded: a line that differs in nothing else agrees
}

// Tally counts the results of the lines of a recording.
type Tally struct {
	Fired               map[string]int // how often each rule explained something
	agree, differ, fail int
}

// Count counts a line. rules are the rules by which it differs, and adds the rules about
// members that were not recorded. A problem is an error of the test.
func (y *Tally) Count(t testing.TB, line string, rules, adds map[string]bool, problem string) {
	t.Helper()
	if y.Fired == nil {
		y.Fired = map[string]int{}
	}
	y.fire(adds)
	switch {
	case problem != "":
		y.fail++
		t.Errorf("%s: %s", line, problem)
	case len(rules) == 0:
		y.agree++
	default:
		y.differ++
		y.fire(rules)
	}
}

func (y *Tally) fire(rules map[string]bool) {
	for rule := range maps.Keys(rules) {
		y.Fired[rule]++
	}
}

// Report prints the counts and the rules that were used.
func (y *Tally) Report(t testing.TB, rules []Rule) {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %d agree, %d differ, %d fail", t.Name(), y.agree, y.differ, y.fail)
	for _, r := range rules {
		if y.Fired[r.Name] == 0 {
			continue
		}
		fmt.Fprintf(&out, "\n  %4d %s: %s", y.Fired[r.Name], r.Name, r.Reason)
		if r.Adds {
			out.WriteString(" (counted as agreeing where nothing else differs)")
		}
	}
	fmt.Println(out.String())
	t.Log(out.String())
}

// EveryRuleFires fails for rules that were not used or have no reason.
func (y *Tally) EveryRuleFires(t testing.TB, rules []Rule) {
	t.Helper()
	for _, r := range rules {
		if y.Fired[r.Name] == 0 || r.Reason == "" {
			t.Errorf("rule %s: fires %d times", r.Name, y.Fired[r.Name])
		}
	}
}

// SameAnswers compares the results on two databases line by line. A database that was not there
// has no results.
func SameAnswers(t testing.TB, file string, shown map[string][]string) {
	t.Helper()
	want := shown["sqlite"]
	for i, line := range shown["postgres"] {
		if i >= len(want) || line != want[i] {
			t.Errorf("%s: the databases differ: %s", filepath.Base(file), line)
		}
	}
}
