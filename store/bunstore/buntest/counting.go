package buntest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"sync/atomic"
)

// Counter counts statements. It does not count BEGIN, COMMIT and savepoints, which do no work
// of their own.
type Counter struct {
	n    atomic.Int64
	last atomic.Value
}

// Count returns the number of statements so far.
func (c *Counter) Count() int { return int(c.n.Load()) }

// Last returns the text of the last statement, including values that the store has put into the
// text itself.
func (c *Counter) Last() string { return c.last.Load().(string) }

func (c *Counter) add(text string) {
	verb, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	switch strings.ToUpper(verb) {
	case "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE":
	default:
		c.n.Add(1)
		c.last.Store(text)
	}
}

// Counting opens a pool that counts its statements.
func Counting(inner driver.Connector) (*sql.DB, *Counter) {
	c := new(Counter)
	return sql.OpenDB(connector{inner, c}), c
}

type connector struct {
	driver.Connector
	c *Counter
}

func (k connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{inner, k.c}, nil
}

// conn passes everything on. The drivers in use have all optional methods that it calls. For a
// driver that lacks one, conn tells database/sql to do without.
type conn struct {
	driver.Conn
	c *Counter
}

func (k *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	inner, ok := k.Conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	k.c.add(text)
	return inner.QueryContext(ctx, text, args)
}

func (k *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	inner, ok := k.Conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	k.c.add(text)
	return inner.ExecContext(ctx, text, args)
}

func (k *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return k.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
}

func (k *conn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	s, err := k.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return &stmt{s, text, k.c}, nil
}

type stmt struct {
	driver.Stmt
	text string
	c    *Counter
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.c.add(s.text)
	return s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.c.add(s.text)
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}
