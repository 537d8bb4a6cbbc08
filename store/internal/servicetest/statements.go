package servicetest

import (
	"errors"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/sharing"
)

// Statements limits how many statements the most frequent operations run. count returns how
// many the store has run so far, apart from BEGIN, COMMIT and savepoints.
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
			w.ctx, "mail@example.org", emailcode.SignIn, home,
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

// SharingStatements limits how many statements sharing runs. A refused code takes the same
// number whatever is wrong with it, so that the time of an answer tells nothing. One statement
// of each request with a code takes the try. count returns how many the store has run so far.
func SharingStatements(t *testing.T, open Open, count func() int) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob", "cal", "dan")
	r := w.note(p[0], "n1")
	dead := w.deadCodes(p[0], p[2], r)
	_, dead["unknown"] = w.code(p[0], r, sharing.ShareCodeInput{})
	w.must(w.shares.RevokeShareCode(w.ctx, p[0], r, "", false))
	_, dead["used up"] = w.code(p[0], r, sharing.ShareCodeInput{MaxUses: 1})
	w.must(w.accept(p[2], dead["used up"]))
	_, dead["for user"] = w.code(
		p[0], r, sharing.ShareCodeInput{Audience: sharing.Audience{Type: sharing.ForUser, Value: string(idOf(p[2]))}},
	)
	_, dead["for email"] = w.code(
		p[0], r, sharing.ShareCodeInput{Audience: sharing.Audience{Type: sharing.ForEmail, Value: "x@example.org"}},
	)
	during := func(what string, most int, do func() error) int {
		t.Helper()
		before := count()
		err := do()
		n := count() - before
		if err != nil && !errors.Is(err, sharing.ErrShareCodeInvalid) || n > most {
			t.Errorf("%s: %d statements, want at most %d: %v", what, n, most, err)
		}
		return n
	}
	for why, secret := range dead {
		want := 3
		// A code of a wrong form is not looked up.
		if why == "mistyped" || why == "of another class" || why == "empty" || why == "long" {
			want = 1
		}
		for name, ask := range map[string]func() error{
			"accept":  func() error { return w.accept(p[1], secret) },
			"preview": func() error { _, err := w.shares.Preview(w.ctx, p[1], secret, auth.Client{}); return err },
		} {
			if n := during(name+" "+why, 3, ask); n != want {
				t.Errorf("%s %s: %d statements, want %d", name, why, n, want)
			}
		}
	}
	_, secret := w.code(p[0], r, sharing.ShareCodeInput{})
	during("preview", 8, func() error { _, err := w.shares.Preview(w.ctx, p[1], secret, auth.Client{}); return err })
	during("accept", 15, func() error { return w.accept(p[1], secret) })
	during("accept again", 3, func() error { return w.accept(p[1], secret) })
	during("decide", 3, func() error { _, err := w.shares.Decide(w.ctx, p[1], "read:items", r); return err })
	for range 5 {
		w.give(p[0], r, p[1])
	}
	during("decide with more shares", 3, func() error {
		_, err := w.shares.Decide(w.ctx, p[1], "read:items", r)
		return err
	})
	during("visible", 4, func() error { _, err := w.shares.Visible(w.ctx, p[1], "note", "read:items"); return err })
	during("visible by a role", 0, func() error {
		_, err := w.shares.Visible(w.ctx, w.op, "note", "read:items")
		return err
	})
	during("create", 7, func() error {
		_, err := w.shares.Create(w.ctx, p[0], r, sharing.ShareInput{User: idOf(p[3])})
		return err
	})
}
