package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the command, for scripts and for tests that need a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"server": main})
}

// TestScripts runs the command line as an operator types it. Each script has a directory and an environment of its own.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		Deadline:            time.Now().Add(2 * time.Minute), // for a server that starts where it should refuse
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"refused": refused},
	})
}

// refused wants the last command to have said one line, which holds the pattern.
func refused(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: refused PATTERN")
	}
	said := ts.ReadFile("stderr")
	if !strings.HasPrefix(said, "server: ") || strings.Count(said, "\n") != 1 || !strings.HasSuffix(said, "\n") {
		ts.Fatalf("not one line: %q", said)
	}
	if !regexp.MustCompile(args[0]).MatchString(said) {
		ts.Fatalf("%q does not match %s", said, args[0])
	}
}
