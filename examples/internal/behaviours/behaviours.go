// Package behaviours checks the tests of an example against a list of described behaviours.
// Each behaviour needs a test that names its id, or a reason why it is not the library's
// business.
//
// A list is a file of JSON lines. Each line has an id, what is given, when and then, and what
// hallpass does: keep, adapt or fix. A test names an id with a string literal in the body of a
// Test function; comments do not count. HALLPASS_VECTORS names another folder with such lists.
package behaviours

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/examples/internal/recording"
)

// Line is one described behaviour.
type Line struct{ ID, Given, When, Then, Hallpass, Note string }

var idForm = regexp.MustCompile(`^[a-z]+-\d{3,}$`)

// Covered checks the lists that match a pattern against the test files in the working
// directory. others has the reasons for ids that are not the library's business.
func Covered(t *testing.T, pattern string, others map[string]string) {
	t.Helper()
	files, shipped := recording.Files(t, pattern)
	var lines []*Line
	for _, file := range files {
		lines = append(lines, recording.Lines[Line](t, file)...)
	}
	tests, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, file := range tests {
		if err := names(file, named); err != nil {
			t.Fatal(err)
		}
	}
	missing, stale := missingOf(lines, named, others)
	for _, line := range missing {
		t.Errorf("no test names %s (%s): given %s, when %s, then %s", line.ID, line.Hallpass, line.Given, line.When,
			line.Then)
	}
	if shipped { // another folder may lack some lines
		for _, id := range stale {
			t.Errorf("%s is named, and in no list, or both tested and listed as somebody else's business", id)
		}
	}
	t.Logf("%d behaviours, %d of them not this library's business", len(lines), len(others))
}

// missingOf finds the lines without a test and without a reason, and the ids that are in no
// list or have both.
func missingOf(lines []*Line, named map[string]bool, others map[string]string) (missing []*Line, stale []string) {
	known := map[string]bool{}
	for _, line := range lines {
		known[line.ID] = true
		if !named[line.ID] && others[line.ID] == "" {
			missing = append(missing, line)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(named)) {
		if !known[id] || others[id] != "" {
			stale = append(stale, id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(others)) {
		if !known[id] {
			stale = append(stale, id)
		}
	}
	return missing, stale
}

// names collects the ids that the tests in a file name.
func names(file string, into map[string]bool) error {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		return err
	}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") || f.Body == nil {
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			if text, err := strconv.Unquote(lit.Value); err == nil && idForm.MatchString(text) {
				into[text] = true
			}
			return true
		})
	}
	return nil
}

// Shows marks a test, or a part of one, as the test of these behaviours.
func Shows(t testing.TB, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if !idForm.MatchString(id) {
			t.Fatalf("%q is no id of a behaviour", id)
		}
	}
}
