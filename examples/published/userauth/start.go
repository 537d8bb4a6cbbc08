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
	IP             string         `name:"ip" default:"127.0.0.1" placeholder:"IP" help:"Address to listen on; 0.0.0.0 for all, as in a container (${default})."`
	Port           uint16         `default:"8000" placeholder:"PORT" help:"Port to listen on (${default})."`
	Addr           string         `placeholder:"HOST:PORT" help:"Both at once; wins over --ip and --port."`
	BaseURL        string         `name:"base-url" env:"USERAUTH_BASE_URL" placeholder:"URL" help:"Where people reach the service, such as https://auth.example.org; the loopback by default."`
	TrustedProxies []netip.Prefix `name:"trusted-proxies" env:"USERAUTH_TRUSTED_PROXIES" placeholder:"CIDR,…" help:"Networks of proxies whose X-Forwarded-For counts."`
	Recogniser     string         `enum:"stand-in,none,auto" default:"auto" help:"Who judges photos: stand-in, which believes the file; none; auto, which is stand-in with DEPLOYMENT_TYPE=DEV and else none."`
}

// Run serves until a signal comes.
func (c *startCmd) Run(e *env) error {
	log := slog.New(slog.NewTextHandler(e.errOut, nil))
	address, err := e.database() // what is wrong with it is told before anything is done
	if err != nil {
		return err
	}
	judge := c.recogniser(host.IsPostgres(address))
	ln, err := net.Listen("tcp", c.address())
	if err != nil {
		return err
	}
	defer ln.Close() // a second time, after Serve: harmless
	base, loopback := host.BaseURL(c.BaseURL, ln.Addr())
	s, err := c.open(e, func(cfg *auth.Config) {
		cfg.BaseURL = base
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
	if !loopback && !strings.HasPrefix(base, "https://") {
		log.Warn(
			"passwords and tokens cross the network in the clear: put a proxy with TLS in front, and name it with --base-url", "addr", ln.Addr().String(),
		)
	}
	if _, is := judge.(standInRecogniser); is {
		log.Warn("photos are judged by a stand-in that believes what the file says")
	}
	if err := greet(e, s, strings.TrimRight(base, "/")); err != nil {
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

// recogniser is who judges photos; nil for nobody. A stand-in gives titles away, so that it
// takes a word to have one in production.
func (c *startCmd) recogniser(production bool) recogniser {
	if c.Recogniser == "none" || c.Recogniser == "auto" && production {
		return nil
	}
	return standInRecogniser{}
}

// greet says where the service is, and how to become its first admin.
func greet(e *env, s *site, base string) error {
	secret, err := s.accounts.SetUp.NewToken(e.ctx)
	if err != nil && !errors.Is(err, auth.ErrSetUpDone) {
		return err
	}
	fmt.Fprintf(e.out, "userauth serves %s\n", base)
	if err != nil {
		return nil
	}
	// The password is too short on purpose: a command that was pasted unchanged makes nobody
	// admin.
	fmt.Fprintf(e.out,

		"There is no admin yet. Set-up token: %[1]s\nBecome the first admin, with a password of your own (or register, and call userauth database makeadmin):\n"+
			"  curl -X POST %[2]s/auth/setup -H 'Content-Type: application/json' -d '{\"token\":\"%[1]s\",\"username\":\"root\",\"email\":\"root@example.org\",\"password\":\"…\"}'\n",
		secret.Reveal(), base)
	return nil
}
