package auth

import (
	"context"
)

// Tx is a transaction. See Service.Tx.
type Tx struct {
	st    Store
	after *afterCommit
}

// afterCommit collects functions that have to wait for the commit.
type afterCommit struct{ list []func(context.Context) }

// NewTx makes a Tx from st, the store of a transaction. It is for tests of stores: functions
// given to AfterCommit never run.
func NewTx(st Store) Tx { return Tx{st, &afterCommit{}} }

// Store returns the store of the transaction, for Service.WithStore. A hook that uses such a
// Service must also pass its Committed to AfterCommit.
func (t Tx) Store() Store { return t.st }

// Handle returns Store.Handle, on which the host runs statements of its own in this
// transaction. bunstore.Conn gives it a type.
func (t Tx) Handle() any { return t.st.Handle() }

// AfterCommit runs fn after the commit, or never if the transaction rolls back. It is for mail,
// queues and other effects outside of the database. If fn panics, the panic goes to
// Config.Report. In a transaction of the host, fn runs when the host calls Service.Committed.
func (t Tx) AfterCommit(fn func(ctx context.Context)) { t.after.list = append(t.after.list, fn) }

// Savepoint runs fn in a savepoint. If fn returns an error or panics, what it did is rolled
// back and what it gave to AfterCommit is dropped. The rest of the transaction stays as it is.
func (t Tx) Savepoint(ctx context.Context, fn func(Tx) error) error {
	kept, rolledBack := len(t.after.list), true
	defer func() {
		if rolledBack {
			t.after.list = t.after.list[:kept]
		}
	}()
	err := t.st.Tx(ctx, func(st Store) error { return fn(Tx{st, t.after}) })
	rolledBack = err != nil
	return err
}

// Tx runs fn in a transaction. It commits if fn returns nil, and rolls back if fn returns an
// error or panics. After the commit it runs the functions that fn and the hooks gave to
// AfterCommit. Every change of this package goes through Tx, and so does every change of the
// packages built on it.
//
// After a serialization failure Tx runs fn again, so fn must be safe to run twice. A Service
// from WithStore runs fn in a savepoint of the host's transaction. It does not run fn again,
// but returns ErrSerialization.
func (s *Service) Tx(ctx context.Context, fn func(Tx) error) error {
	after := &afterCommit{}
	err := s.st.Tx(ctx, func(st Store) error {
		after.list = nil // forget what an earlier run of this transaction left
		return fn(Tx{st, after})
	})
	if err != nil {
		return err
	}
	if s.bound {
		s.waiting.list = append(s.waiting.list, after.list...)
		return nil
	}
	s.run(ctx, after)
	return nil
}

// run runs the functions that wait for the commit, once. They run even if ctx has ended, since
// the change is committed. For the same reason a panic is not an error of the caller's: it goes
// to Config.Report.
func (s *Service) run(ctx context.Context, a *afterCommit) {
	list := a.list
	a.list = nil
	for _, fn := range list {
		err := hook("AfterCommit", func() error { fn(context.WithoutCancel(ctx)); return nil })
		if err != nil && s.cfg.Report != nil {
			s.cfg.Report(err)
		}
	}
}

// Committed runs the functions that were given to AfterCommit in a transaction of the host. The
// host calls it on a Service from WithStore after the commit. On another Service it does
// nothing. It is not safe for concurrent use with the same Service.
func (s *Service) Committed(ctx context.Context) {
	if s.waiting != nil {
		s.run(ctx, s.waiting)
	}
}
