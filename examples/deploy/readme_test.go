package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// recorder stands for tools that need an engine or a cluster. It writes its name and arguments
// to a file, one per line, and an empty line.
const recorder = `#!/bin/sh
printf '%s\n' "${0##*/}" "$@" '' >>"$RECORD"
`

// The commands of the README about deployment work as printed, as far as that is possible
// without an engine and a cluster: the files for docker exist, and the charts for helm can be
// rendered.
func TestReadmeDeploys(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	if err := os.CopyFS(filepath.Join(top, "examples/deploy"), os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	// the secrets of a developer who tries Compose here
	if err := os.RemoveAll(filepath.Join(top, "examples/deploy/secrets")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, block := range regexp.MustCompile("(?s)```bash\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for _, call := range record(t, top, block[1]) {
			seen[strings.Join(call[:2], " ")]++
			switch {
			case call[0] == "helm":
				readmeHelm(t, call)
			case slices.Equal(call[:2], []string{"docker", "build"}):
				readmeBuild(t, call)
			case slices.Equal(call[:2], []string{"docker", "run"}):
				readmeRun(t, call)
			}
		}
	}
	if seen["docker build"] != 1 || seen["docker run"] != 1 || seen["docker compose"] != 2 ||
		seen["helm install"] != 2 || seen["kubectl create"] != 1 || len(seen) != 5 {
		t.Errorf("the README calls %v", seen)
	}
	readmeSecrets(t, filepath.Join(top, "examples/deploy"))
}

// record runs a block as if it was pasted, and returns the calls of the tools.
func record(t *testing.T, top, script string) (calls [][]string) {
	t.Helper()
	bin := t.TempDir()
	for _, tool := range []string{"docker", "helm", "kubectl"} {
		if err := os.WriteFile(filepath.Join(bin, tool), []byte(recorder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	notes := filepath.Join(bin, "notes")
	cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = top, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "RECORD="+notes)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	text, err := os.ReadFile(notes)
	if err != nil {
		t.Fatal(err)
	}
	for call := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n\n"), "\n\n") {
		calls = append(calls, strings.Split(call, "\n"))
	}
	return calls
}

// after returns the word after a flag.
func after(t *testing.T, call []string, flag string) string {
	t.Helper()
	i := slices.Index(call, flag)
	if i < 0 || i+1 == len(call) {
		t.Fatalf("%q has no %s", call, flag)
	}
	return call[i+1]
}

const readmeImage = "hallpass-server"

func readmeBuild(t *testing.T, call []string) {
	t.Helper()
	if file := after(t, call, "-f"); file != "examples/deploy/"+dockerfile || call[len(call)-1] != "." ||
		after(t, call, "-t") != readmeImage {
		t.Errorf("%q", call)
	}
	programNamed(t, strings.TrimPrefix(after(t, call, "--build-arg"), "PROGRAM="))
}

// readmeRun starts the program with the environment of docker run, in a container with a volume
// and a read-only root.
func readmeRun(t *testing.T, call []string) {
	t.Helper()
	p := programNamed(t, "server")
	if call[len(call)-1] != readmeImage || after(t, call, "-p") != "127.0.0.1:"+p.port+":"+p.port ||
		!strings.HasSuffix(after(t, call, "-v"), ":/data") {
		t.Errorf("%q", call)
	}
	name, value, _ := strings.Cut(after(t, call, "-e"), "=")
	c := container{
		program: p, env: imageEnv(t, p.name, map[string]string{name: value}), files: map[string]string{"/data/": ""},
	}
	r := c.start(t)
	r.wants(t, "/readyz")
	r.end(t)
	if left := r.left(t); !slices.Equal(left, []string{"hallpass.db", "hallpass.key"}) {
		t.Errorf("the volume has %q", left)
	}
}

func readmeHelm(t *testing.T, call []string) {
	t.Helper()
	if call[1] != "install" || call[3] != "examples/deploy/chart" {
		t.Fatalf("%q", call)
	}
	o := render(t, call[4:]...)
	if strings.Contains(strings.Join(call, " "), "database=postgres") != (volume(t, o, "data").EmptyDir != nil) {
		t.Errorf("%q keeps data in %+v", call, volume(t, o, "data"))
	}
}

// readmeSecrets checks the files that the commands made for Compose: they are mounted, and
// belong together.
func readmeSecrets(t *testing.T, dir string) {
	t.Helper()
	project, err := readCompose(t.Context(), filepath.Join(dir, composeFiles["server"]))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for name, secret := range project.Secrets {
		text, err := os.ReadFile(secret.File)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(secret.File)
		if err != nil || info.Mode().Perm() != 0o444 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
		texts[name] = strings.TrimSpace(string(text))
	}
	db, password := project.Services["postgres"].Environment, texts["postgres-password"]
	if len(password) != 48 || texts["database-url"] !=
		"postgres://"+*db["POSTGRES_USER"]+":"+password+"@postgres/"+*db["POSTGRES_DB"]+"?sslmode=disable" {
		t.Error("the database has another password, name or user than the server is told")
	}
	if info, err := os.Stat(filepath.Join(dir, "secrets")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("secrets: mode %v, %v", info.Mode(), err)
	}
}
