package hallpass_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What the form of the tree may be at most. A tab counts four columns.
const (
	maxCode      = 120 // columns of a line of Go
	maxComment   = 96  // columns of a comment that has a line of its own
	maxMarkdown  = 96  // columns of a line of Markdown
	maxFile      = 500 // lines of a Go file
	maxTestFile  = 900 // lines of a Go file that only tests use
	maxFrontDoor = 700 // lines of package hallpass
	maxAuthDoc   = 130 // lines of go doc -short ./auth
)

// Without tests, no package has more files than this.
const maxFiles, maxAuthFiles = 35, 45

// No exported type has more exported methods than this.
const maxMethods, maxServiceMethods = 40, 65

// source is a Go file of the tree.
type source struct {
	path  string // from the root, with slashes
	text  []byte
	lines []string
	fset  *token.FileSet
	file  *ast.File
}

// test reports whether only tests use the file.
func (s source) test() bool {
	return strings.HasSuffix(s.path, "_test.go") || testPackage(s.path)
}

// testPackage reports whether a path is inside a package that is there for tests.
func testPackage(path string) bool {
	for part := range strings.SplitSeq(filepath.ToSlash(filepath.Dir(path)), "/") {
		if strings.HasSuffix(part, "test") {
			return true
		}
	}
	return false
}

// sources reads every Go file of the repository.
func sources(t *testing.T) (all []source) {
	t.Helper()
	for _, path := range tree(t, ".go") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := source{path: path, text: text, lines: lines(text), fset: token.NewFileSet()}
		if s.file, err = parser.ParseFile(s.fset, path, text, parser.ParseComments); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// tree lists the files with an extension. It stays out of folders that begin with a dot.
func tree(t *testing.T, ext string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && len(path) > 1 && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if err == nil && !d.IsDir() && filepath.Ext(path) == ext {
			paths = append(paths, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files end in %s: %v", ext, err)
	}
	return paths
}

func lines(text []byte) []string { return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") }

// width counts the columns of a line.
func width(line string) int { return utf8.RuneCountInString(line) + 3*strings.Count(line, "\t") }

// Lines of Go end at column 120 and comments at column 96. Free of that are lines with a URL or
// a struct tag, and the rows of a table in a test.
func TestGoIsNotTooWide(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		free := s.free()
		for i, line := range s.lines {
			most := maxCode
			if comment := strings.TrimSpace(line); strings.HasPrefix(comment, "// ") {
				most = maxComment
			}
			if n := width(line); n > most && !free[i+1] && !strings.Contains(line, "://") {
				t.Errorf("%s:%d: %d columns, at most %d", s.path, i+1, n, most)
			}
		}
	}
}

// free gives the lines that may be wider: struct tags, and in tests what is inside of a list or
// map, but for the functions there.
func (s source) free() map[int]bool {
	free := map[int]bool{}
	mark := func(n ast.Node, to bool) {
		for i := s.fset.Position(n.Pos()).Line; i <= s.fset.Position(n.End()).Line; i++ {
			free[i] = to
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			if n.Tag != nil {
				mark(n.Tag, true)
			}
		case *ast.CompositeLit:
			switch n.Type.(type) {
			case *ast.ArrayType, *ast.MapType:
				mark(n, s.test())
			}
		case *ast.FuncLit:
			mark(n.Body, false)
		}
		return true
	})
	return free
}

// Markdown ends at column 96, but for tables, code, headings and lines with a URL.
func TestMarkdownIsWrapped(t *testing.T) {
	t.Parallel()
	for _, path := range tree(t, ".md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		code := false
		for i, line := range lines(text) {
			start := strings.TrimSpace(line)
			if strings.HasPrefix(start, "```") {
				code = !code
			}
			if code || strings.HasPrefix(start, "|") || strings.HasPrefix(start, "#") || strings.Contains(line, "://") {
				continue
			}
			if n := width(line); n > maxMarkdown {
				t.Errorf("%s:%d: %d columns, at most %d", path, i+1, n, maxMarkdown)
			}
		}
	}
}

func TestFilesAreNotTooLong(t *testing.T) {
	t.Parallel()
	front := 0
	for _, s := range sources(t) {
		most := maxFile
		if s.test() {
			most = maxTestFile
		}
		if n := len(s.lines); n > most {
			t.Errorf("%s: %d lines, at most %d", s.path, n, most)
		}
		if !s.test() && !strings.Contains(s.path, "/") {
			front += len(s.lines)
		}
	}
	if front > maxFrontDoor {
		t.Errorf("package hallpass: %d lines, at most %d", front, maxFrontDoor)
	}
}

func TestPackagesHaveFewFiles(t *testing.T) {
	t.Parallel()
	files := map[string]int{}
	for _, s := range sources(t) {
		if !s.test() {
			files[filepath.ToSlash(filepath.Dir(s.path))]++
		}
	}
	for dir, n := range files {
		most := maxFiles
		if dir == "auth" {
			most = maxAuthFiles
		}
		if n > most {
			t.Errorf("%s: %d files, at most %d", dir, n, most)
		}
	}
}

func TestTypesHaveFewMethods(t *testing.T) {
	t.Parallel()
	methods := map[string]int{}
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.IsExported() && !s.test() {
				methods[filepath.ToSlash(filepath.Dir(s.path))+"."+receiver(f)]++
			}
		}
	}
	for name, n := range methods {
		most := maxMethods
		if name == "auth.Service" {
			most = maxServiceMethods
		}
		if typ := name[strings.LastIndex(name, ".")+1:]; n > most && ast.IsExported(typ) {
			t.Errorf("%s: %d exported methods, at most %d", name, n, most)
		}
	}
}

// receiver gives the name of the type that a method belongs to.
func receiver(f *ast.FuncDecl) string {
	typ := f.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

func TestAuthIsReadInOneSitting(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "doc", "-short", "./auth").Output()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(slices.Collect(bytes.Lines(out))); n > maxAuthDoc {
		t.Errorf("go doc -short ./auth: %d lines, at most %d", n, maxAuthDoc)
	}
}
