package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

// Pools are the connections that a Store works on.
type Pools struct {
	// Writer runs everything that may write. A pool for SQLite has one connection, so that
	// writers queue here and not at the file. Required.
	Writer *sql.DB
	// Reader runs what only reads, outside of transactions. It must see at once what Writer has
	// committed, so a replica that lags is none. Default Writer.
	Reader *sql.DB
	// Prepare keeps the statements of the hot reads prepared. On SQLite they always are. On
	// PostgreSQL it makes them about twice as fast, and needs connections that are not shared
	// by a pooler in transaction mode. Default off.
	Prepare bool
}

// Store keeps everything in one database. It is immutable and safe for concurrent use.
type Store struct {
	pool *pool
	h    *handle
}

var _ store.Store = (*Store)(nil)

// New makes a store on the host's own pool. It does no I/O; call [Store.Migrate] before the
// first use.
func New(db *sql.DB, d Dialect) (*Store, error) {
	return NewPools(Pools{Writer: db}, d)
}

// NewPools makes a store on a pool for writing and one for reading.
func NewPools(p Pools, d Dialect) (*Store, error) {
	own := d.bun()
	switch {
	case own == nil:
		return nil, fmt.Errorf("bunstore: unknown dialect %d", d)
	case p.Writer == nil:
		return nil, errors.New("bunstore: no database pool")
	case p.Reader == nil:
		p.Reader = p.Writer
	}
	w := d.words()
	pool := &pool{
		writer: p.Writer, reader: p.Reader, dialect: d, bun: own, words: w, texts: newTexts(own, w),
		prepare: p.Prepare || d == SQLite, stmts: map[string]*sql.Stmt{},
	}
	return &Store{pool: pool, h: pool.handle(nil, 0, nil)}, nil
}

// Auth is the part for accounts.
func (s *Store) Auth() auth.Store { return accounts{s.h} }

// Sharing is the part for resources, share codes and shares.
func (s *Store) Sharing() sharing.Store { return shares{s.h} }

// Tx runs fn in a transaction: commit on nil, roll back on error or panic. In fn only the store
// handed in may be used; a nested call is a savepoint. fn runs again after a serialization
// failure or a deadlock, so it must be safe to run twice; after several losses the error is
// auth.ErrSerialization.
func (s *Store) Tx(ctx context.Context, fn func(store.Store) error) error {
	return s.h.tx(ctx, func(h *handle) error { return fn(&Store{pool: s.pool, h: h}) })
}

// WithTx gives the store inside a transaction of the host. What it does takes effect when the
// host commits; a Tx of it is a savepoint, so its failure leaves the host's work alone. Nothing
// is tried again: after auth.ErrSerialization, or any other error of a statement, the host
// rolls back and may start over. On SQLite the host begins its transactions IMMEDIATE
// (`_txlock=immediate`), else two of them can block each other.
func (s *Store) WithTx(tx *sql.Tx) store.Store {
	return &Store{pool: s.pool, h: s.pool.handle(tx, 0, new(txState))}
}

// Ping asks the pools whether the database answers: nil, auth.ErrUnavailable or the context's
// error.
func (s *Store) Ping(ctx context.Context) error {
	for _, db := range []*sql.DB{s.pool.writer, s.pool.reader} {
		if err := db.PingContext(ctx); err != nil {
			return fmt.Errorf("ping: %w", translate(ctx, err))
		}
	}
	return nil
}

// Close lets go of the prepared statements. The pools are their maker's to close.
func (s *Store) Close() error {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	var errs []error
	for text, stmt := range s.pool.stmts {
		errs = append(errs, stmt.Close())
		delete(s.pool.stmts, text)
	}
	return errors.Join(errs...)
}
