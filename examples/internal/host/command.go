package host

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Program is a command line.
type Program struct {
	Name, About string
	CLI         any // pointer to the struct that says what there is to call
	Env         any // what each Run method gets
	Out, ErrOut io.Writer
}

// exit leaves the command line with a status, without ending the process of a test.
type exit int

// Run runs one command line. Whatever goes wrong is one line on ErrOut and a status that is not
// zero.
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

// Fail says what is wrong and returns the status.
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
