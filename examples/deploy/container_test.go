package deploy

import (
	"bytes"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// container is what a platform starts from an image. A folder stands for its root: absolute
// paths in arguments and environment are moved there. The port is a free one, and the program
// gets no other environment.
type container struct {
	program
	args  []string
	env   map[string]string
	files map[string]string // mounted files: content by path; the path of a folder ends in a slash
}

// running is a container whose program was started.
type running struct {
	cmd  *exec.Cmd
	env  []string
	root string
	url  string
	said *syncBuffer
}

func (c container) start(t *testing.T) *running {
	t.Helper()
	r := &running{root: t.TempDir(), said: &syncBuffer{}}
	for path, text := range c.files {
		file := filepath.Join(r.root, path)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "/") {
			if err := os.MkdirAll(file, 0o700); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(file, []byte(text), 0o440); err != nil {
			t.Fatal(err)
		}
	}
	port := freePort(t)
	r.url = "http://127.0.0.1:" + port
	here := func(value string) string {
		switch {
		case value == c.port:
			return port
		case strings.HasPrefix(value, "/"):
			return filepath.Join(r.root, value)
		}
		return strings.ReplaceAll(value, ":"+c.port, ":"+port)
	}
	for name, value := range c.env {
		r.env = append(r.env, name+"="+here(value))
	}
	r.env = append(r.env, "TMPDIR="+filepath.Join(r.root, "tmp"))
	r.cmd = exec.CommandContext(t.Context(), c.build(t))
	for _, arg := range c.args {
		r.cmd.Args = append(r.cmd.Args, here(arg))
	}
	r.cmd.Dir, r.cmd.Env, r.cmd.Stdout, r.cmd.Stderr = filepath.Join(r.root, "data"), r.env, r.said, r.said
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// wants waits for an answer with status 200.
func (r *running) wants(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		answer, err := http.Get(r.url + path)
		if err != nil {
			continue
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatalf("%s does not answer: %s", path, r.said)
}

// ask runs the program again in the container, as its health check does.
func (r *running) ask(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), r.cmd.Path, args...)
	cmd.Dir, cmd.Env = r.cmd.Dir, r.env
	said, err := cmd.CombinedOutput()
	return string(said), err
}

// end stops the program as platforms do.
func (r *running) end(t *testing.T) {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, r.said)
	}
}

// left returns the files that the program made in its working directory.
func (r *running) left(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(r.cmd.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// imageEnv returns the environment of an image, with that of the platform added.
func imageEnv(t *testing.T, name string, over map[string]string) map[string]string {
	t.Helper()
	stages, _ := readDockerfile(t)
	env := environment(stages["base"])
	maps.Copy(env, environment(stages[name]))
	maps.Copy(env, over)
	return env
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

// syncBuffer is a buffer that a program can write to while the test reads it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
