package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

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
