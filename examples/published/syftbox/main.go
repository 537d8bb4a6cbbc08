package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

func main() {
	host.Main(func(ctx context.Context, args []string) (status int) {
		e := &env{ctx: ctx, in: os.Stdin, out: os.Stdout, errOut: os.Stderr, getenv: os.Getenv, now: time.Now}
		return e.run(args)
	})
}

// cli is the command line.
type cli struct {
	Server serverCmd `cmd:"" help:"Serve."`
	Client clientCmd `cmd:"" help:"Sign in: silently with the tokens in the file, or with a mailed code."`
	Login  loginCmd  `cmd:"" help:"Like client, but also say if you were signed in already."`
	Logout logoutCmd `cmd:"" help:"End the session, and remove the tokens from the file."`
}

// env is what a command works with.
type env struct {
	ctx         context.Context
	in          io.Reader
	out, errOut io.Writer
	getenv      func(name string) string
	now         func() time.Time
	dir         string             // folder of the files; empty for the working directory
	edit        func(*auth.Config) // changes the server's configuration in tests; may be nil
}

// run runs one command line. An error is one line on errOut, and a status that is not zero.
func (e *env) run(args []string) int {
	return host.Program{
		Name: "syftbox", About: "Sign in from a terminal, with an address and a code.", CLI: &cli{}, Env: e, Out: e.out,
		ErrOut: e.errOut,
	}.Run(args)
}

// file returns a path in the program's folder.
func (e *env) file(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(e.dir, path)
}
