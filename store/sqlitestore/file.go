package sqlitestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"modernc.org/sqlite"
)

// creating guards the moment in which this package itself has a database file open. Closing the
// file drops the locks that SQLite holds on it, since POSIX advisory locks belong to the
// process.
var creating sync.Mutex

// prepareFile returns the absolute path, because the process may change its directory before a
// connection opens. It creates a missing file so that only its owner can read it. SQLite gives
// the -wal and -shm files the same mode.
func prepareFile(path string) (string, error) {
	if path == "" {
		return "", errors.New("no path")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	creating.Lock()
	defer creating.Unlock()
	info, err := os.Stat(abs)
	switch {
	case err == nil && info.IsDir():
		return "", errors.New("this is a directory, not a database file")
	case err == nil:
		return abs, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(abs, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) { // another process was faster
		return abs, nil
	}
	if err != nil {
		return "", err
	}
	return abs, f.Close()
}

// explain adds to an error what a person may want to know.
func explain(err error) error {
	const notADatabase = 26
	if e := (*sqlite.Error)(nil); errors.As(err, &e) && e.Code()&0xff == notADatabase {
		return fmt.Errorf("this file is not a SQLite database: %w", err)
	}
	return err
}
