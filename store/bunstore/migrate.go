package bunstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

var (
	// ErrNewerSchema means that a newer version migrated the database and this version no
	// longer works with it.
	ErrNewerSchema = errors.New("the database needs a newer version of the program")
	// ErrChangedMigration means that a migration was applied which differs from this version's
	// migration with that number.
	ErrChangedMigration = errors.New("an applied migration differs from the program's")
	// ErrForeignKeys means that the connections of a SQLite pool do not enforce foreign keys.
	ErrForeignKeys = errors.New("SQLite connections need PRAGMA foreign_keys = on")
)

// migration is one numbered file. Its first line names the oldest version of the code that
// works with the resulting schema. The version of code is the highest migration number that it
// knows.
type migration struct {
	version  int
	name     string
	needs    int
	checksum string
	text     string
}

var (
	migrationName  = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`)
	migrationNeeds = regexp.MustCompile(`^-- needs: (\d+)\n`)
)

// migrations reads the files of a dialect, oldest first.
func migrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	var list []migration
	for i, file := range names {
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, err
		}
		name, needs := migrationName.FindStringSubmatch(file), migrationNeeds.FindStringSubmatch(string(text))
		if name == nil || needs == nil {
			return nil, fmt.Errorf("migration %s: bad name or first line", file)
		}
		m := migration{name: name[2], text: string(text)}
		m.version, _ = strconv.Atoi(name[1])
		m.needs, _ = strconv.Atoi(needs[1])
		sum := sha256.Sum256(text)
		m.checksum = hex.EncodeToString(sum[:])
		if m.version != i+1 || m.needs < 1 || m.needs > m.version {
			return nil, fmt.Errorf("migration %s: numbers must go up by one, and needs may not exceed them", file)
		}
		list = append(list, m)
	}
	return list, nil
}

// statements splits a file at semicolons that end a line, because one round trip of the
// extended protocol takes one statement.
func (m migration) statements() []string {
	var list []string
	for s := range strings.SplitSeq(m.text, ";\n") {
		if strings.TrimSpace(s) != "" {
			list = append(list, s)
		}
	}
	return list
}

type migrationRow struct {
	bun.BaseModel `bun:"table:hallpass_migrations"`

	Version   int    `bun:"version,pk"`
	Name      string `bun:"name"`
	Checksum  string `bun:"checksum"`
	Needs     int    `bun:"needs"`
	AppliedAt moment `bun:"applied_at"`
}

// Migrate brings the tables, which all have the prefix hallpass_, to the form that this version
// needs. Any number of replicas may call it at once: each migration runs once, in the same
// transaction as the record of it. A database may be newer as long as its migrations say that
// this version still works with it; otherwise Migrate returns ErrNewerSchema. It returns
// ErrChangedMigration if an applied migration is not the one that this version has, and
// ErrForeignKeys if SQLite does not enforce foreign keys.
func (s *Store) Migrate(ctx context.Context) error {
	list, err := migrations(Schema(s.pool.dialect))
	if err == nil {
		err = s.migrate(ctx, list)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func (s *Store) migrate(ctx context.Context, list []migration) error {
	return s.h.migrationTx(ctx, func(h *handle) error {
		return h.run(ctx, "apply", func() error {
			if err := h.prepareMigrations(ctx); err != nil {
				return err
			}
			todo, err := h.pending(ctx, list)
			if err != nil {
				return err
			}
			for _, m := range todo {
				if err := h.apply(ctx, m); err != nil {
					return fmt.Errorf("%04d_%s: %w", m.version, m.name, err)
				}
			}
			return nil
		})
	})
}

// pending returns the migrations that have not been applied.
func (h *handle) pending(ctx context.Context, list []migration) ([]migration, error) {
	var rows []migrationRow
	if err := h.db.NewSelect().Model(&rows).OrderExpr("version").Scan(ctx); err != nil {
		return nil, err
	}
	applied := map[int]bool{}
	for _, r := range rows {
		applied[r.Version] = true
		switch {
		case r.Version > len(list) && r.Needs > len(list):
			return nil, fmt.Errorf("%w: %04d_%s", ErrNewerSchema, r.Version, r.Name)
		case r.Version >= 1 && r.Version <= len(list) && r.Checksum != list[r.Version-1].checksum:
			return nil, fmt.Errorf("%w: %04d_%s", ErrChangedMigration, r.Version, r.Name)
		}
	}
	var todo []migration
	for _, m := range list {
		if !applied[m.version] {
			todo = append(todo, m)
		}
	}
	return todo, nil
}

func (h *handle) apply(ctx context.Context, m migration) error {
	for _, text := range m.statements() {
		if _, err := h.conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	_, err := h.db.NewInsert().Model(&migrationRow{
		Version: m.version, Name: m.name, Checksum: m.checksum, Needs: m.needs, AppliedAt: at(time.Now()),
	}).Exec(ctx)
	return err
}

// Pending returns the names of the migrations that Migrate would run, for a readiness check. It
// is empty once all are applied. It can return ErrNewerSchema and ErrChangedMigration.
func (s *Store) Pending(ctx context.Context) ([]string, error) {
	list, err := migrations(Schema(s.pool.dialect))
	if err != nil {
		return nil, fmt.Errorf("pending migrations: %w", err)
	}
	var names []string
	err = s.h.run(ctx, "pending migrations", func() error {
		todo := list
		known, err := s.h.hasMigrations(ctx)
		if err == nil && known {
			todo, err = s.h.pending(ctx, list)
		}
		names = nil
		for _, m := range todo {
			names = append(names, fmt.Sprintf("%04d_%s", m.version, m.name))
		}
		return err
	})
	return names, err
}

// advisoryKey identifies the lock for which starting replicas queue: "hallpass" in ASCII.
const advisoryKey = 0x68616c6c70617373

const migrationsTable = `CREATE TABLE IF NOT EXISTS hallpass_migrations (
  version    integer NOT NULL PRIMARY KEY,
  name       text    NOT NULL,
  checksum   text    NOT NULL,
  needs      integer NOT NULL,
  applied_at %s      NOT NULL
)`

// migrationTx runs fn in a transaction that excludes other migrations. On PostgreSQL it is READ
// COMMITTED whatever the database's default: a snapshot taken before the lock would not show
// what the others did.
func (h *handle) migrationTx(ctx context.Context, fn func(*handle) error) error {
	if h.state != nil {
		return errors.New("not inside a transaction")
	}
	return h.again(ctx, func() error {
		if h.pool.dialect == SQLite {
			return h.immediate(ctx, fn)
		}
		return h.beginWith(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, fn)
	})
}

// prepareMigrations checks what the package relies on, waits for its turn and creates the table
// of migrations.
func (h *handle) prepareMigrations(ctx context.Context) error {
	if h.pool.dialect == SQLite {
		var on bool
		if err := h.conn.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&on); err != nil {
			return err
		}
		if !on {
			return ErrForeignKeys
		}
		_, err := h.conn.ExecContext(ctx, fmt.Sprintf(migrationsTable, "integer"))
		return err
	}
	// Values are quoted by doubling quotes, which is safe only if a backslash has no special
	// meaning.
	var standard string
	if err := h.conn.QueryRowContext(ctx, "SHOW standard_conforming_strings").Scan(&standard); err != nil {
		return err
	}
	if standard != "on" {
		return errors.New("standard_conforming_strings must be on")
	}
	if _, err := h.conn.ExecContext(
		ctx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(advisoryKey)),
	); err != nil {
		return err
	}
	_, err := h.conn.ExecContext(ctx, fmt.Sprintf(migrationsTable, "timestamptz"))
	return err
}

// hasMigrations reports whether the table of migrations exists.
func (h *handle) hasMigrations(ctx context.Context) (has bool, err error) {
	text := "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'hallpass_migrations')"
	if h.pool.dialect == Postgres {
		text = "SELECT to_regclass('hallpass_migrations') IS NOT NULL"
	}
	err = h.pool.writer.QueryRowContext(ctx, text).Scan(&has)
	return has, err
}
