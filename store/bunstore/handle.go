package bunstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// pool is what all handles on one database share.
type pool struct {
	writer, reader *sql.DB
	dialect        Dialect
	bun            schema.Dialect
	words          words
	texts          texts
	prepare        bool // use prepared statements for the most frequent reads

	mu    sync.Mutex
	stmts map[string]*sql.Stmt // by text; prepared on reader
}

// handle runs statements on the pools or in one transaction. It is the connection resolver of
// its own bun.DB, which has no pool, so all statements of a handle take the same path.
type handle struct {
	pool  *pool
	db    *bun.DB
	conn  bun.IConn // connection of the transaction; nil on the pools
	depth int       // depth of savepoints
	state *txState  // state of the outermost transaction; nil on the pools
}

// txState is shared by the nested handles of one transaction.
type txState struct {
	lost   error // a serialization failure or deadlock: the whole transaction must run again
	broken error // the transaction may be gone: nothing more may run in it
}

func (p *pool) handle(conn bun.IConn, depth int, state *txState) *handle {
	h := &handle{pool: p, conn: conn, depth: depth, state: state}
	h.db = bun.NewDB(nil, p.bun, bun.WithDiscardUnknownColumns(), bun.WithConnResolver(h))
	return h
}

// ResolveConn chooses the connection by the type of the query. Every raw query claims to be a
// SELECT, so only a query made with bun's SELECT builder goes to the readers.
func (h *handle) ResolveConn(_ context.Context, q bun.Query) bun.IConn {
	if h.conn != nil {
		return h.conn
	}
	if _, ok := q.(*bun.SelectQuery); ok {
		return h.pool.reader
	}
	return h.pool.writer
}

// Close does nothing, because a handle owns no connection.
func (h *handle) Close() error { return nil }

// run runs fn and translates its error. Outside of a transaction it runs fn again when the
// database asks for that.
func (h *handle) run(ctx context.Context, what string, fn func() error) error {
	err := h.again(ctx, func() error {
		if h.state == nil {
			return translate(ctx, fn())
		}
		if h.state.broken != nil {
			return h.state.broken
		}
		err := translate(ctx, fn())
		h.state.note(err)
		return err
	})
	if err == nil || slices.Contains(answers, err) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// answers are results that the contract names, which are complete without saying where they
// come from.
var answers = []error{auth.ErrNotFound, auth.ErrUsernameTaken, auth.ErrEmailTaken, auth.ErrExternalIDTaken,
	auth.ErrNameTaken, auth.ErrStale, emailcode.ErrNotFound}

// exec runs a raw statement that returns no rows. It returns the number of rows that it
// changed.
func (h *handle) exec(ctx context.Context, text string, args ...any) (int, error) {
	return affected(h.db.NewRaw(text, args...).Exec(ctx))
}

// affected returns the number of rows of a result.
func affected(res sql.Result, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// find reads one row into dest with a frequent statement whose only placeholders are question
// marks. If there is no row, dest stays unchanged.
func (h *handle) find(ctx context.Context, dest any, text string, args ...any) error {
	rows, err := h.query(ctx, text, args)
	if err != nil {
		return err
	}
	return h.db.ScanRows(ctx, rows, dest)
}

func (h *handle) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	if h.conn == nil && h.pool.prepare {
		stmt, err := h.pool.stmt(ctx, text)
		if err != nil {
			return nil, err
		}
		return stmt.QueryContext(ctx, args...)
	}
	text = h.db.QueryGen().FormatQuery(text, args...)
	if h.conn != nil {
		return h.conn.QueryContext(ctx, text)
	}
	return h.pool.reader.QueryContext(ctx, text)
}

// stmt returns the prepared statement for text. Each connection of the pool prepares it when it
// first runs it.
func (p *pool) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.stmts[text]; s != nil {
		return s, nil
	}
	s, err := p.reader.PrepareContext(ctx, numbered(p.dialect, text))
	if err != nil {
		return nil, err
	}
	p.stmts[text] = s
	return s, nil
}
