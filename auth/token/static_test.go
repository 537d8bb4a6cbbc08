package token_test

import (
	"encoding/json"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// root is the folder that holds all modules.
const root = "../.."

// source is a parsed file that is not a test.
type source struct {
	name string // path from root, with slashes
	file *ast.File
}

// sources parses the files in the folders. A folder that does not exist yet counts as empty.
func sources(t *testing.T, fset *token.FileSet, folders ...string) []source {
	t.Helper()
	var all []source
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(root, folder)); os.IsNotExist(err) {
			continue
		}
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			hidden := strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && d.Name() != "."
			if d.IsDir() && (hidden || d.Name() == "testdata") {
				return filepath.SkipDir
			}
			if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(root, path)
			all = append(all, source{filepath.ToSlash(rel), f})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// uses calls report for each selector pkg.name in a file, for the package with the given path.
func uses(f *ast.File, path string, report func(ast.Node, string)) {
	for _, imp := range f.Imports {
		if p, _ := strconv.Unquote(imp.Path.Value); p != path {
			continue
		}
		local := path[strings.LastIndexByte(path, '/')+1:]
		if imp.Name != nil {
			local = imp.Name.Name
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == local {
					report(n, sel.Sel.Name)
				}
			}
			return true
		})
	}
}

// Only code that waits and generators of test data import randomness that can be predicted.
func TestSec_TK01_NoForetoldRandomness(t *testing.T) {
	t.Parallel()
	may := []string{"store/bunstore/tx.go"}
	tests := []string{"store/storetest/", "store/internal/servicetest/", "store/bunstore/buntest/", "auth/authtest/"}
	all := sources(t, token.NewFileSet(), ".")
	if len(all) < 50 {
		t.Fatalf("only %d files", len(all))
	}
	for _, s := range all {
		if slices.Contains(may, s.name) || slices.ContainsFunc(
			tests, func(dir string) bool { return strings.HasPrefix(s.name, dir) },
		) {
			continue
		}
		for _, imp := range s.file.Imports {
			if path, _ := strconv.Unquote(imp.Path.Value); path == "math/rand" || path == "math/rand/v2" {
				t.Errorf("%s imports %s", s.name, path)
			}
		}
	}
}

// Time comes from Config.Now, and only its default names the clock. Package password measures
// how long hashing took, which an injected clock could not tell.
func TestSec_IO09_OneClock(t *testing.T) {
	t.Parallel()
	clock := []string{"Now", "Since", "Until", "Sleep", "Tick"}
	fset, found := token.NewFileSet(), 0
	for _, s := range sources(t, fset, "auth", "scopes", "sharing") {
		uses(s.file, "time", func(n ast.Node, name string) {
			switch {
			case !slices.Contains(clock, name):
			case s.name == "auth/password/hasher.go":
			case name == "Now" && (s.name == "auth/config.go" || s.name == "sharing/config.go") && !called(s.file, n):
				found++
			default:
				t.Errorf("%s: time.%s", fset.Position(n.Pos()), name)
			}
		})
		for _, imp := range s.file.Imports {
			if path, _ := strconv.Unquote(imp.Path.Value); strings.HasPrefix(path, "math/rand") ||
				imp.Name != nil && imp.Name.Name == "." {
				t.Errorf("%s imports %s", s.name, path)
			}
		}
	}
	if found == 0 || found > 2 {
		t.Errorf("the clock is the default at %d places", found)
	}
}

// called reports whether fun is called rather than only named.
func called(f *ast.File, fun ast.Node) bool {
	yes := false
	ast.Inspect(f, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && c.Fun == fun {
			yes = true
		}
		return !yes
	})
	return yes
}

// Secrets, their hashes and bytes are compared in constant time. Comparing Secrets with == does
// not compile. This test finds the ways around it: their text, hashes, bytes turned into
// strings, and helpers that stop at the first difference.
func TestSec_EN07_ConstantTimeComparisons(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	built := exports(t)
	for path, files := range byPackage(sources(t, fset, "auth")) {
		info := check(t, built, fset, path, files)
		for _, f := range files {
			for _, bad := range comparisons(f, info) {
				t.Errorf("%s: secrets or bytes compared until the first difference", fset.Position(bad.Pos()))
			}
		}
	}
}

