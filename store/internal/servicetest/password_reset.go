package servicetest

import (
	"errors"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// resetEndsEverything checks that a reset sets the password, proves the address, ends all
// sessions and all other resets, and that the user is told.
func resetEndsEverything(t *testing.T, open Open) {
	w := setupMail(t, open)
	u := w.member("ada@example.org")
	tokens := w.tokens("ada")
	first := w.begin("ada@example.org", emailcode.ResetPassword)
	second := w.begin("ada@example.org", emailcode.ResetPassword)
	var fields *auth.FieldsError
	// A refused password does not use up the code.
	for _, bad := range []string{"short", "ada@example.org"} {
		err := w.ResetPassword(w.ctx, first.typed(), bad, home)
		if !errors.As(err, &fields) || fields.Fields[0].Field != "password" {
			t.Errorf("the password %q: got error %v", bad, err)
		}
	}
	w.want(w.ResetPassword(w.ctx, first.wrong(), pass+"!", home), auth.ErrBadCredentials)
	errs := race(8, func(int) error { return w.ResetPassword(w.ctx, first.mailed(), pass+"!", home) })
	if count(errs, nil) != 1 || count(errs, auth.ErrBadCredentials) != 7 {
		t.Fatalf("resets at once: %v", errs)
	}
	w.want(w.ResetPassword(w.ctx, second.typed(), pass+"?", home), auth.ErrBadCredentials)
	w.want(w.guess(w.Service, "ada", pass, home), auth.ErrBadCredentials)
	w.must(w.guess(w.Service, "ada", pass+"!", home))
	_, err := w.refresh(tokens.Refresh.Reveal())
	w.want(err, auth.ErrInvalidGrant)
	if !w.stored(u.ID).EmailVerified || w.letter("ada@example.org").Subject != "Your password at hallpass has changed" {
		t.Error("the address is not proven, or the user was not told")
	}
}

// managersMailResets checks that a manager can have a reset link mailed without seeing it, but
// not to somebody who holds more. The host can get a link itself. That link works once, does
// not prove the address, and is recorded.
func managersMailResets(t *testing.T, open Open) {
	w := setupMail(t, open)
	ada, root := w.member("ada@example.org"), w.member("root@example.org", "admin")
	w.signUp("helen", "helper")
	bob := w.signUp("bob")
	helen := w.principal("helen")
	w.must(w.MailPasswordReset(w.ctx, helen, ada.ID, home))
	l := w.letter("ada@example.org")
	if l.Code != "" || l.Token == "" {
		t.Fatalf("the mail is %q", l.Text)
	}
	w.clock.Advance(23 * time.Hour)
	w.must(w.ResetPassword(w.ctx, emailcode.Evidence{Token: l.Token}, pass+"!", home))
	w.must(w.guess(w.Service, "ada", pass+"!", home))
	helen = w.principal("helen")
	w.want(w.MailPasswordReset(w.ctx, helen, root.ID, home), auth.ErrAboveCeiling)
	w.want(w.MailPasswordReset(w.ctx, helen, bob.ID, home), auth.ErrNoEmail)
	w.want(w.MailPasswordReset(w.ctx, w.principal("bob"), ada.ID, home), auth.ErrInsufficientScope)
	_, err := w.PasswordResetLink(w.ctx, helen, ada.ID)
	w.want(err, auth.ErrInsufficientScope)
	link, err := w.PasswordResetLink(w.ctx, w.op, bob.ID)
	w.must(err)
	token := linkToken(t, link)
	w.must(w.ResetPassword(w.ctx, emailcode.Evidence{Token: token}, pass+"!", home))
	w.want(w.ResetPassword(w.ctx, emailcode.Evidence{Token: token}, pass+"?", home), auth.ErrBadCredentials)
	w.must(w.guess(w.Service, "bob", pass+"!", home))
	link, err = w.PasswordResetLink(w.ctx, w.op, root.ID)
	w.must(err)
	w.must(w.ResetPassword(w.ctx, emailcode.Evidence{Token: linkToken(t, link)}, pass+"!", home))
	if w.stored(root.ID).EmailVerified {
		t.Error("a link that was not mailed proved the address")
	}
	for action, n := range map[string]int{"password.reset_link": 2, "password.mail_reset": 1} {
		list, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{Action: action})
		w.must(err)
		if len(list.Items) != n {
			t.Errorf("%d audit records of %s", len(list.Items), action)
		}
	}
}
