package behaviours

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Lines without a test are found, and so are ids that are in no list. Comments and other
// functions do not count.
func TestMissingIsFound(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x_test.go")
	source := "package x\n" +
		"func TestA(t *T) { Shows(t, \"some-001\", `some-002`) /* \"some-003\" */ }\n// \"some-003\"\n" +
		"func helper() { Shows(\"some-003\") }\nfunc (x) TestB() { Shows(\"some-003\") }\n" +
		"var all = \"some-003\"\nfunc TestC() { _ = \"see some-003\" }\n"
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	if err := names(file, named); err != nil {
		t.Fatal(err)
	}
	lines := []*Line{{ID: "some-001"}, {ID: "some-003"}, {ID: "some-004"}, {ID: "some-005"}}
	missing, stale := missingOf(lines, named, map[string]string{
		"some-001": "both", "some-004": "a reason", "some-005": "", "some-006": "gone",
	})
	var ids []string
	for _, line := range missing {
		ids = append(ids, line.ID)
	}
	if !slices.Equal(ids, []string{"some-003", "some-005"}) ||
		!slices.Equal(stale, []string{"some-001", "some-002", "some-006"}) {
		t.Errorf("missing %v, stale %v", ids, stale)
	}
}
