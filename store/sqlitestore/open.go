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
	// Path is the path of the file. It is required. The file is created with mode 0600 and
	// missing directories above it with 0700. ":memory:" is a separate database that is gone
	// after Close.
	Path string
	// SingleConnection makes reads and writes share one connection. It is meant for tests:
	// using a store outside of the current transaction then hangs, where it might go unnoticed
	// otherwise.
	SingleConnection bool
}

// Store is a bunstore.Store that owns its connections.
type Store struct {
	*bunstore.Store
	cfg            Config
	writer, reader *sql.DB
}

// Open opens or creates the database file at path and migrates it. It returns the errors of
// [bunstore.Store.Migrate], and an error if the file is not a database.
func Open(ctx context.Context, path string) (*Store, error) {
	return OpenConfig(ctx, Config{Path: path})
}

// OpenConfig opens or creates a database file and migrates it. Its errors are those of Open.
func OpenConfig(ctx context.Context, cfg Config) (*Store, error) {
	s, err := open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", cfg.Path, explain(err))
	}
	return s, nil
}

func open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Path == memory {
		cfg.SingleConnection = true // otherwise each connection would have its own database
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

// Pragmas of each connection. The timeout comes first, so that it also applies to the others.
var (
	common        = []string{"busy_timeout(5000)", "foreign_keys(1)", "synchronous(FULL)"}
	writerPragmas = append(common[:len(common):len(common)], "journal_mode(WAL)", "journal_size_limit(67108864)")
	readerPragmas = append(common[:len(common):len(common)], "query_only(1)")
)

// connect returns a pool whose connections stay open.
func connect(path string, most int, pragmas []string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, pragmas))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}

// dsn writes the path as a URI, so that no character of it can act as a parameter.
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

// DB returns the pool of the one connection that writes. A host with tables in the same file
// begins its transactions here and passes them to WithTx. They take the write lock at once. For
// reads outside of a transaction, the host should use a pool of its own.
func (s *Store) DB() *sql.DB { return s.writer }

// Close closes the connections. The store must no longer be in use.
func (s *Store) Close() error {
	var errs []error
	if s.Store != nil {
		errs = append(errs, s.Store.Close())
	}
	// The last pool to close merges the log into the file.
	for _, db := range []*sql.DB{s.reader, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
