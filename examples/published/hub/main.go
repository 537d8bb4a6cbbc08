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
	e := &env{ctx: ctx, out: os.Stdout, errOut: os.Stderr}
	os.Exit(e.run(os.Args[1:]))
}

// env is what a command works with.
type env struct {
	ctx         context.Context
	out, errOut io.Writer
	dir         string             // that files are in; empty for the working directory
	edit        func(*auth.Config) // changes the configuration, for tests; may be nil
}

// run runs one command line. Whatever goes wrong is one line on errOut and a status that is not
// zero.
func (e *env) run(args []string) int {
	return host.Program{
		Name: "hub", About: "Servers that people share.", CLI: &serve{}, Env: e, Out: e.out, ErrOut: e.errOut,
	}.Run(args)
}
