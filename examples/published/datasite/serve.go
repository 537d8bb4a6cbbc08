package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"github.com/hallpass-go/hallpass/examples/internal/host"
)

const defaultAddr = "127.0.0.1:8082"

type serveCmd struct {
	siteFlags
	Addr      string `default:"127.0.0.1:8082" placeholder:"HOST:PORT" help:"Address to listen on (${default})."`
	Mail      string `env:"DATASITE_MAIL" placeholder:"WHERE" help:"Where mail goes: console, file:DIR, or a smtp:// or smtps:// URL, there with ?from=ADDRESS for the sender. None by default."`
	RootEmail string `name:"root-email" env:"DATASITE_ROOT_EMAIL" default:"root@datasite.invalid" placeholder:"EMAIL" help:"Address of the root, who is made at the first start (${default}). DATASITE_ROOT_PASSWORD is the password; without it one is made."`
	RootName  string `name:"root-name" env:"DATASITE_ROOT_NAME" default:"Root" placeholder:"NAME" help:"Name of the root (${default})."`
	Signup    bool   `name:"enable-signup" env:"DATASITE_ENABLE_SIGNUP" help:"Guests may register until somebody turns the switch, which wins from then on."`
	Enclave   bool   `help:"A site without an owner: guests may register from the start, and no admin signs in."`
}

// Run serves until a signal comes.
func (c *serveCmd) Run(e *env) error {
	log := slog.New(slog.NewTextHandler(e.errOut, nil))
	mailer, from, err := host.Mailer(c.Mail, e.out)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	defer ln.Close() // a second time, after Serve: harmless
	var loopback bool
	c.BaseURL, loopback = host.BaseURL(c.BaseURL, ln.Addr())
	s, err := c.open(e, options{mailer: mailer, from: from, enclave: c.Enclave, signup: c.Signup,
		report: func(err error) { log.Error("work in the background failed", "error", err) }})
	if err != nil {
		return err
	}
	defer s.db.Close()
	svc, err := newService(s, log)
	if err != nil {
		return err
	}
	if !loopback && !strings.HasPrefix(c.BaseURL, "https://") {
		log.Warn(
			"passwords and tokens cross the network in the clear: put a proxy with TLS in front, and name it with --base-url", "addr", ln.Addr().String(),
		)
	}
	if !c.Enclave {
		if err := c.makeRoot(e, s); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.out, "datasite serves %s\n", strings.TrimRight(c.BaseURL, "/"))
	welcomed := make(chan struct{})
	go func() {
		defer close(welcomed)
		s.welcomes.run(e.ctx)
	}()
	err = host.Serve(e.ctx, ln, svc, func(ctx context.Context) error { return s.accounts.Run(ctx) }, log)
	s.welcomes.close()
	<-welcomed
	return err
}

// makeRoot makes the root of a site without one. The password comes from the environment, or is
// made and shown; there is none that others know.
func (c *serveCmd) makeRoot(e *env, s *site) error {
	given := e.getenv("DATASITE_ROOT_PASSWORD")
	password, err := host.FirstAdmin(e.ctx, s.accounts, s.operator, rootOf(c.RootEmail, c.RootName, given))
	switch {
	case err != nil || password == "":
		return err
	case given != "":
		_, err = fmt.Fprintf(e.out, "Demo administrator: %s, password: that of DATASITE_ROOT_PASSWORD\n", c.RootEmail)
	default:
		_, err = fmt.Fprintf(e.out, "Demo administrator: %s, password: %s (shown once)\n", c.RootEmail, password)
	}
	return err
}
