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

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// The commands of the README work as printed, in order; only the port is another one.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	expect := map[string][]string{
		"/auth/users -H":       {`"username":"ada"`, `"status":"active"`},
		"/auth/whoami":         {`"kind":"user"`, `"current":true`},
		"/users/me/logins":     {`"outcome":"success"`},
		"/auth/token":          {`"token_type":"Bearer"`, `"refresh_token":"hp_ref_`},
		"localhost:8080/hello": {"Hello, ada."},
	}
	dir, addr := t.TempDir(), ""
	seen := map[string]bool{}
	for _, block := range shellBlock.FindAllStringSubmatch(string(text), -1) {
		script := block[1]
		if program, ok := strings.CutPrefix(script, "go run ./"); ok {
			words := strings.Fields(program)
			addr = start(t, filepath.Base(words[0]), words[1:])
			continue
		}
		if strings.HasPrefix(script, "go test work") {
			continue // this very run
		}
		script = strings.NewReplacer("127.0.0.1:8080", addr, "localhost:8080", strings.Replace(addr, "127.0.0.1", "localhost", 1)).Replace(script)
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
		for what, parts := range expect {
			if !strings.Contains(block[1], what) {
				continue
			}
			seen[what] = true
			for _, part := range parts {
				if !strings.Contains(string(out), part) {
					t.Errorf("%s\nanswered %s, which lacks %s", script, out, part)
				}
			}
		}
	}
	if len(seen) != len(expect) {
		t.Errorf("of the tour, only %v was there", seen)
	}
}

// start builds one of the examples and starts it in a directory of its own.
func start(t *testing.T, name string, args []string) (addr string) {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, name)
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./"+name).CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = ln.Addr().String()
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	host := strings.Replace(addr, "127.0.0.1", "localhost", 1)
	cmd := exec.CommandContext(t.Context(), binary, append(args, "--addr", map[string]string{"quickstart": host}[name]+map[string]string{"server": addr}[name])...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() })
	waitFor(t, "http://"+addr+"/auth/policy")
	return addr
}

func waitFor(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
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
