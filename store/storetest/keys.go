package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

var keyScenarios = []scenario{{"Keys", keys}, {"KeysInOrder", keysInOrder}}

// keys compares all signing keys.
func (w *world) keys(what string, want ...token.StoredKey) {
	w.t.Helper()
	got, err := w.st.Keys(w.ctx)
	w.must(err)
	w.same(what, got, want)
}

func keys(w *world) {
	w.keys("none")
	w.must(w.st.DeleteKey(w.ctx, "a"))
	a, b := w.key("a"), w.key("A")
	b.CreatedAt, b.Public = start.Add(time.Microsecond), []byte{0, 1, 2, 255}
	w.must(w.st.AddKey(w.ctx, a))
	w.must(w.st.AddKey(w.ctx, b))
	w.keys("both", a, b)
	again := a
	again.Sealed = []byte("another")
	if w.st.AddKey(w.ctx, again) == nil {
		w.t.Error("a key was stored over another")
	}
	w.keys("both still", a, b)
	w.must(w.st.DeleteKey(w.ctx, "a"))
	w.keys("one", b)
	w.must(w.st.DeleteKey(w.ctx, "a"))
}

func keysInOrder(w *world) {
	var want []token.StoredKey
	for _, id := range []string{"B", "Z", "_", "a", "b", "é"} { // of bytes
		want = append(want, w.key(id))
	}
	first, last := w.key("z"), w.key("0")
	first.CreatedAt, last.CreatedAt = start.Add(-time.Microsecond), start.Add(time.Microsecond)
	want = append(append([]token.StoredKey{first}, want...), last)
	for _, i := range []int{5, 7, 1, 0, 3, 6, 2, 4} {
		w.must(w.st.AddKey(w.ctx, want[i]))
	}
	w.keys("by time, then id", want...)
}
