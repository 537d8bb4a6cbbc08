package auth_test

import (
	"testing"

	"go.uber.org/goleak"
)

// The package starts no goroutine: none is left when its tests have ended.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
