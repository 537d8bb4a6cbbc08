package bunstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/hallpass-go/hallpass/auth"
)

// Conn runs statements of the host. *sql.DB, *sql.Tx and *sql.Conn implement it.
type Conn interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// ConnOf returns the connection on which a hook runs its statements, as part of the hook's
// transaction. It returns false for a transaction of another kind of store. Do not commit, roll
// back, close or keep the connection.
func ConnOf(tx auth.Tx) (Conn, bool) {
	c, ok := tx.Handle().(Conn)
	return c, ok
}

// Handle returns the connection of the transaction, or nil outside of one.
func (s accounts) Handle() any {
	if s.conn == nil {
		return nil
	}
	return hostConn{s.handle}
}

// inside returns the handle of a transaction of package auth. It panics if that is one of another
// database.
func (h *handle) inside(tx auth.Tx) *handle {
	c, ok := tx.Handle().(hostConn)
	if !ok || c.h.pool != h.pool {
		panic("bunstore: the transaction is one of another database")
	}
	return c.h
}

// hostConn is the connection for statements of the host. What they meet counts for the
// transaction as if a statement of ours had met it: after a lost race it starts over, and one
// that the database has rolled back does not go on. Errors that show only while rows are read,
// or in Scan, are found at the commit.
type hostConn struct{ h *handle }

// ExecContext implements Conn.
func (c hostConn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := c.h.state.broken; err != nil {
		return nil, err
	}
	res, err := c.h.conn.ExecContext(ctx, query, args...)
	return res, c.note(ctx, err)
}

// QueryContext implements Conn.
func (c hostConn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := c.h.state.broken; err != nil {
		return nil, err
	}
	rows, err := c.h.conn.QueryContext(ctx, query, args...)
	if err == nil && rows.Err() != nil {
		err = errors.Join(rows.Err(), rows.Close())
	}
	return rows, c.note(ctx, err)
}

// QueryRowContext implements Conn. Scan returns the error.
func (c hostConn) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	// Only a query that fails returns a row with an error, so give it a context that has ended.
	if c.h.state.broken != nil {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		ctx = ended
	}
	row := c.h.conn.QueryRowContext(ctx, query, args...)
	_ = c.note(ctx, row.Err())
	return row
}

// note records what the error of a statement means for the transaction, and translates it.
func (c hostConn) note(ctx context.Context, err error) error {
	err = translate(ctx, err)
	c.h.state.note(err)
	return err
}