func TestSec_EN07_FindsComparisons(t *testing.T) {
	t.Parallel()
	const text = `package p
import ("bytes"; "encoding/json"; "slices"; "reflect"; "strings"; "github.com/hallpass-go/hallpass/auth/token")
func f(s token.Secret, h, g token.Hash, a, b []byte, j json.RawMessage, x string, m map[string]int) (n int) {
	_ = h == (token.Hash{}) || x == "y" || len(a) == 0 || a == nil || m[s.Reveal()] == 2 || string(j) == x
	_ = s.Reveal() == x // bad
	_ = x != s.Reveal() // bad
	_ = h == g // bad
	_ = h != s.Hash() // bad
	_ = string(a) == x // bad
	_ = bytes.Equal(a, b) // bad
	_ = bytes.Compare(a, b) // bad
	_ = slices.Equal(a, b) // bad
	_ = reflect.DeepEqual(h, g) // bad
	_ = strings.EqualFold(s.Reveal(), x) // bad
	switch h { // bad
	}
	switch s.Reveal() { // bad
	}
	switch x {
	}
	return 0
}`
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]bool{}
	for _, bad := range comparisons(f, check(t, exports(t), fset, "p", []*ast.File{f})) {
		got[fset.Position(bad.Pos()).Line] = true
	}
	for i, line := range strings.Split(text, "\n") {
		if want := strings.HasSuffix(line, "// bad"); want != got[i+1] {
			t.Errorf("%s: found %v", line, got[i+1])
		}
	}
}

// comparisons returns the places that compare secrets, hashes or bytes byte by byte.
func comparisons(f *ast.File, info *types.Info) (bad []ast.Node) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && !isZero(n.X) && !isZero(n.Y) &&
				(secretive(n.X, info) || secretive(n.Y, info)) {
				bad = append(bad, n)
			}
		case *ast.SwitchStmt:
			if n.Tag != nil && secretive(n.Tag, info) {
				bad = append(bad, n)
			}
		case *ast.CallExpr:
			if helper(n, info) && slices.ContainsFunc(
				n.Args, func(e ast.Expr) bool { return secretive(e, info) || isBytes(info.TypeOf(e)) },
			) {
				bad = append(bad, n)
			}
		}
		return true
	})
	return bad
}

// secretive reports whether e is the text of a secret, a hash of one, or bytes turned into a
// string.
func secretive(e ast.Expr, info *types.Info) bool {
	e = ast.Unparen(e)
	if named, ok := types.Unalias(info.TypeOf(e)).(*types.Named); ok && named.Obj().Pkg() != nil &&
		strings.HasSuffix(named.Obj().Pkg().Path(), "auth/token") &&
		(named.Obj().Name() == "Hash" || named.Obj().Name() == "Secret") {
		return true
	}
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	if sel, ok := c.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Reveal" {
		return true
	}
	return len(c.Args) == 1 && info.Types[c.Fun].IsType() && isBytes(info.TypeOf(c.Args[0]))
}

// isBytes reports whether t is []byte. Named types of bytes, such as JSON, are not secrets.
func isBytes(t types.Type) bool {
	s, ok := types.Unalias(t).(*types.Slice)
	if !ok {
		return false
	}
	b, ok := s.Elem().Underlying().(*types.Basic)
	return ok && b.Kind() == types.Byte
}

// isZero reports whether e is T{} or "". Asking whether there is a secret reveals nothing of
// it.
func isZero(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return len(e.Elts) == 0
	case *ast.BasicLit:
		return e.Value == `""`
	}
	return false
}

// helper reports whether a call is to a function that compares and stops at the first
// difference.
func helper(c *ast.CallExpr, info *types.Info) bool {
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fun, ok := info.Uses[sel.Sel].(*types.Func)
	return ok && slices.Contains([]string{
		"bytes.Equal", "bytes.EqualFold", "bytes.Compare", "slices.Equal", "slices.Compare", "reflect.DeepEqual",
		"strings.EqualFold", "strings.Compare",
	}, fun.FullName())
}

func byPackage(all []source) map[string][]*ast.File {
	files := map[string][]*ast.File{}
	for _, s := range all {
		dir := s.name[:strings.LastIndexByte(s.name, '/')]
		files[dir] = append(files[dir], s.file)
	}
	return files
}

// check finds the types of everything in a package of the root module.
func check(t *testing.T, built map[string]string, fset *token.FileSet, path string, files []*ast.File) *types.Info {
	t.Helper()
	open := func(path string) (io.ReadCloser, error) { return os.Open(built[path]) }
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	cfg := types.Config{Importer: importer.ForCompiler(fset, "gc", open)}
	if _, err := cfg.Check("github.com/hallpass-go/hallpass/"+path, fset, files, info); err != nil {
		t.Fatal(err)
	}
	return info
}

// exports returns where the compiled types of each package are that auth or these tests import.
func exports(t *testing.T) map[string]string {
	t.Helper()
	built := map[string]string{}
	for _, dir := range []string{"auth", "auth/mail/smtpmail"} { // the second is a module of its own
		cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Export", "./...")
		cmd.Dir = filepath.Join(root, dir)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for d := json.NewDecoder(strings.NewReader(string(out))); ; {
			var p struct{ ImportPath, Export string }
			if err := d.Decode(&p); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			built[p.ImportPath] = p.Export
		}
	}
	return built
}
