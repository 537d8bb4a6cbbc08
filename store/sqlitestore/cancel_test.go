package sqlitestore

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/store"
)

// The context of a transaction may end at any moment, even while the transaction begins. The
// one connection that writes must still work for the next one.
func TestCancelledTransactionsLeaveTheWriterFit(t *testing.T) {
	t.Parallel()
	st := openFile(t, false)
	for range 30_000 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(150))*time.Microsecond)
		err := st.Tx(ctx, func(store.Store) error { return nil })
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
	}
	if err := st.Tx(t.Context(), func(store.Store) error { return nil }); err != nil {
		t.Fatal(err)
	}
}
