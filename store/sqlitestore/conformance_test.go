package sqlitestore

import (
	"testing"

	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/memstore"
	"github.com/hallpass-go/hallpass/store/storetest"
)

func pooled(t *testing.T) store.Store { return openFile(t, false) }
func single(t *testing.T) store.Store { return openFile(t, true) }

func TestStore(t *testing.T)           { storetest.Run(t, pooled) }
func TestStoreConcurrent(t *testing.T) { storetest.RunConcurrent(t, pooled) }

// With one connection, work that uses the outer store inside a transaction waits for itself, so
// that a test fails.
func TestStoreOnOneConnection(t *testing.T)           { storetest.Run(t, single) }
func TestStoreConcurrentOnOneConnection(t *testing.T) { storetest.RunConcurrent(t, single) }

// TestSec_ID06_AgreesWithMemory checks that all equality and order is by bytes.
func TestSec_ID06_AgreesWithMemory(t *testing.T) {
	storetest.Differential(t, pooled, func(*testing.T) store.Store { return memstore.New() })
}
