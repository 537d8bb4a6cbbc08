package servicetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/limit"
)

// codeSignsInOnce checks that a mailed code or link signs in once, and that using one of the
// two ends the other. Spaces and case do not matter in a code.
func codeSignsInOnce(t *testing.T, open Open) {
	w := setupMail(t, open)
	u := w.member("Ada@Example.org")
	f := w.begin("Ada@Example.org", emailcode.SignIn)
	p := f.typed()
	p.Code = " " + strings.ToLower(strings.ReplaceAll(p.Code, "-", " - "))
	who, err := w.byCode(p)
	w.must(err)
	if who.User.ID != u.ID || !who.User.EmailVerified || who.Session.Method != auth.MethodEmailCode {
		t.Errorf("signed in as %+v", who.User)
	}
	for _, again := range []emailcode.Evidence{f.typed(), f.mailed()} {
		_, err = w.byCode(again)
		w.want(err, auth.ErrBadCredentials)
	}
	f = w.begin("Ada@Example.org", emailcode.SignIn)
	_, err = w.byCode(f.mailed())
	w.must(err)
	_, err = w.byCode(f.typed())
	w.want(err, auth.ErrBadCredentials)
	tokens, err := w.CodeGrant(w.ctx, w.begin("Ada@Example.org", emailcode.SignIn).typed(), auth.SignInRequest{
		Scopes: []string{"read:users!user"}, ClientName: "cli",
	})
	w.must(err)
	if len(tokens.Scopes) != 1 || tokens.Session.ClientName != "cli" || tokens.Refresh.IsZero() {
		t.Errorf("the session of the tokens is %+v", tokens.Session)
	}
	list, err := w.History.Logins(w.ctx, w.op, u.ID, auth.LoginFilter{Method: auth.MethodEmailCode})
	w.must(err)
	if len(list.Items) < 3 {
		t.Errorf("%d sign-ins by code are recorded, want at least 3", len(list.Items))
	}
}

// guessesCostExactlyFive checks that 64 guesses at once use up exactly five tries. After that
// the right code is refused, too. The link still works.
func guessesCostExactlyFive(t *testing.T, open Open) {
	w := setupMail(t, open)
	w.member("ada@example.org")
	f := w.begin("ada@example.org", emailcode.SignIn)
	errs := race(64, func(int) error { _, err := w.byCode(f.wrong()); return err })
	if n := count(errs, auth.ErrBadCredentials); n != 64 {
		t.Fatalf("%d of 64 guesses were refused: %v", n, errs)
	}
	stored, err := w.st.Auth().Flows().Flow(w.ctx, f.Started.ID)
	w.must(err)
	if stored.Tries != emailcode.MaxTries {
		t.Errorf("%d tries were counted, want 5", stored.Tries)
	}
	_, err = w.byCode(f.typed())
	w.want(err, auth.ErrBadCredentials)
	_, err = w.byCode(f.mailed())
	w.must(err)
	// Four wrong codes leave one try.
	f = w.begin("ada@example.org", emailcode.SignIn)
	for range emailcode.MaxTries - 1 {
		_, err := w.byCode(f.wrong())
		w.want(err, auth.ErrBadCredentials)
	}
	_, err = w.byCode(f.typed())
	w.must(err)
}

// oneSessionPerCode checks that only one of fifty requests with the right code gets a session.
func oneSessionPerCode(t *testing.T, open Open) {
	w := setupMail(t, open, passwordless)
	u := w.member("ada@example.org")
	for round, email := range []string{"ada@example.org", "ada@example.org", "new@example.org"} {
		f := w.begin(email, emailcode.SignIn)
		errs := race(50, func(i int) error {
			proof := f.typed()
			if i%2 == 1 {
				proof = f.mailed()
			}
			_, err := w.byCode(proof)
			return err
		})
		if count(errs, nil) != 1 || count(errs, auth.ErrBadCredentials) != 49 {
			t.Fatalf("round %d: %d signed in, want 1: %v", round, count(errs, nil), errs)
		}
	}
	if n := w.sessionsOf(u.ID); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}
}

// strangersFlowDisturbsNothing checks that a flow goes on working when strangers begin flows
// for the same address and use up their tries.
func strangersFlowDisturbsNothing(t *testing.T, open Open) {
	w := setupMail(t, open)
	w.member("ada@example.org")
	mine := w.begin("ada@example.org", emailcode.SignIn)
	for range 3 {
		theirs := w.begin("ada@example.org", emailcode.SignIn)
		for range 10 {
			_, _ = w.byCode(theirs.wrong())
		}
		// They may know the id of my flow, but it is of no use without its secret.
		stolen := mine.wrong()
		stolen.Secret = theirs.Secret.Reveal()
		for range 10 {
			_, err := w.byCode(stolen)
			w.want(err, auth.ErrBadCredentials)
		}
		_, err := w.ResendEmailCode(w.ctx, mine.Started.ID, theirs.Secret.Reveal(), home)
		w.want(err, auth.ErrBadCredentials)
		// A code works only in its own flow.
		mixed := mine.typed()
		mixed.Flow, mixed.Secret = theirs.Started.ID, theirs.Secret.Reveal()
		_, err = w.byCode(mixed)
		w.want(err, auth.ErrBadCredentials)
	}
	_, err := w.byCode(mine.typed())
	w.must(err)
}

