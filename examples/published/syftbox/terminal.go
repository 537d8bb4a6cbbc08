package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// errNobody means that nobody can answer.
var errNobody = errors.New(
	"nobody answers the questions: run syftbox client in a terminal, or set SYFTBOX_ACCESS_TOKEN or " +
		"SYFTBOX_REFRESH_TOKEN",
)

// terminal asks the user.
type terminal struct {
	in    *bufio.Scanner
	out   io.Writer
	lines chan string // nil until the first question; closed at the end of the input
}

func newTerminal(in io.Reader, out io.Writer) *terminal {
	return &terminal{in: bufio.NewScanner(in), out: out}
}

// somebody reports whether there can be an answer. A closed input and devices such as /dev/null
// give none. A terminal or a pipe may.
func somebody(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return true
	}
	info, err := f.Stat()
	return err == nil && (info.Mode()&os.ModeCharDevice == 0 || term.IsTerminal(int(f.Fd())))
}

// say writes a line.
func (t *terminal) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }

// ask reads a line without the spaces around it. It returns at once when ctx ends, although
// reading the input goes on.
func (t *terminal) ask(ctx context.Context, question string) (string, error) {
	if t.lines == nil {
		t.lines = make(chan string)
		go t.read(t.lines)
	}
	fmt.Fprint(t.out, question)
	select {
	case line, ok := <-t.lines:
		if !ok {
			fmt.Fprintln(t.out)
			return "", errNobody
		}
		return strings.TrimSpace(line), nil
	case <-ctx.Done():
		fmt.Fprintln(t.out)
		return "", fmt.Errorf("stopped: %w", ctx.Err())
	}
}

// read passes on one line for each question, until the program ends.
func (t *terminal) read(lines chan<- string) {
	defer close(lines)
	for t.in.Scan() {
		lines <- t.in.Text()
	}
}
