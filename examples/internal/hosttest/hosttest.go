// Package hosttest is what the tests of the example programs share.
package hosttest

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// Buffer is a buffer that a server can write to while a test reads it.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (s *Buffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String returns what was written so far.
func (s *Buffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// Await waits until a server prints its URL, and returns it. The URL is the first group of the
// pattern.
func Await(t testing.TB, where *regexp.Regexp, out, log *Buffer) string {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if m := where.FindStringSubmatch(out.String()); m != nil {
			return m[1]
		}
	}
	t.Fatalf("the server does not start: %s", log)
	return ""
}

// Scripts runs the scripts in testdata. Each script has a folder and an environment of its own.
func Scripts(t *testing.T, program string) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		Deadline:            time.Now().Add(2 * time.Minute), // for a server that starts but should refuse to
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"refused": refused(program),
		},
	})
}

// Start runs a command line that serves, until stop is called or the test ends. It has to end
// well.
func Start(
	t testing.TB, run func(ctx context.Context, out, log *Buffer) (status int),
) (out, log *Buffer, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	out, log = &Buffer{}, &Buffer{}
	status := make(chan int, 1)
	go func() { status <- run(ctx, out, log) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case got := <-status:
			if got != 0 {
				t.Errorf("status %d: %s", got, log)
			}
		case <-time.After(20 * time.Second):
			t.Error("the server does not end")
		}
	})
	t.Cleanup(stop)
	return out, log, stop
}

// refused is a command for scripts. It checks that the last command of the program printed one
// line of error, and that the line matches a pattern.
func refused(program string) func(ts *testscript.TestScript, neg bool, args []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 1 {
			ts.Fatalf("usage: refused PATTERN")
		}
		said := ts.ReadFile("stderr")
		if !strings.HasPrefix(said, program+": ") || strings.Count(said, "\n") != 1 || !strings.HasSuffix(said, "\n") {
			ts.Fatalf("not one line: %q", said)
		}
		if !regexp.MustCompile(args[0]).MatchString(said) {
			ts.Fatalf("%q does not match %s", said, args[0])
		}
	}
}
