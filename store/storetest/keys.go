package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

var keyScenarios = []scenario{
	{"KeysInOrder", keysInOrder},
	{"DeleteKey", deleteKey},
	{"AddKeyRefusesTakenID", addKeyTaken},
}

func (w *world) keysAre(want ...token.StoredKey) {
	w.t.Helper()
	got, err := w.st.KeyStore().Keys(w.ctx)
	w.must(err)
	w.same("keys", got, want)
}

// Keys are sorted by time and then by the bytes of the id.
func keysInOrder(w *world) {
	w.keysAre()
	var all []token.StoredKey
	for _, k := range []struct {
		id string
		at time.Duration
	}{{"zz", -time.Microsecond}, {"-", 0}, {"B", 0}, {"_", 0}, {"a", 0}, {"b", 0}, {"0", time.Microsecond}} {
		key := w.key(k.id)
		key.CreatedAt = start.Add(k.at)
		key.Sealed = append(key.Sealed, k.id...)
		all = append(all, key)
	}
	for _, i := range []int{4, 6, 1, 0, 5, 2, 3} {
		w.must(w.st.KeyStore().AddKey(w.ctx, all[i]))
	}
	w.keysAre(all...)
}

func deleteKey(w *world) {
	a, b := w.key("a"), w.key("b")
	w.must(w.st.KeyStore().AddKey(w.ctx, a))
	w.must(w.st.KeyStore().AddKey(w.ctx, b))
	for _, id := range []string{"A", "a", "a", ""} {
		w.must(w.st.KeyStore().DeleteKey(w.ctx, id))
	}
	w.keysAre(b)
}

// An id is never used twice. If it is, the first key stays.
func addKeyTaken(w *world) {
	a := w.key("a")
	w.must(w.st.KeyStore().AddKey(w.ctx, a))
	b := a
	b.Public = []byte("another")
	if err := w.st.KeyStore().AddKey(w.ctx, b); err == nil {
		w.t.Error("a key was stored over another")
	}
	w.keysAre(a)
}
