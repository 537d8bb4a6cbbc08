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
		e := &env{ctx: ctx, in: os.Stdin, out: os.Stdout, errOut: os.Stderr, getenv: os.Getenv}
		return e.run(args)
	})
}

// cli is the command line.
type cli struct {
	Server   serverCmd   `cmd:"" help:"Serve."`
	Database databaseCmd `cmd:"" help:"Make the database, add users, make admins."`
	Start    startCmd    `cmd:"" hidden:"" default:"withargs" help:"The same as server start."`
}

type serverCmd struct {
	Start startCmd `cmd:"" default:"withargs" help:"Serve until a signal comes."`
}

// env is what a command works with.
type env struct {
	ctx         context.Context
	in          io.Reader
	out, errOut io.Writer
	getenv      func(name string) string
	dir         string             // folder of the files; empty for the working directory
	edit        func(*auth.Config) // changes the configuration in tests; may be nil
}

// run runs one command line. An error is one line on errOut, and a status that is not zero.
func (e *env) run(args []string) int {
	return host.Program{
		Name: "userauth", About: "Users, tokens and logins.", CLI: &cli{}, Env: e, Out: e.out, ErrOut: e.errOut,
	}.Run(args)
}
