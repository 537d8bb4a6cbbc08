package servicetest_test

import (
	"testing"

	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/internal/servicetest"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// The scenarios run here on memstore. Each database runs them in the tests of its store.

func mem(*testing.T) store.Store { return memstore.New() }

func TestService(t *testing.T) {
	t.Parallel()
	servicetest.Run(t, mem)
}

// Not parallel: it measures the heap.
func TestSec_PW11_FloodMemory(t *testing.T) { servicetest.FloodMemory(t, mem) }
