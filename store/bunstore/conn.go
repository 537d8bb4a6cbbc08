package bunstore

import (
	"context"
	"database/sql"

	"github.com/hallpass-go/hallpass/auth"
)

// Conn runs statements of the host. *sql.DB, *sql.Tx and *sql.Conn are some.
type Conn interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// ConnOf gives what a hook runs its statements on: they are part of the hook's transaction. false for the transaction of
// another kind of store. Don't commit, roll back or close what is behind it, and don't keep it.
func ConnOf(tx auth.Tx) (Conn, bool) {
	c, ok := tx.Handle().(Conn)
	return c, ok
}

// Handle gives the transaction's connection; nil on the pools.
func (s accounts) Handle() any {
	if s.conn == nil {
		return nil
	}
	return s.conn
}
