package sqlitestore

import (
	"testing"

	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/bunstore/buntest"
	"github.com/hallpass-go/hallpass/store/servicetest"
)

func TestVisibleOnTheHostsTable(t *testing.T) {
	t.Parallel()
	buntest.Visible(t, openFile(t, false).DB(), sharing.SQLite, []string{"", "bigint"}, "EXPLAIN QUERY PLAN ", "MULTI-INDEX OR")
}

func TestSharingStatements(t *testing.T) {
	t.Parallel()
	st, c, _ := counting(t)
	servicetest.SharingStatements(t, func(*testing.T) store.Store { return st }, c.Count)
}
