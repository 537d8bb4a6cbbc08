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
	// URL is a connection URL or a list of key=value words, as libpq takes them. Over a network
	// it says sslmode=verify-full, and sslrootcert=FILE unless the server's certificate is of a
	// public authority: every weaker mode can be listened to by who sits in between. Required.
	URL string
	// MaxConns bounds the connections of this process. Default twice the cores, at least 10.
	MaxConns int
	// Prepare keeps the statements of the hot reads prepared, which makes them about twice as
	// fast. Not behind a pooler that shares connections between transactions, unless it knows
	// about prepared statements. Default off.
	Prepare bool
}

// Store is a bunstore.Store that owns its connections.
type Store struct {
	*bunstore.Store
	db *sql.DB
}

// Open connects to the database that url names and migrates it.
func Open(ctx context.Context, url string) (*Store, error) {
	return OpenConfig(ctx, Config{URL: url})
}

// OpenConfig connects to a database and migrates it.
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
		return nil, errors.New("no URL") // the driver would take what the environment says
	case cfg.MaxConns < 0:
		return nil, errors.New("MaxConns is negative")
	case cfg.MaxConns == 0:
		cfg.MaxConns = max(10, 2*runtime.NumCPU())
	}
	conn, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		return nil, err
	}
	// No statement outlives its transaction, so a pooler may hand each transaction another
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

// DB is the pool, for a host that keeps its own tables in the same database: it begins a
// transaction here and hands it to WithTx.
func (s *Store) DB() *sql.DB { return s.db }

// Close closes the connections. The store must not be in use any more.
func (s *Store) Close() error {
	return errors.Join(s.Store.Close(), s.db.Close())
}
