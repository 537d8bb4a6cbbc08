package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var signInScenarios = []scenario{
	{"ReadSignIn", readSignIn},
	{"CompleteSignIn", completeSignIn},
	{"CompleteSignInWithoutPassword", completeSignInWithoutPassword},
	{"CompleteSignInIsStale", completeSignInStale},
	{"CompleteSignInIsWhole", completeSignInWhole},
}

func readSignIn(w *world) {
	a := w.user("alice")
	bare := w.account("bare")
	bare.UsernameKey, bare.EmailKey = "", ""
	w.must(w.st.CreateAccount(w.ctx, bare))
	for _, settings := range []string{"", `{"signup":"open"}`} {
		if settings != "" {
			_, err := w.st.InitValue(w.ctx, "settings", settings)
			w.must(err)
		}
		for _, key := range []string{"alice", "alice@example.org"} {
			got, err := w.st.ReadSignIn(w.ctx, key)
			w.must(err)
			w.same(key, got, auth.SignInRead{Account: a, Found: true, Settings: settings})
		}
		for _, key := range []string{"", "@", "nobody", "nobody@example.org", "Alice"} {
			got, err := w.st.ReadSignIn(w.ctx, key)
			w.must(err)
			w.same("found "+key, got.Found, false)
			w.same("settings", got.Settings, settings)
			w.same("account", got.Account.ID, auth.UserID(""))
		}
	}
}

func completeSignIn(w *world) {
	a, other := w.user("alice"), w.user("bob")
	x := w.refreshing(a.ID)
	in := w.signIn(a, x)
	in.NewHash, in.Login.At = "a newer hash", start.Add(time.Minute)
	w.must(w.st.CompleteSignIn(w.ctx, in))
	want := a
	want.PasswordHash, want.LastLoginAt = "a newer hash", in.Login.At
	w.same("account", w.stored(a.ID), want)
	w.same("other", w.stored(other.ID), other)
	actor, err := w.st.ActorBySession(w.ctx, x.ID)
	w.must(err)
	w.same("actor", actor, auth.Actor{Session: x, User: want.User})
	l, err := w.st.Login(w.ctx, in.Login.ID)
	w.must(err)
	w.same("login", l, in.Login)
	w.must(w.st.CompleteSignIn(w.ctx, w.signIn(want, w.refreshing(a.ID)))) // on a second device
}

func completeSignInWithoutPassword(w *world) {
	a := w.account("alice")
	a.PasswordHash = ""
	w.must(w.st.CreateAccount(w.ctx, a))
	w.session(a)
}

func completeSignInStale(w *world) {
	active := w.user("alice")
	for _, c := range []struct {
		name string
		edit func(a *auth.Account, in *auth.SignIn)
	}{
		{"other hash", func(_ *auth.Account, in *auth.SignIn) { in.OldHash += "x" }},
		{"no hash", func(_ *auth.Account, in *auth.SignIn) { in.OldHash = "" }},
		{"disabled", func(a *auth.Account, _ *auth.SignIn) { a.Status = auth.StatusDisabled }},
		{"pending", func(a *auth.Account, _ *auth.SignIn) { a.Status = auth.StatusPending }},
		{"nobody", func(_ *auth.Account, in *auth.SignIn) { in.Session.User = auth.UserID(w.id()) }},
		{"other user", func(_ *auth.Account, in *auth.SignIn) {
			in.Session.User, in.Login.User = active.ID, active.ID
		}},
	} {
		a := w.account(c.name)
		in := w.signIn(a, w.refreshing(a.ID))
		in.NewHash, in.Login.At = "new", start.Add(time.Hour)
		c.edit(&a, &in)
		w.must(w.st.CreateAccount(w.ctx, a))
		w.want(w.st.CompleteSignIn(w.ctx, in), auth.ErrStale)
		w.same(c.name, w.stored(a.ID), a)
		w.notSignedIn(in)
	}
	w.same("alice", w.stored(active.ID), active)
}

// notSignedIn checks that neither the session nor the login of a sign-in is stored.
func (w *world) notSignedIn(in auth.SignIn) {
	w.t.Helper()
	_, err := w.st.ActorBySession(w.ctx, in.Session.ID)
	w.want(err, auth.ErrNotFound)
	_, err = w.st.ActorByToken(w.ctx, in.Session.TokenHash)
	w.want(err, auth.ErrNotFound)
	_, err = w.st.Login(w.ctx, in.Login.ID)
	w.want(err, auth.ErrNotFound)
}

// If one write fails, here because of a second session with the same token, nothing is stored.
func completeSignInWhole(w *world) {
	a, b := w.user("alice"), w.user("bob")
	x := w.session(a)
	in := w.signIn(b, w.refreshing(b.ID))
	in.NewHash, in.Session.TokenHash = "new", x.TokenHash
	if err := w.st.CompleteSignIn(w.ctx, in); err == nil {
		w.t.Fatal("two sessions have one token")
	}
	w.same("bob", w.stored(b.ID), b)
	_, err := w.st.ActorBySession(w.ctx, in.Session.ID)
	w.want(err, auth.ErrNotFound)
	_, err = w.st.Login(w.ctx, in.Login.ID)
	w.want(err, auth.ErrNotFound)
	actor, err := w.st.ActorByToken(w.ctx, x.TokenHash)
	w.must(err)
	w.same("whose token it is", actor.Session, x)
}
