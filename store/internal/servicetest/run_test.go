package servicetest_test

import (
	"testing"

	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/internal/servicetest"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// The scenarios run on memstore here. The tests of each other store run them on that store.

func mem(*testing.T) store.Store { return memstore.New() }

func TestService(t *testing.T) {
	t.Parallel()
	servicetest.Run(t, mem)
}

// This test measures the heap, so it is not parallel.
func TestSec_PW11_FloodMemory(t *testing.T) { servicetest.FloodMemory(t, mem) }
