package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

type startCmd struct {
	siteFlags
	IP             string         `name:"ip" default:"127.0.0.1" placeholder:"IP" help:"IP address to listen on; 0.0.0.0 for all, as in a container (${default})."`
	Port           uint16         `default:"8000" placeholder:"PORT" help:"Port to listen on (${default})."`
	Addr           string         `placeholder:"HOST:PORT" help:"IP address and port together; wins over --ip and --port."`
	BaseURL        string         `name:"base-url" env:"USERAUTH_BASE_URL" placeholder:"URL" help:"URL of the service for its users, such as https://auth.example.org; the loopback address by default."`
	TrustedProxies []netip.Prefix `name:"trusted-proxies" env:"USERAUTH_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Networks of proxies whose X-Forwarded-For counts."`
	Recogniser     string         `enum:"stand-in,none,auto" default:"auto" help:"What judges photos: stand-in, which believes what the file says; none; or auto, which is stand-in with DEPLOYMENT_TYPE=DEV and none otherwise."`
}

// Run serves until a signal comes.
func (c *startCmd) Run(e *env) error {
	log := slog.New(slog.NewTextHandler(e.errOut, nil))
	address, err := e.database() // first, so that mistakes in it are told before anything is done
	if err != nil {
		return err
	}
	judge := c.recogniser(host.IsPostgres(address))
	ln, err := host.Listen(c.address(), c.BaseURL)
	if err != nil {
		return err
	}
	defer ln.Close() // harmless after Serve, which closes it too
	s, err := c.open(e, func(cfg *auth.Config) {
		cfg.BaseURL = ln.BaseURL
		cfg.RoleClaims = claims(judge)
		cfg.Report = func(err error) { log.Error("housekeeping failed", "error", err) }
	})
	if err != nil {
		return err
	}
	defer s.db.Close()
	svc, err := newService(s, c.TrustedProxies, log)
	if err != nil {
		return err
	}
	ln.WarnInClear(log)
	if _, is := judge.(standInRecogniser); is {
		log.Warn("photos are judged by a stand-in that believes what the file says")
	}
	if err := greet(e, s, strings.TrimRight(ln.BaseURL, "/")); err != nil {
		return err
	}
	return host.Serve(e.ctx, ln, svc, func(ctx context.Context) error { return s.accounts.Run(ctx) }, log)
}

func (c *startCmd) address() string {
	if c.Addr != "" {
		return c.Addr
	}
	return net.JoinHostPort(c.IP, strconv.Itoa(int(c.Port)))
}

// recogniser returns what judges photos, or nil for nothing. In production the stand-in has to
// be asked for, because it gives titles away.
func (c *startCmd) recogniser(production bool) recogniser {
	if c.Recogniser == "none" || c.Recogniser == "auto" && production {
		return nil
	}
	return standInRecogniser{}
}

// greet prints where the service is, and how to become the first admin.
func greet(e *env, s *site, base string) error {
	secret, err := s.accounts.SetUp.NewToken(e.ctx)
	if err != nil && !errors.Is(err, auth.ErrSetUpDone) {
		return err
	}
	fmt.Fprintf(e.out, "userauth serves %s\n", base)
	if err != nil {
		return nil
	}
	// The password is too short on purpose: pasting the command unchanged makes nobody admin.
	fmt.Fprintf(e.out,

		"There is no admin yet. Set-up token: %[1]s\nBecome the first admin, with a password of your own (or "+
			"register, and call userauth database makeadmin):\n"+
			"  curl -X POST %[2]s/auth/setup -H 'Content-Type: application/json' -d "+
			"'{\"token\":\"%[1]s\",\"username\":\"root\",\"email\":\"root@example.org\",\"password\":\"…\"}'\n",
		secret.Reveal(), base)
	return nil
}
