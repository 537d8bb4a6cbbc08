package servicetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
)

var errHost = errors.New("the host changed its mind")

// hostTransactionRollsBack checks that what a service does in a transaction of the host is
// rolled back with it.
func hostTransactionRollsBack(t *testing.T, open Open) {
	w := setup(t, open)
	make := func(name string, end error) error {
		return w.st.Tx(w.ctx, func(st store.Store) error {
			s := w.WithStore(st.Auth())
			if _, err := s.CreateUser(w.ctx, w.op, auth.UserInput{Username: name}, home); err != nil {
				return err
			}
			if _, err := s.CreateUser(
				w.ctx, w.op, auth.UserInput{Username: name}, home,
			); !errors.Is(err, auth.ErrUsernameTaken) {
				return fmt.Errorf("a conflict inside: %w", err)
			}
			return end
		})
	}
	w.want(make("ada", errHost), errHost)
	w.must(make("ada", nil))
	w.want(make("ada", nil), auth.ErrUsernameTaken)
}

// committedRunsAfterHost checks that work for after the commit runs only after the host has
// committed its transaction.
func committedRunsAfterHost(t *testing.T, open Open) {
	ran := 0
	w := setup(t, open, func(c *auth.Config) {
		c.Hooks.UserCreated = func(_ context.Context, tx auth.Tx, _ auth.User) error {
			tx.AfterCommit(func(context.Context) { ran++ })
			return nil
		}
	})
	var s *auth.Service
	w.must(w.st.Tx(w.ctx, func(st store.Store) error {
		s = w.WithStore(st.Auth())
		_, err := s.CreateUser(w.ctx, w.op, auth.UserInput{Username: "ada"}, home)
		return err
	}))
	if ran != 0 {
		t.Fatal("the function ran before the host committed")
	}
	s.Committed(w.ctx)
	s.Committed(w.ctx)
	if ran != 1 {
		t.Fatalf("the function ran %d times, want 1", ran)
	}
}
