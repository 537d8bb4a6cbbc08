package main

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/scopes"
)

// serve is the command line.
type serve struct {
	Addr    string `default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"Where to listen (${default})."`
	DB      string `name:"db" default:"hub.db" placeholder:"PATH|URL" help:"Database: a path or a postgres:// URL (${default})."`
	KeyFile string `name:"key-file" default:"hub.key" placeholder:"FILE" help:"File with the key; the first start of a database makes it (${default})."`
	BaseURL string `name:"base-url" placeholder:"URL" help:"URL of the hub for its users, such as https://hub.example.org; the address by default."`
}

// Run serves until a signal comes.
func (c *serve) Run(e *env) error {
	log := slog.New(slog.NewTextHandler(e.errOut, nil))
	ln, err := host.Listen(c.Addr, strings.TrimRight(c.BaseURL, "/"))
	if err != nil {
		return err
	}
	defer ln.Close() // harmless after Serve, which closes it too
	ln.WarnInClear(log)
	s, err := e.open(c.DB, c.KeyFile, hubConfig{base: ln.BaseURL, log: log})
	if err != nil {
		return err
	}
	defer s.db.Close()
	if err := e.demo(s); err != nil {
		return err
	}
	return host.Serve(e.ctx, ln, s, func(ctx context.Context) error { return s.accounts.Run(ctx, s.shares) }, log)
}

// hubConfig is what differs between hubs.
type hubConfig struct {
	base   string
	custom []scopes.Definition
	roles  []auth.Role
	now    func() time.Time
	log    *slog.Logger
}

// open opens the database and makes the hub on it.
func (e *env) open(address, keyFile string, cfg hubConfig) (*service, error) {
	if !host.IsPostgres(address) {
		path, err := host.SQLitePath(address)
		if err != nil {
			return nil, err
		}
		address = e.path(path)
	}
	db, err := host.Open(e.ctx, address)
	if err != nil {
		return nil, err
	}
	s, err := e.onDatabase(db, host.IsPostgres(address), keyFile, cfg)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func (e *env) onDatabase(db host.Database, postgres bool, keyFile string, cfg hubConfig) (*service, error) {
	if cfg.now == nil {
		cfg.now = time.Now
	}
	table, err := openServers(e.ctx, db, postgres)
	if err != nil {
		return nil, err
	}
	ac := auth.Config{
		BaseURL: cfg.base, Scopes: model(cfg.custom), Roles: roles(cfg.roles), Now: cfg.now,
		// JupyterHub knows people by their usernames.
		Identifiers: policy.Identifiers{Username: policy.Required, Email: policy.Off},
		Hooks:       auth.Hooks{UserCreated: table.userCreated},
		Settings:    policy.Settings{SiteName: "Hub"},
		Report:      func(err error) { cfg.log.Error("housekeeping failed", "error", err) },
	}
	if e.edit != nil {
		e.edit(&ac)
	}
	accounts, err := host.Accounts(e.ctx, db, e.path(keyFile), ac)
	if err != nil {
		return nil, err
	}
	return newService(db, accounts, table, cfg.now, cfg.log)
}

func (e *env) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(e.dir, name)
}
