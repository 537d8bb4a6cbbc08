package host

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/pgstore"
	"github.com/hallpass-go/hallpass/store/sqlitestore"
)

// Prober is what health probes ask of a store.
type Prober interface {
	Ping(ctx context.Context) error
	Pending(ctx context.Context) ([]string, error)
}

// Database is an open store that a program owns.
type Database interface {
	store.Store
	Prober
	Close() error
}

// Open opens and migrates the database at an address: a path, sqlite:PATH or a postgres:// URL.
func Open(ctx context.Context, address string) (Database, error) {
	if IsPostgres(address) {
		return asDatabase(pgstore.Open(ctx, address))
	}
	path, err := SQLitePath(address)
	if err != nil {
		return nil, err
	}
	return asDatabase(sqlitestore.Open(ctx, path))
}

// IsPostgres reports whether an address is one of PostgreSQL.
func IsPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// SQLitePath returns the path in an address that is not one of PostgreSQL. For other URLs, the
// error shows only the scheme, because the URL may contain a password.
func SQLitePath(address string) (string, error) {
	path, _ := strings.CutPrefix(address, "sqlite:")
	if scheme, _, ok := strings.Cut(path, "://"); ok {
		return "", fmt.Errorf("database %s://…: use a path, sqlite:PATH or a postgres:// URL", scheme)
	}
	if strings.Contains(path, "host=") || strings.Contains(path, "password=") {
		return "", errors.New("database: write the words host=… as a postgres:// URL")
	}
	return path, nil
}

func asDatabase[T Database](st T, err error) (Database, error) {
	if err != nil {
		return nil, err
	}
	return st, nil
}
