package main

import (
	"context"
	"errors"

	"github.com/hallpass-go/hallpass"
	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// storeFlags say which database and key to use. Every command has them.
type storeFlags struct {
	DB      string `name:"db" env:"HALLPASS_DB" default:"hallpass.db" placeholder:"DB" help:"Database: a path, sqlite:PATH or a postgres:// URL."`
	KeyFile string `name:"key-file" env:"HALLPASS_KEY_FILE" default:"hallpass.key" placeholder:"FILE" help:"File with the key; the first start of a database makes it."`
}

// open opens and migrates the database.
func (f storeFlags) open(ctx context.Context) (host.Database, error) { return host.Open(ctx, f.DB) }

// site is an open store with the library on it.
type site struct {
	db       host.Database
	hp       *hallpass.Hallpass
	accounts *auth.Service // of hp
	operator *auth.Principal
}

// site opens the store and the library on it, and checks that the key is that of the store.
// edit may change the configuration.
func (f storeFlags) site(ctx context.Context, edit func(*hallpass.Config)) (*site, error) {
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

func (f storeFlags) onStore(ctx context.Context, db host.Database, edit func(*hallpass.Config)) (*site, error) {
	cfg := hallpass.Config{BaseURL: "http://localhost"}
	if edit != nil {
		edit(&cfg)
	}
	hp, err := host.Hallpass(ctx, db, f.KeyFile, cfg)
	if err != nil {
		return nil, err
	}
	return &site{db, hp, hp.Accounts, hp.Accounts.Operator("command line")}, nil
}

// find finds a user by username or email.
func (s *site) find(ctx context.Context, login string) (auth.User, error) {
	return host.Find(ctx, s.accounts, s.operator, login)
}
