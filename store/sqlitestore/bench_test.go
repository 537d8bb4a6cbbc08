package sqlitestore

import (
	"path/filepath"
	"testing"

	"github.com/hallpass-go/hallpass/store/bunstore/buntest"
)

func BenchmarkStore(b *testing.B) {
	st, err := Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	buntest.Bench(b, st, buntest.Raw{
		DB: st.writer, Reader: st.reader, Prepared: true, Begin: "BEGIN IMMEDIATE",
		Roles: "(SELECT group_concat(held.role, '')" +
			" FROM (SELECT length(CAST(r.role AS BLOB)) || ':' || r.role AS role" +
			" FROM hallpass_user_roles AS r WHERE r.user_id = u.id ORDER BY r.role) AS held)",
	})
}
