package httpadapter_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/httpadapter"
)

type authConfig = auth.Config

var update = flag.Bool("update", false, "write the golden files anew")

func TestOpenAPIGolden(t *testing.T) {
	w := setup(t)
	a := w.do("GET", "/auth/openapi.json", "")
	w.want(a, 200, "")
	const golden = "testdata/openapi.json"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(a.body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if a.body != string(want) {
		t.Error("the API changed: review it and run go test ./httpadapter -run OpenAPI -update")
	}
}

func TestReferencePage(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, path := range []string{"/auth/redoc", "/auth/redocs"} {
		a := w.do("GET", path, "")
		w.want(a, 200, "")
		for _, text := range []string{"/auth/users/{user}", "too_many_attempts", "too_common", "Retry-After"} {
			if !strings.Contains(a.body, text) {
				t.Errorf("%s lacks %q", path, text)
			}
		}
		if strings.Contains(a.body, "<script") || strings.Contains(a.body, "http://") || strings.Contains(a.body, "https://") {
			t.Errorf("%s loads something", path)
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(
			csp, "default-src 'none'; style-src 'sha256-",
		) {
			t.Errorf("CSP %s", csp)
		}
	}
	hidden := setup(t, func(_ *auth.Config, c *httpadapter.Config) { c.HideDocs = true })
	for _, path := range []string{"/auth/redoc", "/auth/openapi.json"} {
		hidden.want(hidden.do("GET", path, ""), 404, "not_found")
	}
}

// Every sentinel that packages auth and sharing export, in whatever file, has a row in the
// table of errors.
func TestEveryErrorIsInTheTable(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	for pkg, least := range map[string]int{"auth": 30, "sharing": 4} {
		if n := everyError(t, pkg, string(table), "{"+pkg+".%s,"); n < least {
			t.Errorf("only %d sentinels of %s", n, pkg)
		}
	}
}

// everyError checks that source has each sentinel of a package, in this form, and says how many
// there are.
func everyError(t *testing.T, dir, source, form string) (n int) {
	t.Helper()
	files, err := filepath.Glob("../" + dir + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(node ast.Node) bool {
			v, ok := node.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for _, name := range v.Names {
				if !strings.HasPrefix(name.Name, "Err") {
					continue
				}
				if n++; !strings.Contains(source, fmt.Sprintf(form, name.Name)) {
					t.Errorf("%s of %s has no row", name.Name, file)
				}
			}
			return true
		})
	}
	return n
}
