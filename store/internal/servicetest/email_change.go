package servicetest

import (
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// emailChangeNeedsProof: a new address counts once its code is typed; until then the old one
// does. Both are told. Other sessions end.
func emailChangeNeedsProof(t *testing.T, open Open) {
	w := setupMail(t, open)
	u := w.member("ada@example.org")
	w.member("bob@example.org")
	w.must(w.proven("ada@example.org"))
	other, mine := w.tokens("ada"), w.tokens("ada")
	who, err := w.Authenticate(w.ctx, mine.Access)
	w.must(err)
	f, err := w.BeginEmailChange(w.ctx, who, "New@example.org", home)
	w.must(err)
	b := begun{f, w.letter("New@example.org")}
	told := w.letter("ada@example.org")
	if told.Code != "" || told.Token != "" || told.Subject != "Your address at hallpass is to change" {
		t.Errorf("the old address was told %q", told.Text)
	}
	if a := w.stored(u.ID); a.Email != "ada@example.org" || !a.EmailVerified {
		t.Errorf("changed already: %+v", a.User)
	}
	_, err = w.VerifyEmail(w.ctx, b.wrong(), home)
	w.want(err, auth.ErrBadCredentials)
	v, err := w.VerifyEmail(w.ctx, b.typed(), home)
	w.must(err)
	if v.Email != "New@example.org" || !v.EmailVerified {
		t.Errorf("%+v", v)
	}
	for _, to := range []string{"ada@example.org", "New@example.org"} {
		if l := w.letter(to); l.Code != "" || l.Subject != "The address of your account at hallpass has changed" {
			t.Errorf("%s was told %q", to, l.Subject)
		}
	}
	_, err = w.refresh(other.Refresh.Reveal())
	w.want(err, auth.ErrInvalidGrant)
	_, err = w.refresh(mine.Refresh.Reveal())
	w.must(err)
	w.silently("ada@example.org", emailcode.SignIn)

	// An address that is taken looks the same, and its owner hears of it.
	who, err = w.Authenticate(w.ctx, mine.Access)
	w.must(err)
	f, err = w.BeginEmailChange(w.ctx, who, "bob@example.org", home)
	w.must(err)
	if l := w.letter("bob@example.org"); l.Code != "" || l.Token != "" {
		t.Errorf("bob got %q", l.Text)
	}
	_, err = w.VerifyEmail(w.ctx, emailcode.Evidence{Flow: f.ID, Secret: f.Secret.Reveal(), Code: "BCDF-GHJK"}, home)
	w.want(err, auth.ErrBadCredentials)

	// One that is taken meanwhile is a conflict, and a session that ends takes its change with
	// it.
	f, err = w.BeginEmailChange(w.ctx, who, "soon@example.org", home)
	w.must(err)
	b = begun{f, w.letter("soon@example.org")}
	w.member("soon@example.org")
	_, err = w.VerifyEmail(w.ctx, b.typed(), home)
	w.want(err, auth.ErrEmailTaken)
	f, err = w.BeginEmailChange(w.ctx, who, "gone@example.org", home)
	w.must(err)
	b = begun{f, w.letter("gone@example.org")}
	w.must(w.EndSessions(w.ctx, w.op, u.ID, true))
	_, err = w.VerifyEmail(w.ctx, b.typed(), home)
	w.want(err, auth.ErrBadCredentials)

	// It takes a fresh proof, and all of the person's rights.
	who = w.principal("ada")
	w.clock.Advance(6 * time.Minute)
	_, err = w.BeginEmailChange(w.ctx, who, "x@example.org", home)
	w.want(err, auth.ErrReauthRequired)
	w.must(w.AddRole(w.ctx, w.op, u.ID, "helper"))
	narrow := w.principal("ada", "account!user")
	_, err = w.BeginEmailChange(w.ctx, narrow, "x@example.org", home)
	w.want(err, auth.ErrAboveCeiling)
}

// oldAddressOpensNothing: codes and links that went to an address are worth nothing once the
// account has another one.
func oldAddressOpensNothing(t *testing.T, open Open) {
	w := setupMail(t, open)
	u := w.member("ada@example.org")
	in, reset, verify := w.begin(
		"ada@example.org", emailcode.SignIn,
	), w.begin("ada@example.org", emailcode.ResetPassword), w.begin("ada@example.org", emailcode.VerifyEmail)
	w.must(w.MailPasswordReset(w.ctx, w.op, u.ID, home))
	byManager := emailcode.Evidence{Token: w.letter("ada@example.org").Token}
	email := "other@example.org"
	_, err := w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Email: &email})
	w.must(err)
	for _, p := range []emailcode.Evidence{in.typed(), in.mailed()} {
		_, err := w.byCode(p)
		w.want(err, auth.ErrBadCredentials)
	}
	for _, p := range []emailcode.Evidence{reset.typed(), reset.mailed(), byManager} {
		w.want(w.ResetPassword(w.ctx, p, pass+"!", home), auth.ErrBadCredentials)
	}
	for _, p := range []emailcode.Evidence{verify.typed(), verify.mailed()} {
		_, err := w.VerifyEmail(w.ctx, p, home)
		w.want(err, auth.ErrBadCredentials)
	}
	w.must(w.guess(w.Service, "ada", pass, home))
}
