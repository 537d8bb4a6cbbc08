package main

import (
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

// TestMain lets the test binary be the command, for scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"userauth": main})
}

// TestScripts runs the command line as an operator types it. Each script has a directory and an
// environment of its own.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		Deadline:            time.Now().Add(2 * time.Minute), // for a server that starts where it should refuse
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"refused": hosttest.Refused("userauth"),
		},
	})
}
