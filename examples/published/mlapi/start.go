package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

type startCmd struct {
	Addr    string `default:"127.0.0.1:8001" placeholder:"HOST:PORT" help:"Address to listen on (${default})."`
	DB      string `name:"db" env:"MLAPI_DB" default:"mlapi.db" placeholder:"WHERE" help:"Database: a path or a postgres:// URL (${default})."`
	KeyFile string `name:"key-file" env:"MLAPI_KEY_FILE" default:"mlapi.key" placeholder:"FILE" help:"File with the key; the first start of a database makes it (${default})."`
	BaseURL string `name:"base-url" env:"MLAPI_BASE_URL" placeholder:"URL" help:"URL of the service for its users; the loopback address by default."`
}

// Run serves until a signal comes.
func (c *startCmd) Run(e *env) error {
	log := slog.New(slog.NewTextHandler(e.errOut, nil))
	ln, err := host.Listen(c.Addr, c.BaseURL)
	if err != nil {
		return err
	}
	defer ln.Close() // harmless after Serve, which closes it too
	s, err := openSite(e.ctx, c.DB, c.KeyFile, func(cfg *auth.Config) {
		cfg.BaseURL = ln.BaseURL
		cfg.Report = func(err error) { log.Error("housekeeping failed", "error", err) }
		if e.edit != nil {
			e.edit(cfg)
		}
	})
	if err != nil {
		return err
	}
	defer s.db.Close()
	svc, err := newService(s, log)
	if err != nil {
		return err
	}
	ln.WarnInClear(log)
	password, err := host.FirstAdmin(e.ctx, s.accounts, s.operator, auth.UserInput{
		Username: "admin", Email: "admin@mlapi.invalid", Roles: []string{"admin", "user"},
	})
	if err != nil {
		return err
	}
	if password != "" {
		fmt.Fprintf(e.out, "Demo administrator: admin, password: %s (shown once)\n", password)
	}
	fmt.Fprintf(e.out, "mlapi serves %s\n", strings.TrimRight(ln.BaseURL, "/"))
	return host.Serve(e.ctx, ln, svc, func(ctx context.Context) error { return s.accounts.Run(ctx) }, log)
}
