package storetest

import "github.com/hallpass-go/hallpass/auth/token"

var setupScenarios = []scenario{
	{"SetupTokens", setupTokens},
}

func (w *world) hasSetup(h token.Hash, want bool) {
	w.t.Helper()
	got, err := w.st.HasSetUpToken(w.ctx, h)
	w.must(err)
	w.same("has set-up token", got, want)
}

func setupTokens(w *world) {
	a, b, c := w.hash(), w.hash(), w.hash()
	w.must(w.st.DeleteSetUpTokens(w.ctx))
	w.hasSetup(a, false)
	w.must(w.st.AddSetUpToken(w.ctx, a, start))
	w.must(w.st.AddSetUpToken(w.ctx, b, start))
	w.hasSetup(a, true)
	w.hasSetup(b, true)
	w.hasSetup(c, false)
	w.hasSetup(token.Hash{}, false)
	w.must(w.st.DeleteSetUpTokens(w.ctx))
	w.hasSetup(a, false)
	w.hasSetup(b, false)
	w.must(w.st.AddSetUpToken(w.ctx, a, start))
	w.hasSetup(a, true)
	w.hasSetup(b, false)
}
