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

// One connection is the tripwire for work that uses the outer store inside a transaction: it
// waits for itself.
func TestStoreOnOneConnection(t *testing.T)           { storetest.Run(t, single) }
func TestStoreConcurrentOnOneConnection(t *testing.T) { storetest.RunConcurrent(t, single) }

// TestSec_ID06_AgreesWithMemory: every equality and every order is the one of bytes.
func TestSec_ID06_AgreesWithMemory(t *testing.T) {
	storetest.Differential(t, pooled, func(*testing.T) store.Store { return memstore.New() })
}