// codesHaveOnePurpose checks that codes and links do not work for another purpose than theirs,
// and that they still work for their own after such a try.
func codesHaveOnePurpose(t *testing.T, open Open) {
	w := setupMail(t, open, passwordless)
	w.member("ada@example.org")
	w.must(w.proven("ada@example.org"))
	who := w.principal("ada")
	uses := map[emailcode.Purpose]func(emailcode.Evidence) error{
		emailcode.SignIn: func(p emailcode.Evidence) error { _, err := w.byCode(p); return err },
		emailcode.VerifyEmail: func(p emailcode.Evidence) error {
			_, err := w.VerifyEmail(w.ctx, p, home)
			return err
		},
		emailcode.ResetPassword: func(p emailcode.Evidence) error { return w.ResetPassword(w.ctx, p, pass+"!", home) },
	}
	flows := map[emailcode.Purpose]begun{}
	for purpose := range uses {
		flows[purpose] = w.begin("ada@example.org", purpose)
	}
	change, err := w.BeginEmailChange(w.ctx, who, "ada2@example.org", home)
	w.must(err)
	flows[emailcode.ChangeEmail] = begun{change, w.letter("ada2@example.org")}
	for of, f := range flows {
		for as, use := range uses {
			if of == as || of == emailcode.ChangeEmail && as == emailcode.VerifyEmail {
				continue
			}
			if err := use(f.typed()); !errors.Is(err, auth.ErrBadCredentials) {
				t.Errorf("a code of %s used as %s: %v", of, as, err)
			}
			if f.Token == "" {
				continue
			}
			if err := use(f.mailed()); !errors.Is(err, auth.ErrBadCredentials) {
				t.Errorf("a link of %s used as %s: %v", of, as, err)
			}
		}
	}
	if flows[emailcode.ChangeEmail].Token != "" {
		t.Error("a change of address was mailed as a link, which anybody can open")
	}
	_, err = w.ReauthenticateByCode(w.ctx, who, flows[emailcode.ResetPassword].mailed(), home)
	w.want(err, auth.ErrBadCredentials)
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: flows[emailcode.SignIn].Token})
	w.want(err, auth.ErrInvitationInvalid)
	for _, purpose := range []emailcode.Purpose{emailcode.VerifyEmail, emailcode.SignIn, emailcode.ResetPassword} {
		if err := uses[purpose](flows[purpose].typed()); err != nil {
			t.Errorf("%s no longer works for its own purpose: %v", purpose, err)
		}
	}
}

// codesExpire checks that a code works for ten minutes, or until another one is sent in its
// place.
func codesExpire(t *testing.T, open Open) {
	w := setupMail(t, open)
	w.member("ada@example.org")
	f := w.begin("ada@example.org", emailcode.SignIn)
	w.clock.Advance(emailcode.Life)
	for _, p := range []emailcode.Evidence{f.typed(), f.mailed()} {
		_, err := w.byCode(p)
		w.want(err, auth.ErrBadCredentials)
	}
	_, err := w.ResendEmailCode(w.ctx, f.Started.ID, f.Secret.Reveal(), home)
	w.want(err, auth.ErrBadCredentials)
	w.must(w.Housekeep(w.ctx))
	_, err = w.st.Auth().Flows().Flow(w.ctx, f.Started.ID)
	w.want(err, emailcode.ErrNotFound)

	f = w.begin("ada@example.org", emailcode.SignIn)
	early, err := w.ResendEmailCode(w.ctx, f.Started.ID, f.Secret.Reveal(), home)
	w.must(err)
	if early.ResendAfter != emailcode.ResendAfter || !early.Secret.IsZero() ||
		w.letter("ada@example.org").Code != f.Code {
		t.Errorf("a code was sent again too soon: %+v", early)
	}
	w.clock.Advance(emailcode.ResendAfter)
	_, err = w.ResendEmailCode(w.ctx, f.Started.ID, f.Secret.Reveal(), home)
	w.must(err)
	next := begun{f.Started, w.letter("ada@example.org")}
	if next.Code == f.Code || next.Token == f.Token {
		t.Fatal("the same code was sent again")
	}
	w.clock.Advance(emailcode.Life - time.Second) // the new code has its full time
	for _, p := range []emailcode.Evidence{f.typed(), f.mailed()} {
		_, err := w.byCode(p)
		w.want(err, auth.ErrBadCredentials)
	}
	_, err = w.byCode(next.typed())
	w.must(err)
}

