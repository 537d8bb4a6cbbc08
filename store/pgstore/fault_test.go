package pgstore

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

const (
	ada   = auth.UserID("01890a5d-ac96-774b-bcce-b302099a8057")
	grace = auth.UserID("01890a5d-ac96-774b-bcce-b302099a8058")
)

func add(t testing.TB, st store.Store, id auth.UserID, name string) {
	t.Helper()
	err := st.Auth().CreateAccount(t.Context(), auth.Account{
		User: auth.User{ID: id, Username: name, Status: auth.StatusActive, CreatedAt: time.Now()}, UsernameKey: name,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestUnreachableServerIsUnavailable(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=5&sslmode=disable")
	if !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("open: %v", err)
	}
}

func TestBadURLIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "postgres://u:hunter2@h/d?sslmode=sometimes", "postgres://u:hunter2@[bad/d",
		"host=h password=hunter2 port=x",
	} {
		st, err := Open(t.Context(), url)
		if err == nil {
			st.Close()
			t.Errorf("%q was opened", url)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error contains the password: %v", err)
		}
	}
}

func TestLostConnectionIsUnavailable(t *testing.T) {
	t.Parallel()
	st := openEmpty(t, Config{})
	err := st.Auth().Tx(t.Context(), func(in auth.Store) error {
		if err := in.Lock(t.Context(), "held"); err != nil {
			return err
		}
		_, err := st.DB().ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"+
			" WHERE pid <> pg_backend_pid() AND query LIKE '%'||current_schema()||'%'"+
			" OR pid IN (SELECT l.pid FROM pg_locks AS l WHERE l.relation = 'hallpass_locks'::regclass)")
		if err != nil {
			return err
		}
		return in.AddSetUpToken(t.Context(), [32]byte{1}, time.Now())
	})
	if !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("Tx returned %v", err)
	}
	add(t, st, ada, "ada") // on a new connection
}

func TestCanceledContextStaysThatError(t *testing.T) {
	t.Parallel()
	st := openEmpty(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, read := st.Auth().Account(ctx, ada)
	for name, err := range map[string]error{
		"read": read, "write": st.Auth().AddLogin(ctx, auth.Login{}),
		"tx": st.Auth().Tx(ctx, func(auth.Store) error { return nil }), "ping": st.Ping(ctx),
	} {
		if !errors.Is(err, context.Canceled) || errors.Is(err, auth.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A request that waits for a lock gives up when its context ends.
func TestDeadlineWhileWaiting(t *testing.T) {
	t.Parallel()
	st := openEmpty(t, Config{})
	err := st.Auth().Tx(t.Context(), func(in auth.Store) error {
		if err := in.Lock(t.Context(), "held"); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := st.Auth().Tx(ctx, func(in auth.Store) error { return in.Lock(ctx, "held") })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the second transaction returned %v", err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("the first transaction returned %v", err)
	}
}

// Two transactions lock in opposite order. The database aborts one of them, which runs again.
func TestDeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	st := openEmpty(t, Config{})
	runs := make(chan int, 10)
	done := make(chan error)
	var both sync.WaitGroup
	both.Add(2)
	cross := func(first, second string) {
		tries := 0
		done <- st.Auth().Tx(t.Context(), func(in auth.Store) error {
			tries++
			runs <- tries
			if err := in.Lock(t.Context(), first); err != nil {
				return err
			}
			if tries == 1 {
				both.Done()
				both.Wait()
			}
			return in.Lock(t.Context(), second)
		})
	}
	go cross("a", "b")
	go cross("b", "a")
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if len(runs) != 3 {
		t.Errorf("the transactions ran %d times, want 3", len(runs))
	}
}

func TestPanicLeavesNothing(t *testing.T) {
	t.Parallel()
	st := openEmpty(t, Config{MaxConns: 1})
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

// A SERIALIZABLE transaction of the host that loses returns an error. We do not run it again.
func TestHostTransactionThatLoses(t *testing.T) {
	t.Parallel()
	st := serializable(t)
	add(t, st, ada, "ada")
	tx, err := st.DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	in := st.WithTx(tx)
	if _, err := in.Auth().Account(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	if err := rename(t, st.Auth(), "first"); err != nil {
		t.Fatal(err)
	}
	if err := rename(t, in.Auth(), "second"); !errors.Is(err, auth.ErrSerialization) {
		t.Errorf("the later update returned %v", err)
	}
}

func rename(t *testing.T, st auth.Store, name string) error {
	_, err := st.UpdateAccount(t.Context(), ada, func(a *auth.Account) error { a.Name = name; return nil })
	return err
}

// A transaction that lost can't be committed. It runs again even if its function ignores the
// error.
func TestSwallowedLossIsTriedAgain(t *testing.T) {
	t.Parallel()
	st := serializable(t)
	add(t, st, ada, "ada")
	runs := 0
	err := st.Auth().Tx(t.Context(), func(in auth.Store) error {
		runs++
		if _, err := in.Account(t.Context(), ada); err != nil {
			return err
		}
		if runs == 1 {
			if err := rename(t, st.Auth(), "other"); err != nil {
				return err
			}
		}
		_ = rename(t, in, "mine")
		return nil
	})
	a, read := st.Auth().Account(t.Context(), ada)
	if err != nil || read != nil || runs != 2 || a.Name != "mine" {
		t.Errorf("after %d runs the name is %q: %v, %v", runs, a.Name, err, read)
	}
}
