package sqlitestore

import (
	"path/filepath"
	"testing"

	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/internal/servicetest"
)

func openBench(tb testing.TB) store.Store {
	tb.Helper()
	st, err := Open(tb.Context(), filepath.Join(tb.TempDir(), "bench.db"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = st.Close() })
	return st
}

func BenchmarkPasswordSignIn(b *testing.B) { servicetest.BenchmarkPasswordSignIn(b, openBench) }
func BenchmarkAuthenticate(b *testing.B)   { servicetest.BenchmarkAuthenticate(b, openBench) }
func BenchmarkRefresh(b *testing.B)        { servicetest.BenchmarkRefresh(b, openBench) }

func TestFloodMemory(t *testing.T) {
	servicetest.FloodMemory(t, func(t *testing.T) store.Store { return openBench(t) })
}
