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
		e := &env{ctx: ctx, out: os.Stdout, errOut: os.Stderr}
		return e.run(args)
	})
}

// env is what a command works with.
type env struct {
	ctx         context.Context
	out, errOut io.Writer
	dir         string             // folder of the files; empty for the working directory
	edit        func(*auth.Config) // changes the configuration in tests; may be nil
}

// run runs one command line. An error is one line on errOut, and a status that is not zero.
func (e *env) run(args []string) int {
	return host.Program{
		Name: "hub", About: "Servers that people share.", CLI: &serve{}, Env: e, Out: e.out, ErrOut: e.errOut,
	}.Run(args)
}
