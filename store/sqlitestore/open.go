package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/hallpass-go/hallpass/store/bunstore"
)

// memory is the path of a database that lives as long as its store.
const memory = ":memory:"

// Config says which database to open and how.
type Config struct {
	// Path of the file. It is created with mode 0600, missing directories above it with 0700.
	// ":memory:" is a database of its own, gone with Close. Required.
	Path string
	// SingleConnection reads and writes on one connection. For tests: work that uses a store
	// outside of the transaction it is in hangs, where it might go unnoticed otherwise. Default
	// off.
	SingleConnection bool
}

// Store is a bunstore.Store that owns its connections.
type Store struct {
	*bunstore.Store
	cfg            Config
	writer, reader *sql.DB
}

// Open opens or creates the database file at path and migrates it.
func Open(ctx context.Context, path string) (*Store, error) {
	return OpenConfig(ctx, Config{Path: path})
}

// OpenConfig opens or creates a database file and migrates it.
func OpenConfig(ctx context.Context, cfg Config) (*Store, error) {
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Path, explain(err))
	}
	return s, nil
}

func open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Path == memory {
		cfg.SingleConnection = true // each connection would have a database of its own
	} else {
		abs, err := prepareFile(cfg.Path)
		if err != nil {
			return nil, err
		}
		cfg.Path = abs
	}
	s := &Store{cfg: cfg}
	var err error
	if s.writer, err = connect(cfg.Path, 1, writerPragmas); err != nil {
		return nil, err
	}
	pools := bunstore.Pools{Writer: s.writer}
	if !cfg.SingleConnection {
		if s.reader, err = connect(cfg.Path, max(4, runtime.NumCPU()), readerPragmas); err != nil {
			return nil, errors.Join(err, s.Close())
		}
		pools.Reader = s.reader
	}
	if s.Store, err = bunstore.NewPools(pools, bunstore.SQLite); err == nil {
		err = s.Migrate(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Pragmas of each connection. The timeout comes first, so that it covers the others.
var (
	common        = []string{"busy_timeout(5000)", "foreign_keys(1)", "synchronous(FULL)"}
	writerPragmas = append(common[:len(common):len(common)], "journal_mode(WAL)", "journal_size_limit(67108864)")
	readerPragmas = append(common[:len(common):len(common)], "query_only(1)")
)

// connect makes a pool whose connections stay open.
func connect(path string, most int, pragmas []string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, pragmas))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}

// dsn writes the path as a URI, so that no character of it can be taken for a parameter.
func dsn(path string, pragmas []string) string {
	file := "file:" + memory
	if path != memory {
		slashed := filepath.ToSlash(path)
		if slashed[0] != '/' { // a drive letter
			slashed = "/" + slashed
		}
		file = "file://" + (&url.URL{Path: slashed}).EscapedPath()
	}
	return file + "?" + url.Values{"_txlock": {"immediate"}, "_pragma": pragmas}.Encode()
}

// DB is the pool of the one connection that writes. A host that keeps its own tables in the
// same file begins its transactions here and hands them to WithTx; they take the write lock at
// once. Reads that are not part of a transaction are better off on a pool of the host's own.
func (s *Store) DB() *sql.DB { return s.writer }

// Close closes the connections. The store must not be in use any more.
func (s *Store) Close() error {
	var errs []error
	if s.Store != nil {
		errs = append(errs, s.Store.Close())
	}
	for _, db := range []*sql.DB{s.reader, s.writer} { // the last one to close folds the log into the file
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
