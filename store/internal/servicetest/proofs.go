package servicetest

import (
	"errors"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// firstProofTakesTheAccount: who made an account with somebody else's address loses it to
// whoever proves the address: password and sessions end. A later proof ends nothing.
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
		// The attacker has a change of address under way, too.
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
			t.Errorf("%s: password set %v, verified %v", name, a.PasswordHash != "", a.EmailVerified)
		}
		w.must(w.ResetPassword(w.ctx, w.begin("ada@example.org", emailcode.ResetPassword).typed(), pass, home))
		mine := w.tokens("ada")
		w.must(prove(w))
		_, err = w.refresh(mine.Refresh.Reveal())
		w.must(err)
		w.must(w.guess(w.Service, "ada", pass, home))
	}
}

// proofInTheSessionKeepsIt: the code that is typed in the session that asked for it keeps the
// password and that session; other sessions end.
func proofInTheSessionKeepsIt(t *testing.T, open Open) {
	w := setupMail(t, open)
	u := w.member("ada@example.org")
	other, mine := w.tokens("ada"), w.tokens("ada")
	who, err := w.Authenticate(w.ctx, mine.Access)
	w.must(err)
	f, err := w.BeginEmailChange(w.ctx, who, "ada@example.org", home) // the same again: a proof
	w.must(err)
	b := begun{f, w.letter("ada@example.org")}
	v, err := w.VerifyEmail(w.ctx, b.typed(), home)
	w.must(err)
	if !v.EmailVerified || v.ID != u.ID {
		t.Errorf("%+v", v)
	}
	_, err = w.refresh(other.Refresh.Reveal())
	w.want(err, auth.ErrInvalidGrant)
	_, err = w.refresh(mine.Refresh.Reveal())
	w.must(err)
	w.must(w.guess(w.Service, "ada", pass, home))
}

// racingProofs: two proofs at once clean up once, and leave one account with one owner.
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
			t.Errorf("%d sessions", n)
		}
		w.want(w.guess(w.Service, "ada", pass, home), auth.ErrBadCredentials)
		w.must(w.DeleteUser(w.ctx, w.op, u.ID))
		// The username rests for its last holder; the next round makes another account.
		w.clock.Advance(31 * 24 * time.Hour)
	}
}

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

// resetEndsEverything: a reset sets the password, proves the address, ends all sessions and all
// other resets, and is told.
func resetEndsEverything(t *testing.T, open Open) {
	w := setupMail(t, open)
	u := w.member("ada@example.org")
	tokens := w.tokens("ada")
	first, second := w.begin(
		"ada@example.org", emailcode.ResetPassword,
	), w.begin("ada@example.org", emailcode.ResetPassword)
	var fields *auth.FieldsError
	for _, bad := range []string{"short", "ada@example.org"} { // a password that is refused uses nothing up
		if err := w.ResetPassword(
			w.ctx, first.typed(), bad, home,
		); !errors.As(err, &fields) || fields.Fields[0].Field != "password" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	w.want(w.ResetPassword(w.ctx, first.wrong(), pass+"!", home), auth.ErrBadCredentials)
	errs := race(8, func(int) error { return w.ResetPassword(w.ctx, first.mailed(), pass+"!", home) })
	if count(errs, nil) != 1 || count(errs, auth.ErrBadCredentials) != 7 {
		t.Fatalf("%v", errs)
	}
	w.want(w.ResetPassword(w.ctx, second.typed(), pass+"?", home), auth.ErrBadCredentials)
	w.want(w.guess(w.Service, "ada", pass, home), auth.ErrBadCredentials)
	w.must(w.guess(w.Service, "ada", pass+"!", home))
	_, err := w.refresh(tokens.Refresh.Reveal())
	w.want(err, auth.ErrInvalidGrant)
	if !w.stored(u.ID).EmailVerified || w.letter("ada@example.org").Subject != "Your password at hallpass has changed" {
		t.Error("the address is not proven, or nobody was told")
	}
}

// managersMailResets: a manager has a link mailed and sees nothing of it; none for who holds
// more. The host's own link works without mail, once, and is recorded.
func managersMailResets(t *testing.T, open Open) {
	w := setupMail(t, open)
	ada, root := w.member("ada@example.org"), w.member("root@example.org", "admin")
	w.signUp("helen", "helper")
	bob := w.signUp("bob")
	helen := w.principal("helen")
	w.must(w.MailPasswordReset(w.ctx, helen, ada.ID, home))
	l := w.letter("ada@example.org")
	if l.Code != "" || l.Token == "" {
		t.Fatalf("mailed %q", l.Text)
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
		t.Error("a link that was handed over proved the address")
	}
	for action, n := range map[string]int{"password.reset_link": 2, "password.mail_reset": 1} {
		list, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{Action: action})
		w.must(err)
		if len(list.Items) != n {
			t.Errorf("%d records of %s", len(list.Items), action)
		}
	}
}

