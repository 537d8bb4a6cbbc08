package servicetest

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	requirement = regexp.MustCompile(`^([A-Z]{1,2}[0-9]{2})  +\S`)
	testName    = regexp.MustCompile(`(?m)^func Test(Sec_\w+)\(`)
	id          = regexp.MustCompile(`^[A-Z]{1,2}[0-9]{2}$`)
)

// requirements returns the ids in requirements.txt.
func requirements(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line == "\n" || strings.HasPrefix(line, "#") {
			continue
		}
		m := requirement.FindStringSubmatch(line)
		if m == nil || ids[m[1]] {
			t.Fatalf("this line is not a new requirement: %q", line)
		}
		ids[m[1]] = true
	}
	return ids
}

// tested returns the ids that scenarios have, and names of tests anywhere in the repository.
func tested(t *testing.T) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for _, s := range scenarios {
		for _, id := range strings.Fields(s.ids) {
			ids[id] = true
		}
	}
	err := filepath.WalkDir("../../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range testName.FindAllSubmatch(text, -1) {
			for _, part := range strings.Split(string(m[1]), "_") {
				if id.MatchString(part) {
					ids[part] = true
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// Each id in requirements.txt has a test, and tests refer to no other ids.
func TestRequirementsHaveTests(t *testing.T) {
	t.Parallel()
	listed, tested := requirements(t), tested(t)
	for _, id := range slices.Sorted(maps.Keys(listed)) {
		if !tested[id] {
			t.Errorf("no test has the id %s", id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(tested)) {
		if !listed[id] {
			t.Errorf("requirements.txt does not have %s", id)
		}
	}
}

func TestScenariosRunOnce(t *testing.T) {
	t.Parallel()
	seen := map[any]bool{}
	for _, s := range scenarios {
		run := reflect.ValueOf(s.run).Pointer()
		if seen[s.name] || seen[run] {
			t.Errorf("%s is twice in the table", s.name)
		}
		seen[s.name], seen[run] = true, true
		for _, part := range strings.Fields(s.ids) {
			if !id.MatchString(part) {
				t.Errorf("%s: %q is not the id of a requirement", s.name, part)
			}
		}
	}
}
