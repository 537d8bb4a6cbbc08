package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/pgstore"
	"github.com/hallpass-go/hallpass/store/sqlitestore"
)

// storeFlags say which database and key a command works with; every command takes them.
type storeFlags struct {
	DB      string `name:"db" env:"HALLPASS_DB" default:"hallpass.db" placeholder:"DB" help:"Database: a path, sqlite:PATH or a postgres:// URL."`
	KeyFile string `name:"key-file" env:"HALLPASS_KEY_FILE" default:"hallpass.key" placeholder:"FILE" help:"File with the key; made at the first start of a store."`
}

// prober answers what the probes ask.
type prober interface {
	Ping(ctx context.Context) error
	Pending(ctx context.Context) ([]string, error)
}

// database is an open store.
type database interface {
	store.Store
	prober
	Close() error
}

// open opens and migrates the database.
func (f storeFlags) open(ctx context.Context) (database, error) {
	if f.isPostgres() {
		return asDatabase(pgstore.Open(ctx, f.DB))
	}
	path, err := f.file()
	if err != nil {
		return nil, err
	}
	return asDatabase(sqlitestore.Open(ctx, path))
}

func (f storeFlags) isPostgres() bool {
	return strings.HasPrefix(f.DB, "postgres://") || strings.HasPrefix(f.DB, "postgresql://")
}

// file is the path of a SQLite database. Of another URL the error tells only the scheme, since there may be a password in it.
func (f storeFlags) file() (string, error) {
	path, _ := strings.CutPrefix(f.DB, "sqlite:")
	if scheme, _, ok := strings.Cut(path, "://"); ok {
		return "", fmt.Errorf("database %s://…: use a path, sqlite:PATH or a postgres:// URL", scheme)
	}
	if strings.Contains(path, "host=") || strings.Contains(path, "password=") {
		return "", errors.New("database: write the words host=… as a postgres:// URL")
	}
	return path, nil
}

func asDatabase[T database](st T, err error) (database, error) {
	if err != nil {
		return nil, err
	}
	return st, nil
}

// site is an open store with the accounts on it.
type site struct {
	db       database
	accounts *auth.Service
	operator *auth.Principal
}

// site opens the store and the accounts; the store is checked against the key. edit may change the configuration.
func (f storeFlags) site(ctx context.Context, edit func(*auth.Config)) (*site, error) {
	db, err := f.open(ctx)
	if err != nil {
		return nil, err
	}
	s, err := f.onStore(ctx, db, edit)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func (f storeFlags) onStore(ctx context.Context, db database, edit func(*auth.Config)) (*site, error) {
	key, err := f.key(ctx, db)
	if err != nil {
		return nil, err
	}
	cfg := auth.Config{Secret: key, BaseURL: "http://localhost"}
	if edit != nil {
		edit(&cfg)
	}
	accounts, err := auth.New(db.Auth(), cfg)
	if err != nil {
		return nil, explain(err)
	}
	if err := accounts.Ready(ctx); err != nil {
		if errors.Is(err, auth.ErrWrongSecret) {
			return nil, fmt.Errorf("the database was set up with another key than the one in %s", f.KeyFile)
		}
		return nil, err
	}
	return &site{db, accounts, accounts.Operator("command line")}, nil
}

// find finds a user by username or email.
func (s *site) find(ctx context.Context, login string) (auth.User, error) {
	u, err := s.accounts.UserByLogin(ctx, s.operator, login)
	if errors.Is(err, auth.ErrNotFound) {
		return u, fmt.Errorf("there is no user %q", login)
	}
	return u, err
}
