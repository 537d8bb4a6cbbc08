package bunstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

// Drivers are told apart by what their errors offer, so that none has to be linked.
type (
	sqlStater interface{ SQLState() string } // PostgreSQL: five characters, the first two of which are the class
	coder     interface{ Code() int }        // SQLite: extended result code, with the primary code in the low byte
)

// errBusy means that another process has locked a SQLite database.
var errBusy = errors.New("database is locked")

// dbError holds the sentinel for callers and the driver's error for the log.
type dbError struct{ is, cause error }

func (e *dbError) Error() string   { return fmt.Sprintf("%v: %v", e.is, e.cause) }
func (e *dbError) Unwrap() []error { return []error{e.is, e.cause} }

// translate turns driver errors into those that the contract names. It leaves others as they
// are.
func translate(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if own := new(dbError); errors.As(err, &own) {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return auth.ErrNotFound
	}
	is := classify(err)
	if end := ctx.Err(); end != nil && (is != nil || interrupted(err)) {
		is = end
	}
	switch {
	case is == nil:
		return err
	case errors.Is(err, is):
		return err
	}
	return &dbError{is, err}
}

// classify returns the sentinel for a driver's error, or nil.
func classify(err error) error {
	if e := sqlStater(nil); errors.As(err, &e) {
		return classifyState(e.SQLState())
	}
	if e := coder(nil); errors.As(err, &e) {
		return classifyCode(e.Code())
	}
	if e := net.Error(nil); errors.As(err, &e) && !errors.Is(err, context.Canceled) &&
		!errors.Is(err, context.DeadlineExceeded) {
		return auth.ErrUnavailable
	}
	for _, lost := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed} {
		if errors.Is(err, lost) {
			return auth.ErrUnavailable
		}
	}
	return classifyText(err.Error())
}

func classifyState(state string) error {
	switch state {
	case "40001", "40P01": // serialization failure, deadlock
		return auth.ErrSerialization
	// read-only, lock or statement timeout, shutting down
	case "25006", "55P03", "57014", "57P01", "57P02", "57P03", "57P05":
		return auth.ErrUnavailable
	}
	if len(state) == 5 {
		switch state[:2] {
		case "08", "53", "58": // connection, resources (disk full, too many connections), system
			return auth.ErrUnavailable
		}
	}
	return nil
}

func classifyCode(code int) error {
	const busySnapshot = 517
	if code == busySnapshot {
		return auth.ErrSerialization
	}
	switch code & 0xff {
	case 5, 6: // busy, locked
		return errors.Join(auth.ErrUnavailable, errBusy)
	case 7, 8, 10, 13, 14: // out of memory, read-only, I/O error, disk full, can't open
		return auth.ErrUnavailable
	}
	return nil
}

// classifyText is the last resort, for errors without a code.
func classifyText(text string) error {
	switch {
	case strings.Contains(text, "database is locked"), strings.Contains(text, "database table is locked"):
		return errors.Join(auth.ErrUnavailable, errBusy)
	case strings.Contains(text, "sql: database is closed"), strings.Contains(text, "conn closed"),
		strings.Contains(text, "disk is full"), strings.Contains(text, "readonly database"):
		return auth.ErrUnavailable
	}
	return nil
}

// interrupted reports whether a statement or transaction was stopped from outside, as happens
// when the context ends.
func interrupted(err error) bool {
	const sqliteInterrupt = 9
	if e := coder(nil); errors.As(err, &e) {
		return e.Code()&0xff == sqliteInterrupt
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrTxDone)
}

// fatal reports whether a transaction in which err occurred may be gone. SQLite rolls back by
// itself on some errors, and later statements would then commit one by one.
func fatal(err error) bool {
	return errors.Is(err, auth.ErrUnavailable) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded)
}

// taken returns the sentinel for a violated unique constraint of accounts, or nil. We chose the
// names of the constraints, and the error text contains no values.
func taken(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, c := range []struct {
		name string
		is   error
	}{
		{"username_key", auth.ErrUsernameTaken},
		{"email_key", auth.ErrEmailTaken},
		{"external_id", auth.ErrExternalIDTaken},
	} {
		if unique(err) && strings.Contains(text, c.name) {
			return c.is
		}
	}
	return nil
}

func unique(err error) bool {
	if e := sqlStater(nil); errors.As(err, &e) {
		return e.SQLState() == "23505"
	}
	return strings.Contains(err.Error(), "UNIQUE constraint failed")
}
