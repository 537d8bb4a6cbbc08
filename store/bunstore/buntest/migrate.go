package buntest

import (
	"database/sql"
	"errors"
	"sync"
	"testing"

	"github.com/hallpass-go/hallpass/store/bunstore"
)

// ParallelMigrate starts eight replicas at once on an empty database. Function open makes a
// store for each without migrating it.
func ParallelMigrate(t *testing.T, open func() *bunstore.Store) {
	st := open()
	pending, err := st.Pending(t.Context())
	if err != nil || len(pending) == 0 {
		t.Fatalf("an empty database has pending %v, %v", pending, err)
	}
	var all sync.WaitGroup
	for range 8 {
		one := open()
		all.Go(func() {
			if err := one.Migrate(t.Context()); err != nil {
				t.Errorf("migrate: %v", err)
			}
		})
	}
	all.Wait()
	if pending, err = st.Pending(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("afterwards %v is pending, %v", pending, err)
	}
}

// Versions checks which databases a store refuses. It needs a migrated database.
func Versions(t *testing.T, st *bunstore.Store, db *sql.DB) {
	for _, s := range []struct {
		name, change, undo string
		want               error
	}{
		{
			"AheadButCompatible",
			"INSERT INTO hallpass_migrations SELECT 999, 'later', 'x', 1, applied_at" +
				" FROM hallpass_migrations WHERE version = 1",
			"DELETE FROM hallpass_migrations WHERE version = 999", nil,
		},
		{
			"AheadAndIncompatible",
			"INSERT INTO hallpass_migrations SELECT 999, 'later', 'x', 999, applied_at" +
				" FROM hallpass_migrations WHERE version = 1",
			"DELETE FROM hallpass_migrations WHERE version = 999", bunstore.ErrNewerSchema,
		},
		{
			"Changed",
			"UPDATE hallpass_migrations SET name = checksum, checksum = 'x' WHERE version = 1",
			"UPDATE hallpass_migrations SET checksum = name WHERE version = 1", bunstore.ErrChangedMigration,
		},
	} {
		if _, err := db.ExecContext(t.Context(), s.change); err != nil {
			t.Fatal(err)
		}
		if err := st.Migrate(t.Context()); !errors.Is(err, s.want) {
			t.Errorf("%s: Migrate returned %v, want %v", s.name, err, s.want)
		}
		if _, err := st.Pending(t.Context()); !errors.Is(err, s.want) {
			t.Errorf("%s: Pending returned %v, want %v", s.name, err, s.want)
		}
		if _, err := db.ExecContext(t.Context(), s.undo); err != nil {
			t.Fatal(err)
		}
	}
}
