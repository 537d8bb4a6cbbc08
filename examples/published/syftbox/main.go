package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := &env{ctx: ctx, in: os.Stdin, out: os.Stdout, errOut: os.Stderr, getenv: os.Getenv, now: time.Now}
	os.Exit(e.run(os.Args[1:]))
}

// cli is the command line.
type cli struct {
	Server serverCmd `cmd:"" help:"Serve."`
	Client clientCmd `cmd:"" help:"Be signed in: silently with the tokens in the file, by a code from a mail without them."`
	Login  loginCmd  `cmd:"" help:"The same as client, and say so if that was so already."`
	Logout logoutCmd `cmd:"" help:"End the session, and take the tokens out of the file."`
}

// env is what a command works with.
type env struct {
	ctx         context.Context
	in          io.Reader
	out, errOut io.Writer
	getenv      func(name string) string
	now         func() time.Time
	dir         string             // that files are in; empty for the working directory
	edit        func(*auth.Config) // changes the server's configuration, for tests; may be nil
}

// run runs one command line. Whatever goes wrong is one line on errOut and a status that is not
// zero.
func (e *env) run(args []string) int {
	return host.Program{
		Name: "syftbox", About: "Sign in from a terminal, with an address and a code.", CLI: &cli{}, Env: e, Out: e.out,
		ErrOut: e.errOut,
	}.Run(args)
}

// file is a path in the program's directory.
func (e *env) file(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(e.dir, path)
}
