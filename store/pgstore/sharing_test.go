package pgstore

import (
	"testing"

	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/bunstore/buntest"
	"github.com/hallpass-go/hallpass/store/internal/servicetest"
)

func TestVisibleOnTheHostsTable(t *testing.T) {
	t.Parallel()
	buntest.Visible(
		t, openEmpty(t, Config{}).DB(), sharing.Postgres, []string{"", "uuid", "bigint"}, "EXPLAIN ", "BitmapOr",
	)
}

func TestSharingStatements(t *testing.T) {
	t.Parallel()
	st, c, _ := counting(t, false)
	servicetest.SharingStatements(t, func(*testing.T) store.Store { return st }, c.Count)
}

func BenchmarkVisible(b *testing.B) {
	st := openEmpty(b, Config{})
	servicetest.BenchmarkVisible(b, st, servicetest.Floor{DB: st.DB(), Dollar: true, Begin: "BEGIN"})
}

func BenchmarkAcceptCode(b *testing.B) {
	st := openEmpty(b, Config{})
	servicetest.BenchmarkAcceptCode(b, st, servicetest.Floor{DB: st.DB(), Dollar: true, Begin: "BEGIN"})
}
