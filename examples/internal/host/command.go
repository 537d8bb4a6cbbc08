package host

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// Main runs a command line and exits with the status that it returns. The context ends when
// the process is told to stop.
func Main(run func(ctx context.Context, args []string) (status int)) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// Program is a command line.
type Program struct {
	Name, About string
	CLI         any // pointer to the struct with the commands and flags
	Env         any // passed to the Run method of each command
	Out, ErrOut io.Writer
}

// exit is panicked with to leave the command line. It carries the status, and does not end the
// process of a test.
type exit int

// Run runs one command line. An error is one line on ErrOut, and a status that is not zero.
func (p Program) Run(args []string) (status int) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case exit:
			status = int(v)
		default:
			panic(v)
		}
	}()
	parser, err := kong.New(p.CLI, kong.Name(p.Name), kong.Description(p.About),
		kong.Writers(p.Out, p.ErrOut), kong.Exit(func(code int) { panic(exit(code)) }))
	if err != nil {
		return p.Fail(2, err)
	}
	k, err := parser.Parse(args)
	if err != nil {
		return p.Fail(2, err)
	}
	if err := k.Run(p.Env); err != nil {
		return p.Fail(1, err)
	}
	return 0
}

// Fail writes an error as one line and returns the status.
func (p Program) Fail(status int, err error) int {
	fmt.Fprintf(p.ErrOut, "%s: %s\n", p.Name, OneLine(err))
	return status
}

// OneLine joins the lines of an error.
func OneLine(err error) string {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}
