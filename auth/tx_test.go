package auth_test

import (
	"context"
	"errors"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
)

// What a savepoint gave to AfterCommit goes with it, also if it panics.
func TestSavepointTakesAfterCommitAlong(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t)
	var ran []string
	note := func(tx auth.Tx, what string) {
		tx.AfterCommit(func(context.Context) { ran = append(ran, what) })
	}
	err := kit.Tx(t.Context(), func(tx auth.Tx) error {
		note(tx, "before")
		_ = tx.Savepoint(t.Context(), func(tx auth.Tx) error {
			note(tx, "failed")
			return errors.New("no")
		})
		func() {
			defer func() { _ = recover() }()
			_ = tx.Savepoint(t.Context(), func(tx auth.Tx) error {
				note(tx, "panicked")
				panic("no")
			})
		}()
		return tx.Savepoint(t.Context(), func(tx auth.Tx) error {
			note(tx, "kept")
			return nil
		})
	})
	if err != nil || len(ran) != 2 || ran[0] != "before" || ran[1] != "kept" {
		t.Errorf("ran %q, %v", ran, err)
	}
}

// A hook can forbid a field, and the caller is told which.
func TestHookForbidsAField(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t, func(c *auth.Config) {
		c.Hooks.UserCreating = func(context.Context, auth.Tx, auth.User) error {
			return &auth.FieldsError{Forbidden: true, Fields: []auth.FieldError{{Field: "name", Code: "forbidden"}}}
		}
	})
	_, err := kit.CreateUser(t.Context(), kit.Operator("test"), auth.UserInput{Username: "ada"}, auth.Client{})
	if !errors.Is(err, auth.ErrFieldForbidden) {
		t.Error(err)
	}
}
