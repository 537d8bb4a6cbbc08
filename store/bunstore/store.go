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
	// Writer runs everything that may write. It is required. For SQLite, give it one
	// connection, so that writers queue in the pool and not at the file.
	Writer *sql.DB
	// Reader runs reads outside of transactions. It must see at once what Writer has committed,
	// so a replica that lags behind is not suitable. nil means Writer.
	Reader *sql.DB
	// Prepare uses prepared statements for the most frequent reads. On SQLite they are always
	// prepared. On PostgreSQL it makes them about twice as fast, but does not work behind a
	// pooler in transaction mode.
	Prepare bool
}

// Store keeps everything in one database. It is immutable and safe for concurrent use.
type Store struct {
	pool *pool
	h    *handle
}

var _ store.Store = (*Store)(nil)

// New makes a store on the host's own pool. It does no I/O. Call [Store.Migrate] before the
// first use.
func New(db *sql.DB, d Dialect) (*Store, error) {
	return NewPools(Pools{Writer: db}, d)
}

// NewPools makes a store on a pool for writing and a pool for reading. It does no I/O.
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

// Auth returns the part for accounts.
func (s *Store) Auth() auth.Store { return accounts{s.h} }

// Sharing returns the part for resources, share codes and shares.
func (s *Store) Sharing() sharing.Store { return shares{s.h} }

// Tx runs fn in a transaction. It commits if fn returns nil and rolls back on an error or
// panic. In fn, use only the store that is passed in; a nested call is a savepoint. Tx runs fn
// again after a serialization failure or a deadlock, so fn must be safe to run twice. After too
// many attempts it returns auth.ErrSerialization.
func (s *Store) Tx(ctx context.Context, fn func(store.Store) error) error {
	return s.h.tx(ctx, func(h *handle) error { return fn(&Store{pool: s.pool, h: h}) })
}

// WithTx returns the store inside a transaction of the host. Its changes take effect when the
// host commits. A Tx of it is a savepoint, so its failure leaves the host's work alone. Nothing
// is retried: after auth.ErrSerialization, or any other error of a statement, the host must
// roll back and may start over. On SQLite, begin the host's transactions IMMEDIATE
// (`_txlock=immediate`); otherwise two of them can block each other.
func (s *Store) WithTx(tx *sql.Tx) store.Store {
	return &Store{pool: s.pool, h: s.pool.handle(tx, 0, new(txState))}
}

// Ping checks whether the database answers on each pool. It returns nil, auth.ErrUnavailable or
// the context's error.
func (s *Store) Ping(ctx context.Context) error {
	for _, db := range []*sql.DB{s.pool.writer, s.pool.reader} {
		if err := db.PingContext(ctx); err != nil {
			return fmt.Errorf("ping: %w", translate(ctx, err))
		}
	}
	return nil
}

// Close closes the prepared statements. It does not close the pools; whoever made them does.
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
