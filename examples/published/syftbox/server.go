package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

type serverCmd struct {
	Addr           string         `default:"127.0.0.1:8080" env:"SYFTBOX_ADDR" placeholder:"HOST:PORT" help:"Where to listen (${default})."`
	Dev            bool           `help:"Development mode, on the loopback only: anybody on this machine can sign in as anybody. No environment variable turns it on."`
	Mail           string         `env:"SYFTBOX_MAIL" placeholder:"WHERE" help:"Where to send mail: console, file:DIR, or a smtp:// or smtps:// URL, with ?from=ADDRESS for the sender."`
	BaseURL        string         `name:"base-url" env:"SYFTBOX_BASE_URL" placeholder:"URL" help:"URL of the server for its users, such as https://box.example.org; the loopback address by default."`
	TrustedProxies []netip.Prefix `name:"trusted-proxies" env:"SYFTBOX_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Networks of proxies whose X-Forwarded-For counts."`
	DB             string         `name:"db" env:"SYFTBOX_DB" placeholder:"DB" help:"Database: a path, sqlite:PATH or a postgres:// URL; syftbox.db by default."`
	KeyFile        string         `name:"key-file" env:"SYFTBOX_KEY_FILE" placeholder:"FILE" help:"File with the key; the first start of a database makes it. syftbox.key by default."`
}

// Run serves until a signal comes.
func (c *serverCmd) Run(e *env) error {
	if err := c.checkDev(); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(e.errOut, nil))
	ln, err := host.Listen(c.Addr, c.BaseURL)
	if err != nil {
		return err
	}
	defer ln.Close() // harmless after Serve, which closes it too
	if err := c.checkReach(ln); err != nil {
		return err
	}
	s, err := c.open(e, ln.BaseURL, log)
	if err != nil {
		return err
	}
	defer s.db.Close()
	handler, err := c.handler(s, log)
	if err != nil {
		return err
	}
	if err := c.greet(e, s, log, strings.TrimRight(ln.BaseURL, "/")); err != nil {
		return err
	}
	return host.Serve(e.ctx, ln, handler, func(ctx context.Context) error { return s.accounts.Run(ctx) }, log)
}

// handler serves the program.
func (c *serverCmd) handler(s *site, log *slog.Logger) (http.Handler, error) {
	h, err := newHandler(s, c.TrustedProxies, log)
	if err == nil && c.Dev {
		return &devHandler{next: h, accounts: s.accounts, mail: s.dev}, nil
	}
	return h, err
}

// checkDev keeps development apart from real use: it has a database and a key of its own.
func (c *serverCmd) checkDev() error {
	if !c.Dev {
		if c.Mail == "" {
			return errors.New(
				"people sign in by codes that are mailed: say where mail goes with --mail, or start for " +
					"development with --dev",
			)
		}
		return nil
	}
	for _, f := range []struct {
		name  string
		given bool
	}{{"mail", c.Mail != ""}, {"base-url", c.BaseURL != ""}, {
		"trusted-proxies", len(c.TrustedProxies) > 0,
	}, {"db", c.DB != ""}, {"key-file", c.KeyFile != ""}} {
		if f.given {
			return fmt.Errorf("--dev goes with no --%s (nor its variable): it is for this machine alone", f.name)
		}
	}
	return nil
}

// checkReach keeps development on the loopback. A server that others can reach needs its base
// URL.
func (c *serverCmd) checkReach(ln *host.Listener) error {
	if c.Dev && !ln.Loopback {
		return fmt.Errorf(
			"--dev listens on the loopback only, and %s is not: anybody who reaches it can sign in as anybody",
			ln.Addr(),
		)
	}
	return ln.NeedBaseURL("https://box.example.org")
}

// greet prints where the server is, whether it is in development mode, and how to become the
// first admin.
func (c *serverCmd) greet(e *env, s *site, log *slog.Logger, base string) error {
	if c.Dev {
		log.Warn(
			"DEVELOPMENT MODE: codes are handed to whoever asks, so that anybody on this machine can sign in as " +
				"anybody",
		)
		fmt.Fprint(e.out,
			"*** DEVELOPMENT MODE *** anybody on this machine can sign in as anybody; nothing here is for others\n")
	}
	secret, err := s.accounts.SetUp.NewToken(e.ctx)
	if err != nil && !errors.Is(err, auth.ErrSetUpDone) {
		return err
	}
	fmt.Fprintf(e.out, "syftbox serves %s\n", base)
	if err == nil {
		// The password is too short on purpose: pasting the command unchanged makes nobody
		// admin.
		fmt.Fprintf(e.out,
			"There is no admin yet. Set-up token: %[1]s\nBecome the first admin, and sign in as everybody does:\n"+

				"  curl -X POST %[2]s/auth/setup -H 'Content-Type: application/json' -d "+
				"'{\"token\":\"%[1]s\",\"email\":\"root@example.org\",\"password\":\"…\"}'\n",
			secret.Reveal(), base)
	}
	return nil
}
