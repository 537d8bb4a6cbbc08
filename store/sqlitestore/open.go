package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/hallpass-go/hallpass/store/bunstore"
)

// memory is the path of a database that lives as long as its store.
const memory = ":memory:"

// Config says which database to open and how.
type Config struct {
	// Path of the file. It is created with mode 0600, missing directories above it with 0700. ":memory:" is
	// a database of its own, gone with Close. Required.
	Path string
	// SingleConnection reads and writes on one connection. For tests: work that uses a store outside of
	// the transaction it is in hangs, where it might go unnoticed otherwise. Default off.
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
		return nil, fmt.Errorf("open %s: %w", cfg.Path, err)
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

// prepareFile makes the path absolute, since the process may change its directory before a connection opens, creates
// what is missing for the owner's eyes only, and refuses what is no database before the driver touches it. SQLite
// gives its -wal and -shm files the mode of the database.
func prepareFile(path string) (string, error) {
	if path == "" {
		return "", errors.New("no path")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(abs); err == nil && info.IsDir() {
		return "", errors.New("this is a directory, not a database file")
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	defer f.Close()
	magic := []byte("SQLite format 3\x00")
	head := make([]byte, len(magic))
	if n, err := io.ReadFull(f, head); n > 0 && !bytes.Equal(head, magic) {
		return "", errors.New("this file is not a SQLite database")
	} else if n == 0 && err != io.EOF {
		return "", err
	}
	return abs, nil
}

// DB is the pool of the one connection that writes. A host that keeps its own tables in the same file begins its
// transactions here and hands them to WithTx; they take the write lock at once. Reads that are not part of
// a transaction are better off on a pool of the host's own.
func (s *Store) DB() *sql.DB { return s.writer }

// Backup writes a consistent copy of the database to a new file of mode 0600, while the store is in use.
func (s *Store) Backup(ctx context.Context, path string) error {
	err := s.backup(ctx, path)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

func (s *Store) backup(ctx context.Context, path string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = errors.Join(err, ignore(os.Remove(path), fs.ErrNotExist))
		}
	}()
	db := s.writer
	if s.cfg.Path != memory { // a connection of its own, so that writers need not wait
		if db, err = connect(s.cfg.Path, 1, common); err != nil {
			return err
		}
		defer db.Close()
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		return err
	}
	return f.Sync()
}

func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

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
