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
	e := &env{ctx: ctx, in: os.Stdin, out: os.Stdout, errOut: os.Stderr, getenv: os.Getenv}
	os.Exit(e.run(os.Args[1:]))
}

// cli is the command line.
type cli struct {
	Server   serverCmd   `cmd:"" help:"Serve."`
	Database databaseCmd `cmd:"" help:"Make the database, users and admins."`
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
	dir         string             // that files are in; empty for the working directory
	edit        func(*auth.Config) // changes the configuration, for tests; may be nil
}

// run runs one command line. Whatever goes wrong is one line on errOut and a status that is not
// zero.
func (e *env) run(args []string) int {
	return host.Program{
		Name: "userauth", About: "Users, tokens and logins.", CLI: &cli{}, Env: e, Out: e.out, ErrOut: e.errOut,
	}.Run(args)
}
