package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

// TestMain lets the test binary be the command for scripts, and a client that is killed while
// it writes.
func TestMain(m *testing.M) {
	if path := os.Getenv("SYFTBOX_TEST_WRITE"); path != "" {
		writeForEver(path)
	}
	testscript.Main(m, map[string]func(){"syftbox": main})
}

// TestScripts runs the command line as people type it.
func TestScripts(t *testing.T) {
	t.Parallel()
	hosttest.Scripts(t, "syftbox")
}
