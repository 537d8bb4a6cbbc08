package bunstore

import (
	"database/sql"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func TestMigrationsOfBothDialectsCorrespond(t *testing.T) {
	t.Parallel()
	lite, err := migrations(Schema(SQLite))
	if err != nil {
		t.Fatal(err)
	}
	pg, err := migrations(Schema(Postgres))
	if err != nil {
		t.Fatal(err)
	}
	if len(lite) == 0 || len(lite) != len(pg) {
		t.Fatalf("%d migrations for SQLite, %d for PostgreSQL", len(lite), len(pg))
	}
	for i := range lite {
		if lite[i].name != pg[i].name || lite[i].needs != pg[i].needs ||
			len(lite[i].statements()) != len(pg[i].statements()) {
			t.Errorf("%s and %s differ in name, needs or number of statements", lite[i].name, pg[i].name)
		}
	}
}

func TestTablesHaveThePrefix(t *testing.T) {
	t.Parallel()
	for _, d := range []Dialect{SQLite, Postgres} {
		list, err := migrations(Schema(d))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			for _, s := range m.statements() {
				for _, verb := range []string{"CREATE TABLE ", "CREATE INDEX "} {
					if _, rest, ok := strings.Cut(s, verb); ok && !strings.HasPrefix(rest, "hallpass_") {
						t.Errorf("%s: %.60s", d, rest)
					}
				}
			}
		}
	}
}

func TestBadMigrationsAreRefused(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"gap":        {"0001_a.sql": "-- needs: 1\n", "0003_b.sql": "-- needs: 1\n"},
		"no needs":   {"0001_a.sql": "SELECT 1"},
		"bad name":   {"1.sql": "-- needs: 1\n"},
		"needs more": {"0001_a.sql": "-- needs: 2\n"},
		"needs none": {"0001_a.sql": "-- needs: 0\n"},
		"twice":      {"0001_a.sql": "-- needs: 1\n", "0001_b.sql": "-- needs: 1\n"},
	} {
		dir := fstest.MapFS{}
		for file, text := range files {
			dir[file] = &fstest.MapFile{Data: []byte(text)}
		}
		if got, err := migrations(dir); err == nil {
			t.Errorf("%s: read %v", name, got)
		}
	}
}

func TestUnknownDialectIsRefused(t *testing.T) {
	t.Parallel()
	for _, d := range []Dialect{0, 3, -1} {
		if _, err := New(&sql.DB{}, d); err == nil {
			t.Errorf("made a store for dialect %d", d)
		}
		if list, err := fs.ReadDir(Schema(d), "."); err == nil && len(list) > 0 && list[0].Name() != "schema" {
			t.Errorf("dialect %d has migrations", d)
		}
	}
	if _, err := New(nil, SQLite); err == nil {
		t.Error("made a store without a pool")
	}
}
