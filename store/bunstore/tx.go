package bunstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// Limits on retries. For a busy SQLite database, the driver has already waited before each.
const (
	retryFor   = 20 * time.Second
	retryTimes = 100
	retryPause = 250 * time.Millisecond
)

// note records what an error means for the whole transaction.
func (s *txState) note(err error) {
	if errors.Is(err, auth.ErrSerialization) {
		s.lost = err
	}
	if err != nil && fatal(err) {
		s.broken = err
	}
}

// again runs fn until it neither loses to another transaction nor finds the database locked.
// Inside a transaction it runs fn once, because only the outermost transaction can start over.
func (h *handle) again(ctx context.Context, fn func() error) error {
	start := time.Now()
	for i := 1; ; i++ {
		err := fn()
		if h.state != nil || !(errors.Is(err, auth.ErrSerialization) || errors.Is(err, errBusy)) {
			return err
		}
		wait := min(time.Duration(i)*2*time.Millisecond, retryPause)
		wait = time.Duration(rand.Int64N(int64(wait)))
		if i == retryTimes || time.Since(start)+wait > retryFor ||
			(errors.Is(err, errBusy) && time.Since(start) > retryFor/8) {
			return err
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// tx runs fn in a transaction, or in a savepoint if the handle is already in a transaction.
func (h *handle) tx(ctx context.Context, fn func(*handle) error) error {
	if h.state != nil {
		return h.savepoint(ctx, fn)
	}
	return h.again(ctx, func() error {
		if h.pool.dialect == SQLite {
			return h.immediate(ctx, fn)
		}
		return h.beginWith(ctx, nil, fn)
	})
}

// beginWith runs fn in a transaction of database/sql.
func (h *handle) beginWith(ctx context.Context, opts *sql.TxOptions, fn func(*handle) error) error {
	conn, err := h.pool.writer.Conn(ctx)
	if err != nil {
		return translate(ctx, err)
	}
	defer conn.Close()
	// The commit uses the context that the transaction began with. That context can't be
	// cancelled, because nobody could tell whether an interrupted commit took place.
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), opts)
	if err != nil {
		return translate(ctx, err)
	}
	defer tx.Rollback() // also after a panic; does nothing after a commit
	in := h.pool.handle(tx, 0, new(txState))
	if err := in.finish(fn(in)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := translate(ctx, tx.Commit()); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// immediate runs fn in a SQLite transaction that takes the write lock at its start, on one
// connection. A transaction that takes the lock later can lose it to another and never get it.
func (h *handle) immediate(ctx context.Context, fn func(*handle) error) error {
	conn, err := h.pool.writer.Conn(ctx)
	if err != nil {
		return translate(ctx, err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		rollback(ctx, conn) // an interrupted BEGIN may still have taken place
		return translate(ctx, err)
	}
	open := true
	defer func() {
		if open {
			rollback(ctx, conn)
		}
	}()
	in := h.pool.handle(conn, 0, new(txState))
	if err := in.finish(fn(in)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// Nobody could tell whether an interrupted commit took place, so it can't be interrupted.
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", translate(ctx, err))
	}
	open = false
	return nil
}

// rollback ends the transaction on conn. If that may have failed, it discards the connection.
func rollback(ctx context.Context, conn *sql.Conn) {
	_, err := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	if err != nil && !strings.Contains(err.Error(), "no transaction is active") {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// finish turns the result of a transaction's function into the result of the transaction. A
// lost or broken transaction can't be committed, whatever the function did with the error.
func (h *handle) finish(err error) error {
	switch {
	case h.state.lost != nil && !errors.Is(err, auth.ErrSerialization):
		return h.state.lost
	case err == nil && h.state.broken != nil:
		return h.state.broken
	}
	return err
}

// savepoint runs fn in a savepoint. It uses plain SQL because the transaction may be the
// host's.
func (h *handle) savepoint(ctx context.Context, fn func(*handle) error) (err error) {
	in := h.pool.handle(h.conn, h.depth+1, h.state)
	name := fmt.Sprintf("hallpass_%d", in.depth)
	if err := h.command(ctx, "SAVEPOINT "+name); err != nil {
		return err
	}
	done := false
	defer func() {
		if done || h.state.broken != nil {
			return
		}
		ctx := context.WithoutCancel(ctx)
		undo := errors.Join(h.command(ctx, "ROLLBACK TO SAVEPOINT "+name), h.command(ctx, "RELEASE SAVEPOINT "+name))
		if undo != nil && h.state.broken == nil {
			h.state.broken = undo
		}
	}()
	if err := fn(in); err != nil {
		return err
	}
	if err := h.command(ctx, "RELEASE SAVEPOINT "+name); err != nil {
		return err
	}
	done = true
	return nil
}

func (h *handle) command(ctx context.Context, text string) error {
	if h.state.broken != nil {
		return h.state.broken
	}
	_, err := h.conn.ExecContext(ctx, text)
	err = translate(ctx, err)
	h.state.note(err)
	return err
}
