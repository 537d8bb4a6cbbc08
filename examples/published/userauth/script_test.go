package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

// TestMain lets the test binary be the command for scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"userauth": main})
}

// TestScripts runs the command line as people type it.
func TestScripts(t *testing.T) {
	t.Parallel()
	hosttest.Scripts(t, "userauth")
}
