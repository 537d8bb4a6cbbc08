package sqlitestore

import (
	"database/sql"
	"path/filepath"
	"testing"

	"modernc.org/sqlite"

	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/bunstore"
	"github.com/hallpass-go/hallpass/store/bunstore/buntest"
	"github.com/hallpass-go/hallpass/store/internal/servicetest"
)

// openFile opens a store on a new file.
func openFile(t testing.TB, single bool) *Store {
	t.Helper()
	st, err := OpenConfig(t.Context(), Config{Path: filepath.Join(t.TempDir(), "test.db"), SingleConnection: single})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return st
}

func TestServices(t *testing.T) {
	t.Parallel()
	servicetest.Run(t, func(t *testing.T) store.Store { return openFile(t, false) })
}

func TestServicesOnOneConnection(t *testing.T) {
	t.Parallel()
	servicetest.Run(t, func(t *testing.T) store.Store { return openFile(t, true) })
}

// TestImportOfHundredThousand measures the heap, so it is not parallel.
func TestImportOfHundredThousand(t *testing.T) {
	servicetest.ImportMany(t, func(t *testing.T) store.Store { return openFile(t, false) })
}

func TestHostTransaction(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	buntest.HostTx(t, st.Store, st.DB())
}

// counting opens a store on one connection that counts its statements.
func counting(t *testing.T) (*bunstore.Store, *buntest.Counter, *sql.DB) {
	t.Helper()
	connector, err := sqlite.NewConnector(dsn(filepath.Join(t.TempDir(), "counted.db"), writerPragmas))
	if err != nil {
		t.Fatal(err)
	}
	db, c := buntest.Counting(connector)
	db.SetMaxOpenConns(1)
	st, err := bunstore.New(db, bunstore.SQLite)
	if err == nil {
		err = st.Migrate(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = st.Close(), db.Close() })
	return st, c, db
}

func TestStatementsPerOperation(t *testing.T) {
	t.Parallel()
	st, c, _ := counting(t)
	buntest.Statements(t, st, c)
}

func TestStatementsPerRequest(t *testing.T) {
	t.Parallel()
	st, c, _ := counting(t)
	servicetest.Statements(t, func(*testing.T) store.Store { return st }, c.Count)
}

func TestReplicasMigrateOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fresh.db")
	buntest.ParallelMigrate(t, func() *bunstore.Store {
		db, err := connect(path, 1, writerPragmas)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		st, err := bunstore.New(db, bunstore.SQLite)
		if err != nil {
			t.Fatal(err)
		}
		return st
	})
}

func TestForeignSchemaVersions(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	buntest.Versions(t, st.Store, st.DB())
}

func TestForeignKeysAreDemanded(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "host.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	st, err := bunstore.New(db, bunstore.SQLite)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Migrate(t.Context()); err == nil {
		t.Error("migrated a pool whose connections do not enforce foreign keys")
	}
}

func TestGroupPlans(t *testing.T) {
	t.Parallel()
	st, c, db := counting(t)
	buntest.GroupPlans(t, st, db, c, "EXPLAIN QUERY PLAN ", "SCAN u", "LIST SUBQUERY")
}
