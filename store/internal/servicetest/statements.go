package servicetest

import (
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// Statements pins how many statements the operations of every day take; BEGIN, COMMIT and
// savepoints not counted. count says how many the store has run so far.
func Statements(t *testing.T, open Open, count func() int) {
	w := setupMail(t, open)
	w.signUp("ada")
	w.member("mail@example.org")
	w.must(w.Ready(w.ctx))
	during := func(what string, most int, do func()) {
		t.Helper()
		before := count()
		do()
		if n := count() - before; n < 1 || n > most {
			t.Errorf("%s: %d statements, want 1 to %d", what, n, most)
		}
	}
	var head auth.TokenAnswer
	during("password sign-in", 6, func() { head = w.tokens("ada") })
	during("authenticate", 1, func() {
		_, err := w.Authenticate(w.ctx, head.Access)
		w.must(err)
	})
	first := head.Refresh.Reveal()
	during("refresh", 3, func() {
		var err error
		head, err = w.refresh(first)
		w.must(err)
	})
	during("refresh in the grace", 3, func() {
		_, err := w.refresh(first)
		w.must(err)
	})
	in, err := w.SignIn(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
	w.must(err)
	during("authenticate a cookie", 1, func() {
		_, err := w.AuthenticateCookie(w.ctx, in.Secret.Reveal())
		w.must(err)
	})
	owner := home
	owner.Device = in.Device
	during("sign-in from a known device", 6, func() { w.must(w.guess(w.Service, "ada", pass, owner)) })
	during("failed sign-in", 3, func() {
		w.want(w.guess(w.Service, "ada", "wrong password", home), auth.ErrBadCredentials)
	})
	for range 40 {
		_ = w.guess(w.Service, "nobody-here", "wrong password", home)
	}
	during("throttled sign-in", 3, func() {
		w.want(w.guess(w.Service, "nobody-here", "x wrong password", home), auth.ErrTooManyAttempts)
	})
	var flow emailcode.Started
	during("begin a code", 5, func() {
		var err error
		flow, err = w.BeginEmailCode(
			w.ctx, auth.EmailCodeRequest{Email: "mail@example.org", Purpose: emailcode.SignIn, Client: home},
		)
		w.must(err)
	})
	proof := begun{flow, w.letter("mail@example.org")}.typed()
	during("look for mail", 1, func() {
		_, err := w.Outbox.Deliver(w.ctx)
		w.must(err)
	})
	during("first sign-in by a code, which proves the address", 13, func() {
		_, err := w.SignInByCode(w.ctx, proof, auth.SignInRequest{Client: home})
		w.must(err)
	})
	during("wrong code", 3, func() {
		_, err := w.SignInByCode(
			w.ctx, emailcode.Evidence{
				Flow: proof.Flow, Secret: proof.Secret, Code: "x",
			}, auth.SignInRequest{Client: home},
		)
		w.want(err, auth.ErrBadCredentials)
	})
}
