package pgstore

import (
	"testing"

	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/internal/servicetest"
)

func openBench(tb testing.TB) store.Store { return openEmpty(tb, Config{}) }

func BenchmarkPasswordSignIn(b *testing.B) { servicetest.BenchmarkPasswordSignIn(b, openBench) }
func BenchmarkAuthenticate(b *testing.B)   { servicetest.BenchmarkAuthenticate(b, openBench) }
func BenchmarkRefresh(b *testing.B)        { servicetest.BenchmarkRefresh(b, openBench) }

func TestFloodMemory(t *testing.T) {
	servicetest.FloodMemory(t, func(t *testing.T) store.Store { return openBench(t) })
}
