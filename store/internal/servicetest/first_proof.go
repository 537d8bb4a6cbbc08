package servicetest

import (
	"errors"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// firstProofTakesTheAccount checks that whoever first proves the address of an account takes it
// over from whoever made it: the password, the sessions and the tokens end. A later proof ends
// nothing.
func firstProofTakesTheAccount(t *testing.T, open Open) {
	for name, prove := range map[string]func(w *mailWorld) error{
		"code": func(w *mailWorld) error {
			_, err := w.byCode(w.begin("ada@example.org", emailcode.SignIn).typed())
			return err
		},
		"link": func(w *mailWorld) error {
			_, err := w.byCode(w.begin("ada@example.org", emailcode.SignIn).mailed())
			return err
		},
		"verify": func(w *mailWorld) error {
			_, err := w.VerifyEmail(w.ctx, w.begin("ada@example.org", emailcode.VerifyEmail).typed(), home)
			return err
		},
		"verify by link": func(w *mailWorld) error {
			_, err := w.VerifyEmail(w.ctx, w.begin("ada@example.org", emailcode.VerifyEmail).mailed(), home)
			return err
		},
	} {
		w := setupMail(t, open, passwordless)
		u := w.member("ada@example.org") // by an attacker, who stays signed in
		thief := w.tokens("ada")
		_, program, err := w.APITokens.Create(w.ctx, w.principal("ada"), auth.Holder{User: u.ID}, auth.APITokenInput{
			Name: "stays", Scopes: []string{"account!user"},
		})
		w.must(err)
		// The attacker has also begun a change of address.
		who, err := w.Authenticate(w.ctx, thief.Access)
		w.must(err)
		change, err := w.BeginEmailChange(w.ctx, who, "thief@example.org", home)
		w.must(err)
		changing := begun{change, w.letter("thief@example.org")}
		w.must(prove(w))
		_, err = w.refresh(thief.Refresh.Reveal())
		w.want(err, auth.ErrInvalidGrant)
		_, err = w.Authenticate(w.ctx, program.Reveal())
		w.want(err, auth.ErrTokenInvalid)
		_, err = w.VerifyEmail(w.ctx, changing.typed(), home)
		w.want(err, auth.ErrBadCredentials)
		w.want(w.guess(w.Service, "ada", pass, home), auth.ErrBadCredentials)
		if a := w.stored(u.ID); a.PasswordHash != "" || !a.EmailVerified {
			t.Errorf("%s: password left %v, address proven %v", name, a.PasswordHash != "", a.EmailVerified)
		}
		w.must(w.ResetPassword(w.ctx, w.begin("ada@example.org", emailcode.ResetPassword).typed(), pass, home))
		mine := w.tokens("ada")
		w.must(prove(w))
		_, err = w.refresh(mine.Refresh.Reveal())
		w.must(err)
		w.must(w.guess(w.Service, "ada", pass, home))
	}
}

// proofInTheSessionKeepsIt checks that a code that is entered in the session that asked for it
// keeps that session and the password. Other sessions end.
func proofInTheSessionKeepsIt(t *testing.T, open Open) {
	w := setupMail(t, open)
	u := w.member("ada@example.org")
	other, mine := w.tokens("ada"), w.tokens("ada")
	who, err := w.Authenticate(w.ctx, mine.Access)
	w.must(err)
	// This is no new address, so it is only proven.
	f, err := w.BeginEmailChange(w.ctx, who, "ada@example.org", home)
	w.must(err)
	b := begun{f, w.letter("ada@example.org")}
	v, err := w.VerifyEmail(w.ctx, b.typed(), home)
	w.must(err)
	if !v.EmailVerified || v.ID != u.ID {
		t.Errorf("the account is now %+v", v)
	}
	_, err = w.refresh(other.Refresh.Reveal())
	w.want(err, auth.ErrInvalidGrant)
	_, err = w.refresh(mine.Refresh.Reveal())
	w.must(err)
	w.must(w.guess(w.Service, "ada", pass, home))
}

// racingProofs checks that two proofs at once end the old password and sessions only once, so
// that both sign in to the account.
func racingProofs(t *testing.T, open Open) {
	w := setupMail(t, open, passwordless)
	for range 6 {
		u := w.member("ada@example.org")
		w.tokens("ada")
		a, b := w.begin("ada@example.org", emailcode.SignIn), w.begin("ada@example.org", emailcode.SignIn)
		errs := race(2, func(i int) error {
			_, err := w.byCode([]begun{a, b}[i].typed())
			return err
		})
		w.must(errors.Join(errs...))
		if n := w.sessionsOf(u.ID); n < 1 || n > 2 {
			t.Errorf("%d sessions, want 1 or 2", n)
		}
		w.want(w.guess(w.Service, "ada", pass, home), auth.ErrBadCredentials)
		w.must(w.DeleteUser(w.ctx, w.op, u.ID))
		// The username is reserved for its last holder for a while. The next round makes
		// another account.
		w.clock.Advance(31 * 24 * time.Hour)
	}
}

// linkInTheSessionEndsIt checks that opening a mailed link also ends the session that asked for
// it. Whoever opens the link may be somebody else, the owner of the address.
func linkInTheSessionEndsIt(t *testing.T, open Open) {
	w := setupMail(t, open)
	u := w.member("ada@example.org") // by an attacker
	thief := w.tokens("ada")
	who, err := w.Authenticate(w.ctx, thief.Access)
	w.must(err)
	f, err := w.BeginEmailChange(w.ctx, who, "ada@example.org", home)
	w.must(err)
	_, err = w.VerifyEmail(w.ctx, begun{f, w.letter("ada@example.org")}.mailed(), home)
	w.must(err)
	_, err = w.refresh(thief.Refresh.Reveal())
	w.want(err, auth.ErrInvalidGrant)
	if n := w.sessionsOf(u.ID); n != 0 || w.stored(u.ID).PasswordHash != "" {
		t.Errorf("%d sessions are left, a password is left: %v", n, w.stored(u.ID).PasswordHash != "")
	}
}
