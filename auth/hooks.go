package auth

import (
	"context"
	"errors"
	"fmt"
)

// Hooks let the host take part in changes. A hook runs in the transaction that makes the
// change, whoever asked for it, over HTTP or not, and also during imports. What the hook does
// with Tx commits or rolls back together with the change.
//
// If a hook returns an error, everything rolls back. The client is told of ErrRefused, and of a
// FieldsError that is not Forbidden, also if they are wrapped. Any other error is an internal
// error, and its text does not reach the client. A panic counts as an internal error.
//
// A hook runs again if the transaction has to start over, so it should have no effects except
// through Tx. Hooks must be safe for concurrent use. nil hooks are skipped.
type Hooks struct {
	// UserCreating runs before an account is added.
	UserCreating func(ctx context.Context, tx Tx, u User) error
	// UserCreated runs after an account was added. Rows of the host can refer to it now.
	UserCreated func(ctx context.Context, tx Tx, u User) error
	// UserUpdated runs after an account, its status or its roles have changed.
	UserUpdated func(ctx context.Context, tx Tx, before, after User) error
	// UserDeleting runs before an account is removed. Rows of the host can still refer to it.
	UserDeleting func(ctx context.Context, tx Tx, u User) error
	// SigningIn runs at the end of every sign-in, by any method, just before the commit.
	SigningIn func(ctx context.Context, tx Tx, u User, x Session) error
}

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
	kept := len(t.after.list)
	err := t.st.Tx(ctx, func(st Store) error { return fn(Tx{st, t.after}) })
	if err != nil {
		t.after.list = t.after.list[:kept]
	}
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

// hook runs one hook. A panic becomes an error, so that the transaction rolls back and the
// request gets an answer. Of the errors of this package, the result matches only those that
// Hooks promises and those that say how the transaction failed. If the hook's error happens to
// match another one, clients must not be told so.
func hook(name string, fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("hook %s panicked: %v", name, r)
		}
	}()
	if err := fn(); err != nil {
		for _, told := range []error{ErrRefused, ErrInvalidInput, ErrSerialization, ErrUnavailable} {
			if errors.Is(err, told) {
				return fmt.Errorf("hook %s: %w", name, err)
			}
		}
		return fmt.Errorf("hook %s: %v", name, err)
	}
	return nil
}

// userCreating and the methods below run the hook of their name, if it is set.
func (h Hooks) userCreating(ctx context.Context, tx Tx, u User) error {
	if h.UserCreating == nil {
		return nil
	}
	return hook("UserCreating", func() error { return h.UserCreating(ctx, tx, u) })
}

func (h Hooks) userCreated(ctx context.Context, tx Tx, u User) error {
	if h.UserCreated == nil {
		return nil
	}
	return hook("UserCreated", func() error { return h.UserCreated(ctx, tx, u) })
}

func (h Hooks) userUpdated(ctx context.Context, tx Tx, before, after User) error {
	if h.UserUpdated == nil {
		return nil
	}
	return hook("UserUpdated", func() error { return h.UserUpdated(ctx, tx, before, after) })
}

func (h Hooks) userDeleting(ctx context.Context, tx Tx, u User) error {
	if h.UserDeleting == nil {
		return nil
	}
	return hook("UserDeleting", func() error { return h.UserDeleting(ctx, tx, u) })
}

func (h Hooks) signingIn(ctx context.Context, tx Tx, u User, x Session) error {
	if h.SigningIn == nil {
		return nil
	}
	return hook("SigningIn", func() error { return h.SigningIn(ctx, tx, u, x) })
}
