package memstore_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/memstore"
	"github.com/hallpass-go/hallpass/store/storetest"
)

func open(*testing.T) store.Store { return memstore.New() }

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, open)
}

func TestStoreConcurrent(t *testing.T) {
	t.Parallel()
	storetest.RunConcurrent(t, open)
}

func TestStoreDifferential(t *testing.T) {
	t.Parallel()
	storetest.Differential(t, open, open)
}

func TestStoresAreApart(t *testing.T) {
	t.Parallel()
	a, b := memstore.New(), memstore.New()
	if _, err := a.Auth().InitValue(t.Context(), "name", "value"); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Auth().Value(t.Context(), "name"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("one store finds %q, %v of another", got, err)
	}
}

func TestLockNeedsTransaction(t *testing.T) {
	t.Parallel()
	if err := memstore.New().Auth().Lock(t.Context(), "name"); err == nil {
		t.Error("locked without a transaction that would end it")
	}
}

// Using the outer store inside a transaction is a mistake. It ends when the context does.
func TestOuterStoreInTxEndsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := memstore.New()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := st.Tx(ctx, func(store.Store) error {
			_, err := st.Auth().Value(ctx, "name")
			return err
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want that of the context", err)
		}
		if _, err := st.Auth().InitValue(t.Context(), "name", "value"); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestOddLimitsDoNotPanic(t *testing.T) {
	t.Parallel()
	st := memstore.New().Auth()
	for _, limit := range []int{0, -1} {
		for name, list := range map[string]func() (int, error){
			"users": func() (int, error) {
				l, err := st.Users(t.Context(), auth.UserQuery{Limit: limit})
				return len(l), err
			},
			"logins": func() (int, error) {
				l, err := st.Logins(t.Context(), auth.LoginQuery{Limit: limit})
				return len(l), err
			},
			"audits": func() (int, error) {
				l, err := st.Audits(t.Context(), auth.AuditQuery{Limit: limit})
				return len(l), err
			},
			"sessions": func() (int, error) {
				l, err := st.Sessions(t.Context(), auth.SessionQuery{Limit: limit})
				return len(l), err
			},
		} {
			if n, err := list(); n != 0 || err != nil {
				t.Errorf("%s with limit %d: %d of them, %v", name, limit, n, err)
			}
		}
	}
}
