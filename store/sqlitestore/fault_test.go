package sqlitestore

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
)

func TestCanceledContextStaysThatError(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, read := st.Auth().Account(ctx, ada)
	for name, err := range map[string]error{
		"read": read, "write": st.Auth().AddLogin(ctx, auth.Login{}), "tx": st.Auth().Tx(
			ctx, func(auth.Store) error { return nil },
		), "ping": st.Ping(ctx),
	} {
		if !errors.Is(err, context.Canceled) || errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A transaction whose context ends in the middle must leave nothing behind, and the one
// connection must be free and clean.
func TestContextEndsInsideTransaction(t *testing.T) {
	t.Parallel()
	st := openFile(t, true)
	ctx, cancel := context.WithCancel(t.Context())
	err := st.Auth().Tx(ctx, func(in auth.Store) error {
		if err := in.CreateAccount(
			ctx, auth.Account{User: auth.User{ID: ada, Status: auth.StatusActive}, UsernameKey: "ada"},
		); err != nil {
			return err
		}
		cancel()
		_ = in.AddSetUpToken(ctx, [32]byte{1}, time.Now()) // swallowed on purpose
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Tx returned %v", err)
	}
	if _, err := st.Auth().Account(t.Context(), ada); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("the account: %v", err)
	}
	add(t, st, grace, "grace")
}

func TestPanicLeavesNothing(t *testing.T) {
	t.Parallel()
	st := openFile(t, true)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = st.Tx(t.Context(), func(in store.Store) error {
			add(t, in, ada, "ada")
			panic("on purpose")
		})
	}()
	add(t, st, grace, "ada") // the name is free
}

func TestClosedStoreIsUnavailable(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Auth().Users(t.Context(), auth.UserQuery{Limit: 1}); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("read: %v", err)
	}
	if err := st.Auth().AddSetUpToken(t.Context(), [32]byte{}, time.Now()); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("write: %v", err)
	}
}

// While another process holds the write lock for less than the timeout, nobody notices. Readers
// never do.
func TestForeignWriteLock(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	other, err := connect(st.cfg.Path, 1, common)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin() // takes the write lock at once
	if err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			if err := st.Auth().AddSetUpToken(t.Context(), [32]byte{byte(i)}, time.Now()); err != nil {
				t.Errorf("write: %v", err)
			}
		})
	}
	if _, err := st.Auth().Users(t.Context(), auth.UserQuery{Limit: 1}); err != nil {
		t.Errorf("read: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	writers.Wait()
}

func TestLockThatStaysIsUnavailable(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	if _, err := st.DB().Exec("PRAGMA busy_timeout = 10"); err != nil {
		t.Fatal(err)
	}
	other, err := connect(st.cfg.Path, 1, common)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	err = st.Auth().AddSetUpToken(t.Context(), [32]byte{}, time.Now())
	if !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("write: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := st.Auth().AddSetUpToken(ctx, [32]byte{}, time.Now()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("write with a deadline: %v", err)
	}
}

func TestFullDiskIsUnavailable(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	if _, err := st.Auth().InitValue(t.Context(), "big", pad); err != nil {
		t.Fatal(err)
	}
	if _, err := st.DB().Exec("PRAGMA max_page_count = 1"); err != nil { // the pages that there are now
		t.Fatal(err)
	}
	var err error
	for i := 0; err == nil && i < 1000; i++ {
		err = st.Auth().UpdateValue(t.Context(), "big", func(old string) (string, error) { return old + pad, nil })
	}
	if !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("write: %v", err)
	}
	if _, err := st.Auth().Value(t.Context(), "big"); err != nil {
		t.Errorf("reads go on: %v", err)
	}
}

// pad is as long as a page.
var pad = strings.Repeat("x", 4096)
