package deploy

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

func ignored(t *testing.T) *patternmatcher.PatternMatcher {
	t.Helper()
	file, err := os.Open("../../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The builder gets every file that the programs are made of.
func TestContextIsWhole(t *testing.T) {
	t.Parallel()
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	m := ignored(t)
	for _, p := range programs {
		files := sources(t, top, "./"+p.folder)
		if len(files) < 100 {
			t.Errorf("%s: made of %d files", p.name, len(files))
		}
		for _, file := range files {
			if skipped, err := m.MatchesOrParentMatches(file); skipped || err != nil {
				t.Errorf("%s: %s does not reach the builder (%v)", p.name, file, err)
			}
		}
	}
}

// sources returns the files of the repository that a package is made of.
func sources(t *testing.T, top, pkg string) (files []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Dir,Module,GoFiles,EmbedFiles", pkg)
	cmd.Dir, cmd.Env = "..", append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			Dir                 string
			Module              struct{ GoMod string }
			GoFiles, EmbedFiles []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return files
		} else if err != nil {
			t.Fatal(err)
		}
		for _, name := range append(append(p.GoFiles, p.EmbedFiles...), "") {
			path := filepath.Join(p.Dir, name)
			if name == "" {
				path = p.Module.GoMod
			}
			if rel, err := filepath.Rel(top, path); err == nil && filepath.IsLocal(rel) {
				files = append(files, rel)
			}
		}
	}
}

// The builder gets no private files of a working tree.
func TestContextHasNoSecrets(t *testing.T) {
	t.Parallel()
	m := ignored(t)
	for _, file := range []string{
		".git/config", "hallpass.db", "hallpass.db-wal", "hallpass.key", "sqlite3.db",
		"examples/published/userauth/sqlite3.db-shm", "examples/server/hallpass.key",
		"cookies.txt", "host.txt", ".env", "examples/deploy/.env", "examples/deploy/secrets/postgres-password",
		"secrets/x",
	} {
		if skipped, err := m.MatchesOrParentMatches(file); !skipped || err != nil {
			t.Errorf("%s reaches the builder (%v)", file, err)
		}
	}
}
