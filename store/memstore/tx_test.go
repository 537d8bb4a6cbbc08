package memstore_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/memstore"
)

func add(old string) (string, error) { return old + "+", nil }

func TestStoreOfTxIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	st := memstore.New()
	const callers, rounds = 8, 20
	err := st.Tx(t.Context(), func(st store.Store) error {
		var wg sync.WaitGroup
		errs := make([]error, callers)
		for i := range callers {
			wg.Go(func() {
				for range rounds {
					errs[i] = errors.Join(errs[i], st.Auth().UpdateValue(t.Context(), "n", add),
						st.Tx(t.Context(), func(st store.Store) error {
							return st.Auth().UpdateValue(t.Context(), "n", add)
						}))
				}
			})
		}
		wg.Wait()
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := st.Auth().Value(t.Context(), "n"); err != nil || len(got) != callers*rounds*2 {
		t.Errorf("%d updates, %v; want %d", len(got), err, callers*rounds*2)
	}
}

func TestStoreOfTxEndsWithIt(t *testing.T) {
	t.Parallel()
	st := memstore.New()
	for _, result := range []error{nil, errors.New("rolled back")} {
		var kept store.Store
		if err := st.Tx(t.Context(), func(in store.Store) error { kept = in; return result }); err != result {
			t.Fatal(err)
		}
		if err := kept.Auth().UpdateValue(t.Context(), "n", add); err == nil {
			t.Error("wrote after the transaction")
		}
		if err := kept.Tx(t.Context(), func(store.Store) error { return nil }); err == nil {
			t.Error("a transaction inside one that has ended")
		}
		if err := kept.Auth().Lock(t.Context(), "n"); err == nil {
			t.Error("locked after the transaction")
		}
	}
	if got, err := st.Auth().Value(t.Context(), "n"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("found %q, %v", got, err)
	}
}

// A test that fails inside a transaction ends its goroutine there. The lock must not stay held.
func TestGoexitRollsBack(t *testing.T) {
	t.Parallel()
	st := memstore.New()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = st.Tx(t.Context(), func(st store.Store) error {
			if _, err := st.Auth().InitValue(t.Context(), "n", "lost"); err != nil {
				t.Error(err)
			}
			runtime.Goexit()
			return nil
		})
	}()
	<-done
	if got, err := st.Auth().Value(t.Context(), "n"); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("found %q, %v", got, err)
	}
}
