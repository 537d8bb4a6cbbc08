package servicetest

import (
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// emailChangeNeedsProof checks that a new address replaces the old one when its code is
// entered, and not before. Both addresses are told, and other sessions end.
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
	const subject = "The address of your account at hallpass is about to change"
	if told.Code != "" || told.Token != "" || told.Subject != subject {
		t.Errorf("the old address got %q", told.Text)
	}
	if a := w.stored(u.ID); a.Email != "ada@example.org" || !a.EmailVerified {
		t.Errorf("the address has changed before the proof: %+v", a.User)
	}
	_, err = w.VerifyEmail(w.ctx, b.wrong(), home)
	w.want(err, auth.ErrBadCredentials)
	v, err := w.VerifyEmail(w.ctx, b.typed(), home)
	w.must(err)
	if v.Email != "New@example.org" || !v.EmailVerified {
		t.Errorf("changed to %+v", v)
	}
	for _, to := range []string{"ada@example.org", "New@example.org"} {
		if l := w.letter(to); l.Code != "" || l.Subject != "The address of your account at hallpass has changed" {
			t.Errorf("%s got a mail about %q", to, l.Subject)
		}
	}
	_, err = w.refresh(other.Refresh.Reveal())
	w.want(err, auth.ErrInvalidGrant)
	_, err = w.refresh(mine.Refresh.Reveal())
	w.must(err)
	w.silently("ada@example.org", emailcode.SignIn)

	// A taken address gives the same answer. Its owner is told.
	who, err = w.Authenticate(w.ctx, mine.Access)
	w.must(err)
	f, err = w.BeginEmailChange(w.ctx, who, "bob@example.org", home)
	w.must(err)
	if l := w.letter("bob@example.org"); l.Code != "" || l.Token != "" {
		t.Errorf("bob got %q", l.Text)
	}
	_, err = w.VerifyEmail(w.ctx, emailcode.Evidence{Flow: f.ID, Secret: f.Secret.Reveal(), Code: "BCDF-GHJK"}, home)
	w.want(err, auth.ErrBadCredentials)

	// An address that was taken in the meantime is refused. A change ends with the session that
	// began it.
	f, err = w.BeginEmailChange(w.ctx, who, "soon@example.org", home)
	w.must(err)
	b = begun{f, w.letter("soon@example.org")}
	w.member("soon@example.org")
	_, err = w.VerifyEmail(w.ctx, b.typed(), home)
	w.want(err, auth.ErrEmailTaken)
	f, err = w.BeginEmailChange(w.ctx, who, "gone@example.org", home)
	w.must(err)
	b = begun{f, w.letter("gone@example.org")}
	w.must(w.Sessions.EndAll(w.ctx, w.op, u.ID, true))
	_, err = w.VerifyEmail(w.ctx, b.typed(), home)
	w.want(err, auth.ErrBadCredentials)

	// A change needs a fresh proof, and a session with all of the user's rights.
	who = w.principal("ada")
	w.clock.Advance(6 * time.Minute)
	_, err = w.BeginEmailChange(w.ctx, who, "x@example.org", home)
	w.want(err, auth.ErrReauthRequired)
	w.must(w.AddRole(w.ctx, w.op, u.ID, "helper"))
	narrow := w.principal("ada", "account!user")
	_, err = w.BeginEmailChange(w.ctx, narrow, "x@example.org", home)
	w.want(err, auth.ErrAboveCeiling)
}

// oldAddressOpensNothing checks that codes and links that were sent to an address stop working
// when the account gets another address.
func oldAddressOpensNothing(t *testing.T, open Open) {
	w := setupMail(t, open)
	u := w.member("ada@example.org")
	in := w.begin("ada@example.org", emailcode.SignIn)
	reset := w.begin("ada@example.org", emailcode.ResetPassword)
	verify := w.begin("ada@example.org", emailcode.VerifyEmail)
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
