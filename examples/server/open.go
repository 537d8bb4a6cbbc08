package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// database is a store with what the probes ask.
type database interface {
	store.Store
	Ping(ctx context.Context) error
	Pending(ctx context.Context) ([]string, error)
	Close() error
}

// open opens and migrates the database.
func (f storeFlags) open(ctx context.Context) (database, error) {
	if strings.HasPrefix(f.DB, "postgres://") || strings.HasPrefix(f.DB, "postgresql://") {
		return asDatabase(pgstore.Open(ctx, f.DB))
	}
	path, _ := strings.CutPrefix(f.DB, "sqlite:")
	if scheme, _, ok := strings.Cut(path, "://"); ok {
		return nil, fmt.Errorf("database %s://…: use a path, sqlite:PATH or a postgres:// URL", scheme)
	}
	return asDatabase(sqlitestore.Open(ctx, path))
}

func asDatabase[T database](st T, err error) (database, error) {
	if err != nil {
		return nil, err
	}
	return st, nil
}

// key reads the key. One is made only for a store that belongs to none: any other could open nothing there.
func (f storeFlags) key(ctx context.Context, st database) ([]byte, error) {
	text, err := os.ReadFile(f.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		taken, err := auth.HasSecret(ctx, st.Auth())
		if err != nil {
			return nil, err
		}
		if taken {
			return nil, fmt.Errorf("the key file %s is missing, and the database was set up with a key: bring that file back", f.KeyFile)
		}
		return f.newKey()
	}
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) < 32 {
		return nil, fmt.Errorf("key file %s: not a key of at least 32 bytes in base64", f.KeyFile)
	}
	return key, nil
}

// newKey writes a key whole or not at all, and never over one that another process has just made.
func (f storeFlags) newKey() ([]byte, error) {
	key := make([]byte, 32)
	rand.Read(key)                                               // never fails
	tmp, err := os.CreateTemp(filepath.Dir(f.KeyFile), ".key-*") // mode 0600
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	if err := os.Link(tmp.Name(), f.KeyFile); err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return key, nil
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
		return nil, err
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
