package scopes_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vector is one recorded case. Each operation uses some of the fields.
type vector struct {
	Op      string
	Scopes  []string
	Owner   string
	Client  string
	Error   string
	Dropped bool `json:"dropped_with_warning"`

	Expanded []string

	Scope       string
	OK          bool
	Name        string
	Definitions customScopes
	ExpandFirst any `json:"expand_first"`

	A, B         []string
	GroupsKnown  bool `json:"groups_known"`
	Intersection []string

	Held       []string
	Required   string
	PostFilter bool `json:"post_filter"`
	Allowed    json.RawMessage
	HTTP       int
	Kind       string
	Resource   string

	Requested, Have, Disallowed []string

	User            string
	RoleScopes      []string            `json:"role_scopes"`
	GroupRoleScopes map[string][]string `json:"group_role_scopes"`
	Shares          []sharedScopes
	TokenScopes     []string `json:"token_scopes"`
	UserEffective   []string `json:"user_effective"`
	TokenEffective  []string `json:"token_effective"`
}

// customScope is a definition in the form of the reference.
type customScope struct {
	Description any
	Subscopes   any
}

// customScopes holds definitions, and the name that comes first.
type customScopes struct {
	first  string
	byName map[string]customScope
}

func (c *customScopes) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	if first, err := d.Token(); err == nil {
		c.first, _ = first.(string)
	}
	return json.Unmarshal(data, &c.byName)
}

// sharedScopes is recorded as [receiver, server, scopes].
type sharedScopes struct {
	To     string
	Scopes []string
}

func (s *sharedScopes) UnmarshalJSON(data []byte) error {
	var server string
	return json.Unmarshal(data, &[]any{&s.To, &server, &s.Scopes})
}

// TestReferenceVectors replays what was recorded from JupyterHub. Every case agrees, or differs
// as one of the rules in vectors_rules_test.go says it must. HALLPASS_VECTORS names another
// folder with recordings in the same form.
func TestReferenceVectors(t *testing.T) {
	dir := "testdata"
	if d := os.Getenv("HALLPASS_VECTORS"); d != "" {
		dir = d
	}
	files, err := filepath.Glob(filepath.Join(dir, "scopes_*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scopes_*.jsonl in %s (%v)", dir, err)
	}
	trees := append(slices.Clone(files), filepath.Join("testdata", "scopes_expand.jsonl"))
	tree := findTree(t, trees)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { replay(t, file, tree) })
	}
}

// findTree returns the first scope tree in the files.
func findTree(t *testing.T, files []string) scopeTree {
	t.Helper()
	for _, file := range files {
		for _, line := range readLines(t, file) {
			var tree scopeTree
			if err := json.Unmarshal(line, &tree); err == nil && tree.Op == "tree" {
				return tree
			}
		}
	}
	t.Fatal("no scope tree recorded")
	return scopeTree{}
}

func readLines(t *testing.T, file string) [][]byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]byte
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		if len(bytes.TrimSpace(sc.Bytes())) > 0 {
			lines = append(lines, bytes.Clone(sc.Bytes()))
		}
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// replay runs one file and prints its totals.
func replay(t *testing.T, file string, tree scopeTree) {
	lines := readLines(t, file)
	h := newHub(t, lines[0], tree)
	agree, differ, fail, fired := 0, 0, 0, map[string]int{}
	for n, line := range lines[1:] {
		v := vector{GroupsKnown: true}
		if err := json.Unmarshal(line, &v); err != nil {
			var tree scopeTree
			if json.Unmarshal(line, &tree) == nil && tree.Op == "tree" {
				continue
			}
			t.Fatalf("line %d: %v", n+2, err)
		}
		if v.Op == "tree" {
			continue
		}
		r := h.run(v)
		switch {
		case r.problem != "":
			fail++
			t.Errorf("line %d: %s\n%s", n+2, r.problem, line)
		case len(r.rules) == 0:
			agree++
		default:
			differ++
			for rule := range r.rules {
				fired[rule]++
			}
		}
	}
	report := fmt.Sprintf("%s: %d agree, %d differ, %d fail", filepath.Base(file), agree, differ, fail)
	for _, rule := range slices.Sorted(maps.Keys(fired)) {
		report += fmt.Sprintf("\n  %4d %s: %s", fired[rule], rule, rules[rule])
	}
	fmt.Println(report)
	t.Log(report)
}

// result is the outcome of one case: it agrees, differs by rules, or is a problem.
type result struct {
	rules   map[string]bool
	problem string
}

func agreed() result { return result{} }

func failed(format string, args ...any) result { return result{problem: fmt.Sprintf(format, args...)} }

// differs names the rules that explain a difference. Without a rule it is a problem.
func differs(names ...string) result {
	r := result{rules: map[string]bool{}}
	for _, n := range names {
		if _, ok := rules[n]; !ok {
			return failed("%q is not a rule", n)
		}
		r.rules[n] = true
	}
	if len(names) == 0 {
		return failed("different, and no rule says why")
	}
	return r
}

// run dispatches on the operation.
func (h *hub) run(v vector) result {
	switch v.Op {
	case "expand":
		return h.expand(v)
	case "scope_exists":
		return h.exists(v)
	case "define_custom":
		return h.define(v)
	case "role_name":
		return differs(ruleRoleNames)
	case "intersect":
		return h.intersect(v)
	case "has_scope":
		return h.hasScope(v)
	case "resource_filter":
		return h.resourceFilter(v)
	case "resolve_requested":
		return h.request(v)
	case "effective":
		return h.effective(v)
	}
	return failed("unknown operation %q", v.Op)
}

// sameStrings compares two lists as sets.
func sameStrings(a, b []string) bool {
	norm := func(s []string) []string { return slices.Compact(slices.Sorted(slices.Values(s))) }
	return slices.Equal(norm(a), norm(b))
}

// reduce drops the filtered forms of scopes that are also held without a filter.
func reduce(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(text string) bool {
		name, _, filtered := strings.Cut(text, "!")
		return filtered && slices.Contains(list, name)
	})
}
