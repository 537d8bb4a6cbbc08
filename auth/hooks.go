package auth

import (
	"context"
	"errors"
	"fmt"
)

// Hooks let the host take part in a change, in the transaction that makes it: whatever one of
// them does with Tx commits or rolls back with the change itself, whoever asked for it, over
// HTTP or not. An error rolls everything back: ErrRefused, or an error that wraps it, is told
// as a refusal, a FieldsError as such; any other is an internal error whose text stays inside.
// A panic counts as such an error. A hook may run twice, when the transaction has to start
// over, so that only what it does with Tx may matter. nil hooks are skipped. Hooks run for
// imports as well; they must be safe for concurrent use.
type Hooks struct {
	// UserCreating runs before an account is added.
	UserCreating func(ctx context.Context, tx Tx, u User) error
	// UserCreated runs after an account was added: rows of the host may refer to it.
	UserCreated func(ctx context.Context, tx Tx, u User) error
	// UserUpdated runs after an account, its status or its roles changed.
	UserUpdated func(ctx context.Context, tx Tx, before, after User) error
	// UserDeleting runs before an account is removed: rows of the host may still refer to it.
	UserDeleting func(ctx context.Context, tx Tx, u User) error
	// SigningIn runs when a sign-in, by whatever method, is complete but for its commit.
	SigningIn func(ctx context.Context, tx Tx, u User, x Session) error
}

// Tx is the transaction that a hook runs in.
type Tx struct {
	st    Store
	after *afterCommit
}

// afterCommit collects what has to wait for the commit.
type afterCommit struct{ list []func(context.Context) }

// NewTx makes a Tx of st, the store of a transaction: for tests of stores. Nothing runs what is
// left for after the commit.
func NewTx(st Store) Tx { return Tx{st, &afterCommit{}} }

// Store is the store of the transaction, for Service.WithStore. A hook that uses such a Service
// also registers its Committed with AfterCommit.
func (t Tx) Store() Store { return t.st }

// Handle is Store.Handle: what statements of the host run on. bunstore.Conn gives it a type.
func (t Tx) Handle() any { return t.st.Handle() }

// AfterCommit runs fn once the change is committed, and never if it is not: for mail, queues
// and other effects outside of the database. A panic of fn goes to Config.Report. In a
// transaction of the host fn waits for Service.Committed.
func (t Tx) AfterCommit(fn func(ctx context.Context)) { t.after.list = append(t.after.list, fn) }

// Savepoint runs fn in a savepoint: an error or a panic of fn rolls back what fn did, drops
// what it left for after the commit, and leaves the rest of the transaction as it is.
func (t Tx) Savepoint(ctx context.Context, fn func(Tx) error) error {
	kept := len(t.after.list)
	err := t.st.Tx(ctx, func(st Store) error { return fn(Tx{st, t.after}) })
	if err != nil {
		t.after.list = t.after.list[:kept]
	}
	return err
}

// Tx runs fn in a transaction: commit on nil, roll back on error or panic. Afterwards it runs
// what fn and its hooks have left for after the commit. Every change of this package goes
// through here, and so do those of the rooms built on it.
//
// The outermost transaction runs again after a serialization failure, so fn must be safe to run
// twice. In a Service from WithStore fn runs in a savepoint of the host's transaction, and the
// error is ErrSerialization.
func (s *Service) Tx(ctx context.Context, fn func(Tx) error) error {
	after := &afterCommit{}
	err := s.st.Tx(ctx, func(st Store) error {
		after.list = nil // a transaction that starts over begins anew
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

// run runs what was left for after the commit, once. The change stands, whether or not the
// caller still waits; so a panic of the host's goes to Config.Report.
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

// Committed runs what hooks have left for after the commit. The host calls it on a Service from
// WithStore once its transaction is committed; on others it does nothing. Not safe for
// concurrent use with the same Service.
func (s *Service) Committed(ctx context.Context) {
	if s.waiting != nil {
		s.run(ctx, s.waiting)
	}
}

// hook runs one hook. The host's panic becomes an error, so that the transaction and the
// request end in good order. Of the host's error only what Hooks promises is kept: one that
// happens to match another error of this package must not become an answer.
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

// userCreating and the functions below run the hooks that are set.
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
