package deploy

import (
	"debug/buildinfo"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var (
	building sync.Mutex
	built    = map[string]string{}
)

// build runs the build step of the Dockerfile as it is, but writes elsewhere, and returns the
// binary.
func (p program) build(t *testing.T) string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	if path := built[p.name]; path != "" {
		return path
	}
	command, env := buildStep(t)
	out := filepath.Join(scratch, "out") + "/"
	cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.Replace(command, "-o /out/ ", "-o "+out+" ", 1))
	cmd.Dir = ".." // where WORKDIR is
	cmd.Env = append(
		os.Environ(), "PROGRAM="+p.name, "VERSION=v0.0.0-test", "TARGETOS="+runtime.GOOS, "TARGETARCH="+runtime.GOARCH,
	)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, said)
	}
	built[p.name] = out + p.name
	return out + p.name
}

// The binary of the image needs nothing of the system, and does not show where it was built.
func TestBuildStep(t *testing.T) {
	t.Parallel()
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			path := p.build(t)
			file, err := elf.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			for _, part := range file.Progs {
				if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
					t.Errorf("it has a %s", part.Type)
				}
			}
			if libraries, err := file.ImportedLibraries(); err != nil || len(libraries) > 0 {
				t.Errorf("it imports %q, %v", libraries, err)
			}
			info, err := buildinfo.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			settings := map[string]string{}
			for _, s := range info.Settings {
				settings[s.Key] = s.Value
			}
			if settings["CGO_ENABLED"] != "0" || settings["-trimpath"] != "true" {
				t.Errorf("settings %v", settings)
			}
			cmd := exec.CommandContext(t.Context(), path, p.about...)
			cmd.Env, cmd.Dir = []string{}, t.TempDir()
			if said, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(said), p.says) {
				t.Errorf("%v: %q, %v", p.about, said, err)
			}
		})
	}
}
