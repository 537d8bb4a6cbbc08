package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := &env{ctx: ctx, out: os.Stdout, errOut: os.Stderr, getenv: os.Getenv}
	os.Exit(e.run(os.Args[1:]))
}

// cli is the command line.
type cli struct {
	Serve     serveCmd     `cmd:"" default:"withargs" help:"Serve until a signal comes."`
	ResetLink resetLinkCmd `cmd:"" help:"Print a link with which a user sets a new password, where no mail goes."`
}

// env is what a command works with.
type env struct {
	ctx         context.Context
	out, errOut io.Writer
	getenv      func(name string) string
	edit        func(*auth.Config) // changes the configuration, for tests; may be nil
}

// run runs a command line. Whatever goes wrong is one line on errOut and a status that is not
// zero.
func (e *env) run(args []string) int {
	return host.Program{
		Name: "datasite", About: "People of a data site.", CLI: &cli{}, Env: e, Out: e.out, ErrOut: e.errOut,
	}.Run(args)
}

// siteFlags are the flags of every command.
type siteFlags struct {
	DB      string `name:"db" env:"DATASITE_DB" default:"datasite.db" placeholder:"WHERE" help:"Database: a path or a postgres:// URL (${default})."`
	KeyFile string `name:"key-file" env:"DATASITE_KEY_FILE" default:"datasite.key" placeholder:"FILE" help:"File with the key; made at the first start of a database (${default})."`
	BaseURL string `name:"base-url" env:"DATASITE_BASE_URL" placeholder:"URL" help:"Where people reach the site; the loopback by default."`
}

type resetLinkCmd struct {
	siteFlags
	Email string `arg:"" help:"Address of the user."`
}

// Run prints the link. The database records that it was made.
func (c *resetLinkCmd) Run(e *env) error {
	if c.BaseURL == "" {
		c.BaseURL = "http://" + defaultAddr
	}
	s, err := c.open(e, options{})
	if err != nil {
		return err
	}
	defer s.db.Close()
	u, err := host.Find(e.ctx, s.accounts, s.operator, c.Email)
	if err != nil {
		return err
	}
	link, err := s.accounts.PasswordResetLink(e.ctx, s.operator, u.ID)
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.out, link+"\n")
	return err
}
