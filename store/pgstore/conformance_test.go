package pgstore

import (
	"testing"

	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/memstore"
	"github.com/hallpass-go/hallpass/store/storetest"
)

func committed(t *testing.T) store.Store       { return openEmpty(t, Config{MaxConns: 20}) }
func prepared(t *testing.T) store.Store        { return openEmpty(t, Config{MaxConns: 20, Prepare: true}) }
func serializableAny(t *testing.T) store.Store { return serializable(t) }

func TestStore(t *testing.T)                       { storetest.Run(t, committed) }
func TestStorePrepared(t *testing.T)               { storetest.Run(t, prepared) }
func TestStoreSerializable(t *testing.T)           { storetest.Run(t, serializableAny) }
func TestStoreConcurrent(t *testing.T)             { storetest.RunConcurrent(t, committed) }
func TestStoreConcurrentSerializable(t *testing.T) { storetest.RunConcurrent(t, serializableAny) }

// TestSec_ID06_AgreesWithMemory checks that all equality and order is by bytes.
func TestSec_ID06_AgreesWithMemory(t *testing.T) {
	storetest.Differential(t, committed, func(*testing.T) store.Store { return memstore.New() })
}
