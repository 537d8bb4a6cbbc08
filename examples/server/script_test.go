package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

// TestMain lets the test binary be the command, for scripts and for tests that need a process
// of their own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"server": main})
}

// TestScripts runs the command line as people type it.
func TestScripts(t *testing.T) {
	t.Parallel()
	hosttest.Scripts(t, "server")
}
