package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/hallpass-go/hallpass/examples/internal/host"
)

const defaultAddr = "127.0.0.1:8082"

type serveCmd struct {
	siteFlags
	Addr      string `default:"127.0.0.1:8082" placeholder:"HOST:PORT" help:"Address to listen on (${default})."`
	Mail      string `env:"DATASITE_MAIL" placeholder:"WHERE" help:"Where to send mail: console, file:DIR, or a smtp:// or smtps:// URL, with ?from=ADDRESS for the sender. None by default."`
	RootEmail string `name:"root-email" env:"DATASITE_ROOT_EMAIL" default:"root@datasite.invalid" placeholder:"EMAIL" help:"Email address of the root, who is made at the first start (${default}). The password is DATASITE_ROOT_PASSWORD, or a random one that is printed."`
	RootName  string `name:"root-name" env:"DATASITE_ROOT_NAME" default:"Root" placeholder:"NAME" help:"Name of the root (${default})."`
	Signup    bool   `name:"enable-signup" env:"DATASITE_ENABLE_SIGNUP" help:"Let guests register. Once somebody turns the switch, the switch decides."`
	Enclave   bool   `help:"Run a site without an owner: guests may register from the start, and no admin can sign in."`
}

// Run serves until a signal comes.
func (c *serveCmd) Run(e *env) error {
	log := slog.New(slog.NewTextHandler(e.errOut, nil))
	mailer, from, err := host.Mailer(c.Mail, e.out)
	if err != nil {
		return err
	}
	ln, err := host.Listen(c.Addr, c.BaseURL)
	if err != nil {
		return err
	}
	defer ln.Close() // harmless after Serve, which closes it too
	c.BaseURL = ln.BaseURL
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
	ln.WarnInClear(log)
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

// makeRoot makes the root of a site that has none. The password comes from the environment, or
// is random and printed.
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
