package sqlitestore

import (
	"path/filepath"
	"testing"

	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/bunstore/buntest"
	"github.com/hallpass-go/hallpass/store/internal/servicetest"
)

func TestVisibleOnTheHostsTable(t *testing.T) {
	t.Parallel()
	buntest.Visible(
		t, openFile(t, false).DB(), sharing.SQLite, []string{"", "bigint"}, "EXPLAIN QUERY PLAN ", "MULTI-INDEX OR",
	)
}

func TestSharingStatements(t *testing.T) {
	t.Parallel()
	st, c, _ := counting(t)
	servicetest.SharingStatements(t, func(*testing.T) store.Store { return st }, c.Count)
}

func BenchmarkVisible(b *testing.B) {
	st, err := Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	servicetest.BenchmarkVisible(b, st, servicetest.Floor{DB: st.DB(), Dollar: false, Begin: "BEGIN IMMEDIATE"})
}

func BenchmarkAcceptCode(b *testing.B) {
	st, err := Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	servicetest.BenchmarkAcceptCode(b, st, servicetest.Floor{DB: st.DB(), Dollar: false, Begin: "BEGIN IMMEDIATE"})
}
