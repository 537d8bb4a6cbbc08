package pgtest_test

import (
	"testing"

	"github.com/hallpass-go/hallpass/store/pgstore"
	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

// A test of a host runs on PostgreSQL.
func ExampleDSN() {
	_ = func(t *testing.T) { // func TestSomething(t *testing.T)
		st, err := pgstore.Open(t.Context(), pgtest.DSN(t))
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		// …
	}
}
