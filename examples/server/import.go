package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

type importCmd struct {
	storeFlags
	File string `arg:"" name:"file" help:"File with one JSON object per line, such as {\"username\",\"email\",\"external_id\",\"password_hash\",…}; - means standard input."`
}

const (
	maxLine  = 256 << 10 // bytes
	progress = 10_000    // lines between two messages
	kept     = 1000      // rows whose lines are remembered; more than a transaction of the import has
)

// Run imports a file. It can be run again: accounts that exist stay as they are.
func (c *importCmd) Run(e *env) error {
	in := e.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	s, err := c.site(e.ctx, nil)
	if err != nil {
		return err
	}
	defer s.db.Close()
	var readErr error
	lines := &lineCounter{}
	sum, err := s.accounts.ImportUsers(e.ctx, s.operator, lines.users(in, &readErr), func(r auth.ImportResult) {
		if r.Outcome == auth.ImportFailed {
			fmt.Fprintf(e.out, "line %d: %s\n", lines.of(r.Row), host.OneLine(host.Explain(r.Err)))
		}
		if r.Row%progress == 0 {
			fmt.Fprintf(e.errOut, "%d users read\n", r.Row)
		}
	})
	fmt.Fprintf(e.out, "created %d, already there %d, bad %d\n", sum.Created, sum.Exists, sum.Failed)
	return errors.Join(err, readErr)
}

// lineCounter knows the line of each row; blank lines have no row. It remembers only the rows
// whose report may still come.
type lineCounter struct {
	line  int
	first int   // row of lines[0]
	lines []int // by row
}

// of returns the line of a row.
func (l *lineCounter) of(row int) int { return l.lines[row-l.first] }

// users reads one user per line. A read error ends the rows and is stored in readErr.
func (l *lineCounter) users(in io.Reader, readErr *error) iter.Seq2[auth.ImportUser, error] {
	l.first = 1
	return func(yield func(auth.ImportUser, error) bool) {
		text := bufio.NewReaderSize(in, maxLine)
		for {
			line, err := text.ReadSlice('\n')
			l.line++
			long := errors.Is(err, bufio.ErrBufferFull)
			for errors.Is(err, bufio.ErrBufferFull) { // skip the rest of a line that is too long
				_, err = text.ReadSlice('\n')
			}
			if long || len(bytes.TrimSpace(line)) > 0 {
				l.add()
				user, bad := auth.ImportUser{}, errTooLong
				if !long {
					user, bad = parseImportLine(line)
				}
				if !yield(user, bad) {
					return
				}
			}
			if err != nil {
				if err != io.EOF {
					*readErr = fmt.Errorf("after line %d: %w", l.line, err)
				}
				return
			}
		}
	}
}

// add stores the line of the next row.
func (l *lineCounter) add() {
	if len(l.lines) == 2*kept { // earlier rows have been reported
		l.lines, l.first = append([]int{}, l.lines[kept:]...), l.first+kept
	}
	l.lines = append(l.lines, l.line)
}

var errTooLong = errors.New("the line is too long")

func parseImportLine(text []byte) (auth.ImportUser, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var user auth.ImportUser
	if err := d.Decode(&user); err != nil {
		return auth.ImportUser{}, fmt.Errorf("not a user: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return auth.ImportUser{}, errors.New("not a user: more than one object")
	}
	return user, nil
}
