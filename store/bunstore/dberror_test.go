package bunstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// pgError and liteError stand for errors of drivers. They have only the parts that are looked
// at.
type (
	pgError   string
	liteError int
)

func (e pgError) Error() string    { return "ERROR (SQLSTATE " + string(e) + ")" }
func (e pgError) SQLState() string { return string(e) }
func (e liteError) Error() string  { return fmt.Sprintf("SQL logic error (%d)", int(e)) }
func (e liteError) Code() int      { return int(e) }

func TestTranslate(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	for _, s := range []struct{ err, want error }{
		{nil, nil},
		{sql.ErrNoRows, auth.ErrNotFound},
		{auth.ErrStale, auth.ErrStale},
		{pgError("40001"), auth.ErrSerialization},
		{pgError("40P01"), auth.ErrSerialization},
		{pgError("08006"), auth.ErrUnavailable},
		{pgError("53100"), auth.ErrUnavailable},
		{pgError("53300"), auth.ErrUnavailable},
		{pgError("25006"), auth.ErrUnavailable},
		{pgError("57P01"), auth.ErrUnavailable},
		{pgError("58030"), auth.ErrUnavailable},
		{pgError("23505"), nil},
		{pgError("42P01"), nil},
		{pgError(""), nil},
		{liteError(5), auth.ErrUnavailable},
		{liteError(261), auth.ErrUnavailable}, // busy, recovering
		{liteError(517), auth.ErrSerialization},
		{liteError(8), auth.ErrUnavailable},
		{liteError(13), auth.ErrUnavailable},
		{liteError(3850), auth.ErrUnavailable}, // I/O error
		{liteError(2067), nil},
		{liteError(11), nil}, // corrupt: retrying does not help
		{refused, auth.ErrUnavailable},
		{driver.ErrBadConn, auth.ErrUnavailable},
		{io.ErrUnexpectedEOF, auth.ErrUnavailable},
		{errors.New("database is locked"), auth.ErrUnavailable},
		{errors.New("sql: database is closed"), auth.ErrUnavailable},
		{context.Canceled, context.Canceled},
		{context.DeadlineExceeded, context.DeadlineExceeded},
		{errors.New("something else"), nil},
	} {
		for _, err := range []error{s.err, wrapped(s.err)} {
			got := translate(t.Context(), err)
			for _, sentinel := range []error{auth.ErrNotFound, auth.ErrUnavailable, auth.ErrSerialization,
				auth.ErrStale, context.Canceled, context.DeadlineExceeded} {
				if errors.Is(got, sentinel) != (s.want == sentinel) {
					t.Errorf("%v became %v, want %v", err, got, s.want)
				}
			}
			if s.err != nil && s.want != auth.ErrNotFound && !errors.Is(got, s.err) {
				t.Errorf("%v became %v and lost its cause", err, got)
			}
		}
	}
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("wrapped: %w", err)
}

func TestEndedContextExplainsTheError(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for _, ctx := range []context.Context{canceled, late} {
		for _, err := range []error{
			liteError(9), pgError("57014"), sql.ErrTxDone, driver.ErrBadConn, context.Canceled,
		} {
			got := translate(ctx, err)
			if !errors.Is(got, ctx.Err()) || errors.Is(got, auth.ErrUnavailable) {
				t.Errorf("%v became %v, want %v", err, got, ctx.Err())
			}
		}
		if got := translate(ctx, auth.ErrStale); got != auth.ErrStale {
			t.Errorf("a result that came in time became %v", got)
		}
	}
}

func TestTakenNamesTheField(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]error{
		"constraint failed: UNIQUE constraint failed: hallpass_users.username_key (2067)": auth.ErrUsernameTaken,
		"UNIQUE constraint failed: hallpass_users.email_key":                              auth.ErrEmailTaken,
		"UNIQUE constraint failed: hallpass_users.external_id":                            auth.ErrExternalIDTaken,
		"UNIQUE constraint failed: hallpass_sessions.token_hash":                          nil,
		"no such column: email_key":                                                       nil,
	} {
		if got := taken(errors.New(text)); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
	if got := taken(nil); got != nil {
		t.Errorf("nil is %v", got)
	}
}