// mailIsLimited checks that an address gets at most five mails in an hour, whoever asks for
// them. The answer does not tell when no more are sent. Strangers do not use up the mails of a
// device that has signed in before.
func mailIsLimited(t *testing.T, open Open) {
	w := setupMail(t, open)
	w.member("ada@example.org")
	in, err := w.SignIn(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
	w.must(err)
	for i := range 5 {
		c := client(fmt.Sprintf("192.0.2.%d", i+10))
		_, err := w.BeginEmailCode(
			w.ctx, "Ada@example.org", emailcode.SignIn, c,
		)
		w.must(err)
	}
	w.letter("ada@example.org")
	if n := len(w.box.To("ada@example.org")); n != 5 {
		t.Fatalf("%d mails were sent, want 5", n)
	}
	w.silently("ada@example.org", emailcode.ResetPassword)
	w.clock.Advance(time.Hour - time.Second)
	w.silently("ada@example.org", emailcode.SignIn)
	owner := home
	owner.Device = in.Device
	f, err := w.BeginEmailCode(
		w.ctx, "ada@example.org", emailcode.SignIn, owner,
	)
	w.must(err)
	_, err = w.SignInByCode(w.ctx, begun{f, w.letter("ada@example.org")}.typed(), auth.SignInRequest{Client: owner})
	w.must(err)
	w.clock.Advance(2 * time.Second)
	w.begin("ada@example.org", emailcode.SignIn)

	// A network that asks for codes for many addresses is told to wait.
	w.cfg.Limits.MailNetwork = limit.Limit{Burst: 3, Interval: time.Hour}
	strict := w.replica()
	ask := func(i int) error {
		_, err := strict.BeginEmailCode(w.ctx, fmt.Sprintf("x%d@example.org", i), emailcode.SignIn, client("203.0.113.7"))
		return err
	}
	for i := range 3 {
		w.must(ask(i))
	}
	w.want(ask(4), auth.ErrTooManyAttempts)
}

// typedCodesAreLimited checks that codes for an address are refused for a while after twenty
// wrong ones in all its flows. The mailed link still works.
func typedCodesAreLimited(t *testing.T, open Open) {
	w := setupMail(t, open, passwordless)
	w.member("ada@example.org")
	for _, email := range []string{"ada@example.org", "nobody@example.org"} {
		var last begun
		for range 4 {
			last = w.begin(email, emailcode.SignIn)
			for range 5 {
				_, err := w.byCode(last.wrong())
				w.want(err, auth.ErrBadCredentials)
			}
		}
		last = w.begin(email, emailcode.SignIn)
		_, err := w.byCode(last.typed())
		w.want(err, auth.ErrTooManyAttempts)
		_, err = w.byCode(last.mailed())
		w.must(err)
	}
}

// decoysOpenNothing checks that nothing is mailed to an address without an account, if none may
// be made, and that no proof is accepted for it.
func decoysOpenNothing(t *testing.T, open Open) {
	w := setupMail(t, open) // usernames are required, so a code alone makes no account
	for _, p := range []emailcode.Purpose{emailcode.SignIn, emailcode.VerifyEmail, emailcode.ResetPassword} {
		f := w.silently("nobody@example.org", p)
		b := begun{Started: f}
		b.Code = "BCDF-GHJK"
		_, err := w.byCode(b.typed())
		w.want(err, auth.ErrBadCredentials)
		w.clock.Advance(emailcode.ResendAfter)
		again, err := w.ResendEmailCode(w.ctx, f.ID, f.Secret.Reveal(), home)
		w.must(err)
		if again.ResendAfter != emailcode.ResendAfter {
			t.Errorf("after sending again: %+v", again)
		}
		_, err = w.Outbox.Deliver(w.ctx)
		w.must(err)
	}
	if n := len(w.box.All()); n != 0 {
		t.Errorf("%d mails were sent, want none", n)
	}
}

// statusIsToldAfterTheCode checks that only the right code tells that an account is disabled or
// pending, and that this uses up the code.
func statusIsToldAfterTheCode(t *testing.T, open Open) {
	w := setupMail(t, open)
	for email, want := range map[string]error{
		"off@example.org": auth.ErrAccountDisabled, "wait@example.org": auth.ErrApprovalPending,
	} {
		u := w.member(email)
		status := auth.StatusDisabled
		if errors.Is(want, auth.ErrApprovalPending) {
			status = auth.StatusPending
		}
		_, err := w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Status: &status})
		w.must(err)
		f := w.begin(email, emailcode.SignIn)
		_, err = w.byCode(f.wrong())
		w.want(err, auth.ErrBadCredentials)
		_, err = w.byCode(f.typed())
		w.want(err, want)
		_, err = w.byCode(f.typed())
		w.want(err, auth.ErrBadCredentials)
		if w.sessionsOf(u.ID) != 0 {
			t.Error("a session was made")
		}
	}
}
