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

// creating guards the moment in which this package has a database file open itself: closing it
// would drop the locks that SQLite holds on the same file in this process (POSIX advisory locks
// belong to the process).
var creating sync.Mutex

// prepareFile makes the path absolute, since the process may change its directory before a
// connection opens, and creates what is missing for the owner's eyes only. SQLite gives its
// -wal and -shm files the mode of the database.
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
