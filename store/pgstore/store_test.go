package pgstore

import (
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/bunstore"
	"github.com/hallpass-go/hallpass/store/bunstore/buntest"
	"github.com/hallpass-go/hallpass/store/internal/servicetest"
	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

// openEmpty opens a store on an empty schema.
func openEmpty(t testing.TB, cfg Config) *Store {
	t.Helper()
	if cfg.URL == "" {
		cfg.URL = pgtest.DSN(t)
	}
	st, err := OpenConfig(t.Context(), cfg)
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

// serializable opens a store whose transactions are serializable, like those of distributed
// engines.
func serializable(t testing.TB) *Store {
	t.Helper()
	return openEmpty(t, Config{URL: pgtest.Param(pgtest.DSN(t), "default_transaction_isolation", "serializable")})
}

func TestServices(t *testing.T) {
	t.Parallel()
	servicetest.Run(t, func(t *testing.T) store.Store { return openEmpty(t, Config{}) })
}

func TestServicesSerializable(t *testing.T) {
	t.Parallel()
	servicetest.Run(t, func(t *testing.T) store.Store { return serializable(t) })
}

// TestImportOfHundredThousand measures the heap, so it is not parallel.
func TestImportOfHundredThousand(t *testing.T) {
	servicetest.ImportMany(t, func(t *testing.T) store.Store { return openEmpty(t, Config{}) })
}

func TestHostTransaction(t *testing.T) {
	t.Parallel()
	st := openEmpty(t, Config{})
	buntest.HostTx(t, st.Store, st.DB())
}

func TestHostTransactionSerializable(t *testing.T) {
	t.Parallel()
	st := serializable(t)
	buntest.HostTx(t, st.Store, st.DB())
}

// counting opens a store that counts its statements.
func counting(t *testing.T, prepare bool) (*bunstore.Store, *buntest.Counter, *sql.DB) {
	t.Helper()
	cfg, err := pgx.ParseConfig(pgtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	db, c := buntest.Counting(stdlib.GetConnector(*cfg))
	st, err := bunstore.NewPools(bunstore.Pools{Writer: db, Prepare: prepare}, bunstore.Postgres)
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
	for _, prepare := range []bool{false, true} {
		st, c, _ := counting(t, prepare)
		buntest.Statements(t, st, c)
	}
}

func TestStatementsPerRequest(t *testing.T) {
	t.Parallel()
	st, c, _ := counting(t, false)
	servicetest.Statements(t, func(*testing.T) store.Store { return st }, c.Count)
}

func TestReplicasMigrateOnce(t *testing.T) {
	t.Parallel()
	for _, isolation := range []string{"read committed", "serializable"} {
		url := pgtest.Param(pgtest.DSN(t), "default_transaction_isolation", isolation)
		buntest.ParallelMigrate(t, func() *bunstore.Store {
			cfg, err := pgx.ParseConfig(url)
			if err != nil {
				t.Fatal(err)
			}
			db := stdlib.OpenDB(*cfg)
			t.Cleanup(func() { _ = db.Close() })
			st, err := bunstore.New(db, bunstore.Postgres)
			if err != nil {
				t.Fatal(err)
			}
			return st
		})
	}
}

func TestForeignSchemaVersions(t *testing.T) {
	t.Parallel()
	st := openEmpty(t, Config{})
	buntest.Versions(t, st.Store, st.DB())
}

func TestGroupPlans(t *testing.T) {
	t.Parallel()
	st, c, db := counting(t, false)
	buntest.GroupPlans(t, st, db, c, "EXPLAIN ", "hashed SubPlan", "hashed SubPlan")
}
