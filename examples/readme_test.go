package examples

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```") // package deploy tests the blocks of bash
	goBlock    = regexp.MustCompile("(?s)```go\n(.*?)```")
	folderRow  = regexp.MustCompile("(?m)^\\| (`[^|]+) \\|")
	quoted     = regexp.MustCompile("`([^`]+)`")
	link       = regexp.MustCompile(`\]\(([^):]+)\)`)
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answers maps a part of a command in the README's tour to parts of its answer.
var answers = map[string][]string{
	"8080/auth/users -H":    {`"username":"ada"`, `"status":"active"`},
	"8080/auth/sessions -H": {`"session":{"id":"`},
	"/auth/whoami":          {`"kind":"user"`, `"current":true`},
	"/users/me/logins":      {`"outcome":"success"`, `"ip":"127.0.0.1"`},
	"/auth/token":           {`"token_type":"Bearer"`, `"refresh_token":"hp_ref_`},
	"localhost:8080/hello":  {"Hello, ada."},
}

// The commands of the README work as printed and in order, on another port.
func TestReadmeTour(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), ""
	seen, started := map[string]bool{}, 0
	for _, block := range shellBlock.FindAllStringSubmatch(readme(t), -1) {
		script := block[1]
		if program, ok := strings.CutPrefix(script, "go run ./examples/"); ok {
			words := strings.Fields(program)
			port = start(t, words[0], words[1:])
			started++
			continue
		}
		if script == "go test work\n" {
			continue // this is what runs now
		}
		out := shell(t, dir, strings.ReplaceAll(script, ":8080", ":"+port))
		for what, parts := range answers {
			if !strings.Contains(script, what) {
				continue
			}
			seen[what] = true
			for _, part := range parts {
				if !strings.Contains(out, part) {
					t.Errorf("%s\nanswered %s, which lacks %s", script, out, part)
				}
			}
		}
	}
	if len(seen) != len(answers) || started != 3 {
		t.Errorf("of the tour, only %v was there, with %d programs", seen, started)
	}
}

// shell runs a block as if it was pasted.
func shell(t *testing.T, dir, script string) string {
	t.Helper()
	if strings.Contains(script, ":8080") || !strings.Contains(script, "curl -s") {
		t.Fatalf("a block that this test does not know:\n%s", script)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", strings.ReplaceAll(
		script, "curl -s", "curl -s --fail-with-body",
	))
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// start builds one of the examples and starts it on a free port, in a folder of its own.
func start(t *testing.T, name string, args []string) (port string) {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, filepath.Base(name))
	if out, err := exec.CommandContext(
		t.Context(), "go", "build", "-o", binary, "./"+name,
	).CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	port = freePort(t)
	// the addresses in the README
	host := map[string]string{"quickstart": "localhost", "server": "127.0.0.1", "published/userauth": "127.0.0.1"}[name]
	cmd := exec.CommandContext(t.Context(), binary, append(args, "--addr", host+":"+port)...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the context has ended; the exit status does not matter here
	waitFor(t, "http://"+host+":"+port+"/auth/policy")
	return port
}

func freePort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func waitFor(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if r, err := http.Get(url); err == nil {
			_ = r.Body.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the program does not answer")
}

// The Go code in the README is part of quickstart or notes, which are compiled and tested.
func TestReadmeShowsHosts(t *testing.T) {
	t.Parallel()
	have := ""
	for _, name := range []string{"quickstart/main.go", "notes/main.go"} {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		have += withoutIndent(string(source))
	}
	blocks := goBlock.FindAllStringSubmatch(readme(t), -1)
	if len(blocks) == 0 {
		t.Fatal("no Go code")
	}
	for _, b := range blocks {
		if !strings.Contains(have, withoutIndent(b[1])) {
			t.Errorf("this is in no host:\n%s", b[1])
		}
	}
}

// A host needs at most 12 lines for hallpass: the first Go block in the README, and one line in
// the handler.
func TestQuickstartIsShort(t *testing.T) {
	t.Parallel()
	lines := 1
	for line := range strings.Lines(goBlock.FindStringSubmatch(readme(t))[1]) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			lines++
		}
	}
	if lines > 12 {
		t.Errorf("%d lines", lines)
	}
}

func withoutIndent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}

// The folders and files that the README names exist.
func TestReadmeNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	text := readme(t)
	rows := folderRow.FindAllStringSubmatch(text, -1)
	if len(rows) < 5 {
		t.Fatalf("%d rows of folders", len(rows))
	}
	var paths []string
	for _, row := range rows {
		for _, name := range quoted.FindAllStringSubmatch(row[1], -1) {
			paths = append(paths, name[1])
		}
	}
	for _, l := range link.FindAllStringSubmatch(text, -1) {
		paths = append(paths, l[1])
	}
	for _, path := range paths {
		if _, err := os.Stat(filepath.Join("..", path)); err != nil {
			t.Error(err)
		}
	}
}
