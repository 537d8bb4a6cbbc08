package pgstore

import (
	"testing"

	"github.com/hallpass-go/hallpass/store/bunstore/buntest"
	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

func BenchmarkStore(b *testing.B) {
	for name, prepare := range map[string]bool{"plain": false, "prepared": true} {
		b.Run(name, func(b *testing.B) {
			st, err := OpenConfig(b.Context(), Config{URL: pgtest.DSN(b), Prepare: prepare})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = st.Close() })
			buntest.Bench(b, st, buntest.Raw{
				DB: st.db, Reader: st.db, Prepared: prepare, Dollar: true, Begin: "BEGIN",
				Roles: "array_to_string(array(SELECT octet_length(r.role) || ':' || r.role" +
					" FROM hallpass_user_roles AS r WHERE r.user_id = u.id ORDER BY r.role), '')",
			})
		})
	}
}
