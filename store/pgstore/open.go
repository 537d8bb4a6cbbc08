package pgstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/hallpass-go/hallpass/store/bunstore"
)

// Config says which database to open and how.
type Config struct {
	// URL is a connection URL or a list of key=value words, in the form of libpq. It is
	// required. Over a network it should have sslmode=verify-full, and sslrootcert=FILE unless
	// a public authority signed the server's certificate. Anybody in between can listen to
	// every weaker mode.
	URL string
	// MaxConns limits the connections of this process. 0 means twice the number of cores, but
	// at least 10.
	MaxConns int
	// Prepare uses prepared statements for the most frequent reads, which makes them about
	// twice as fast. Leave it off behind a pooler in transaction mode, unless the pooler
	// supports prepared statements.
	Prepare bool
}

// Store is a bunstore.Store that owns its connections.
type Store struct {
	*bunstore.Store
	db *sql.DB
}

// Open connects to the database at url and migrates it. It returns the errors of
// [bunstore.Store.Migrate], and auth.ErrUnavailable if it can't connect.
func Open(ctx context.Context, url string) (*Store, error) {
	return OpenConfig(ctx, Config{URL: url})
}

// OpenConfig connects to a database and migrates it. Its errors are those of Open.
func OpenConfig(ctx context.Context, cfg Config) (*Store, error) {
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	return s, nil
}

func open(ctx context.Context, cfg Config) (*Store, error) {
	switch {
	case cfg.URL == "":
		// The driver would read the environment.
		return nil, errors.New("no URL")
	case cfg.MaxConns < 0:
		return nil, errors.New("MaxConns is negative")
	case cfg.MaxConns == 0:
		cfg.MaxConns = max(10, 2*runtime.NumCPU())
	}
	conn, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		return nil, err
	}
	// No statement outlives its transaction, so a pooler may give each transaction another
	// connection.
	conn.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn.StatementCacheCapacity, conn.DescriptionCacheCapacity = 0, 0
	s := &Store{db: stdlib.OpenDB(*conn)}
	s.db.SetMaxOpenConns(cfg.MaxConns)
	s.db.SetMaxIdleConns(cfg.MaxConns)
	s.db.SetConnMaxIdleTime(5 * time.Minute)
	s.Store, err = bunstore.NewPools(bunstore.Pools{Writer: s.db, Prepare: cfg.Prepare}, bunstore.Postgres)
	if err == nil {
		err = s.Migrate(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// DB returns the pool. A host with tables in the same database begins a transaction here and
// passes it to WithTx.
func (s *Store) DB() *sql.DB { return s.db }

// Close closes the connections. The store must no longer be in use.
func (s *Store) Close() error {
	return errors.Join(s.Store.Close(), s.db.Close())
}
