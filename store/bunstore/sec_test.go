package bunstore

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSec_IO04_NoTextSlipsIntoSQL checks that this package never uses what bun treats as raw
// SQL or as an unquoted name, and that it formats only constants, numbers and its own words
// into statements.
func TestSec_IO04_NoTextSlipsIntoSQL(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	raw := map[string]bool{"Safe": true, "Ident": true, "Name": true, "SafeQuery": true, "UnsafeIdent": true}
	formats := map[string]bool{ // functions that may format SQL with fmt.Sprintf
		"begins": true, "prepareMigrations": true, "savepoint": true, "Pending": true, "Error": true, "list": true,
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Clean(name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				from, _ := sel.X.(*ast.Ident)
				switch {
				case from == nil:
				case (from.Name == "bun" || from.Name == "schema") && raw[sel.Sel.Name]:
					t.Errorf("%s: %s uses %s.%s", name, f.Name.Name, from.Name, sel.Sel.Name)
				case from.Name == "fmt" && sel.Sel.Name == "Sprintf" && !formats[f.Name.Name]:
					t.Errorf("%s: %s formats text; say here that no input is in it", name, f.Name.Name)
				}
				return true
			})
		}
	}
}
