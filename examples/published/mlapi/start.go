package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

type startCmd struct {
	Addr    string `default:"127.0.0.1:8001" placeholder:"HOST:PORT" help:"Address to listen on (${default})."`
	DB      string `name:"db" env:"MLAPI_DB" default:"mlapi.db" placeholder:"WHERE" help:"Database: a path or a postgres:// URL (${default})."`
	KeyFile string `name:"key-file" env:"MLAPI_KEY_FILE" default:"mlapi.key" placeholder:"FILE" help:"File with the key; made at the first start of a database (${default})."`
	BaseURL string `name:"base-url" env:"MLAPI_BASE_URL" placeholder:"URL" help:"Where people reach the service; the loopback by default."`
}

// Run serves until a signal comes.
func (c *startCmd) Run(e *env) error {
	log := slog.New(slog.NewTextHandler(e.errOut, nil))
	ln, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	defer ln.Close() // a second time, after Serve: harmless
	base, loopback := host.BaseURL(c.BaseURL, ln.Addr())
	s, err := openSite(e.ctx, c.DB, c.KeyFile, func(cfg *auth.Config) {
		cfg.BaseURL = base
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
	if !loopback && !strings.HasPrefix(base, "https://") {
		log.Warn(
			"passwords and tokens cross the network in the clear: put a proxy with TLS in front, and name it with --base-url", "addr", ln.Addr().String(),
		)
	}
	password, err := host.FirstAdmin(e.ctx, s.accounts, s.operator, auth.UserInput{
		Username: "admin", Email: "admin@mlapi.invalid", Roles: []string{"admin", "user"},
	})
	if err != nil {
		return err
	}
	if password != "" {
		fmt.Fprintf(e.out, "Demo administrator: admin, password: %s (shown once)\n", password)
	}
	fmt.Fprintf(e.out, "mlapi serves %s\n", strings.TrimRight(base, "/"))
	return host.Serve(e.ctx, ln, svc, func(ctx context.Context) error { return s.accounts.Run(ctx) }, log)
}
