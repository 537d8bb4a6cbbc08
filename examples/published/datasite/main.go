package main

import (
	"context"
	"io"
	"os"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

func main() {
	host.Main(func(ctx context.Context, args []string) (status int) {
		e := &env{ctx: ctx, out: os.Stdout, errOut: os.Stderr, getenv: os.Getenv}
		return e.run(args)
	})
}

// cli is the command line.
type cli struct {
	Serve     serveCmd     `cmd:"" default:"withargs" help:"Serve until a signal comes."`
	ResetLink resetLinkCmd `cmd:"" help:"Print a link with which a user can set a new password, for sites without mail."`
}

// env is what a command works with.
type env struct {
	ctx         context.Context
	out, errOut io.Writer
	getenv      func(name string) string
	edit        func(*auth.Config) // changes the configuration in tests; may be nil
}

// run runs one command line. An error is one line on errOut, and a status that is not zero.
func (e *env) run(args []string) int {
	return host.Program{
		Name: "datasite", About: "People of a data site.", CLI: &cli{}, Env: e, Out: e.out, ErrOut: e.errOut,
	}.Run(args)
}

// siteFlags are the flags of every command.
type siteFlags struct {
	DB      string `name:"db" env:"DATASITE_DB" default:"datasite.db" placeholder:"WHERE" help:"Database: a path or a postgres:// URL (${default})."`
	KeyFile string `name:"key-file" env:"DATASITE_KEY_FILE" default:"datasite.key" placeholder:"FILE" help:"File with the key; the first start of a database makes it (${default})."`
	BaseURL string `name:"base-url" env:"DATASITE_BASE_URL" placeholder:"URL" help:"URL of the site for its users; the loopback address by default."`
}

type resetLinkCmd struct {
	siteFlags
	Email string `arg:"" help:"Address of the user."`
}

// Run prints the link. An audit record says that it was made.
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