// reauthByCode: a code to the own address is a fresh proof, of the person whose session it is
// and nobody else.
func reauthByCode(t *testing.T, open Open) {
	w := setupMail(t, open)
	w.member("ada@example.org")
	w.member("bob@example.org")
	w.must(w.proven("ada@example.org"))
	in, err := w.SignIn(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
	w.must(err)
	w.clock.Advance(time.Hour)
	who, err := w.AuthenticateCookie(w.ctx, in.Secret.Reveal())
	w.must(err)
	_, err = w.ReauthenticateByCode(w.ctx, who, w.begin("bob@example.org", emailcode.SignIn).typed(), home)
	w.want(err, auth.ErrBadCredentials)
	f := w.begin("ada@example.org", emailcode.SignIn)
	_, err = w.ReauthenticateByCode(w.ctx, who, f.wrong(), home)
	w.want(err, auth.ErrBadCredentials)
	secret, err := w.ReauthenticateByCode(w.ctx, who, f.typed(), home)
	w.must(err)
	_, err = w.AuthenticateCookie(w.ctx, in.Secret.Reveal())
	w.want(err, auth.ErrTokenInvalid)
	who, err = w.AuthenticateCookie(w.ctx, secret.Reveal())
	w.must(err)
	_, err = w.BeginEmailChange(w.ctx, who, "new@example.org", home)
	w.must(err)
	_, err = w.ReauthenticateByCode(w.ctx, who, f.typed(), home)
	w.want(err, auth.ErrBadCredentials)
}

// linkInTheSessionEndsIt: a mailed link that a session asked for may be opened by somebody
// else, the owner of the address: the session that asked ends like all others.
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
		t.Errorf("%d sessions, password %v", n, w.stored(u.ID).PasswordHash != "")
	}
}

// endedSessionsLeaveNothing: a request that was let in before its session ended, and goes on
// after that, makes nothing that outlives it: no password and no API token.
func endedSessionsLeaveNothing(t *testing.T, open Open) {
	w := setupMail(t, open, passwordless)
	u := w.member("ada@example.org") // by an attacker
	thief := w.principal("ada")
	_, err := w.byCode(w.begin("ada@example.org", emailcode.SignIn).typed())
	w.must(err)
	w.want(w.ChangePassword(w.ctx, thief, u.ID, auth.PasswordChange{New: pass}, home), auth.ErrTokenInvalid)
	_, _, err = w.APITokens.Create(
		w.ctx, thief, auth.Holder{User: u.ID}, auth.APITokenInput{Name: "stays", Scopes: []string{"account!user"}},
	)
	w.want(err, auth.ErrTokenInvalid)
	list, err := w.APITokens.List(w.ctx, w.op, auth.Holder{User: u.ID}, auth.PageQuery{})
	w.must(err)
	if len(list.Items) != 0 || w.stored(u.ID).PasswordHash != "" {
		t.Errorf("%d tokens, password %v", len(list.Items), w.stored(u.ID).PasswordHash != "")
	}
}
