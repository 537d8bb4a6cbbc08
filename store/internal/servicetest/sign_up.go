package servicetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/policy"
)

func provingAddresses(c *auth.Config) { c.Settings.EmailProof = policy.EmailProofRequired }

// signUpProvesTheAddress checks that, if the policy requires a proven address, the account is
// made only when the address is proven. It gets the password of the sign-up if the code was
// entered, and none if the link was opened. A taken address gives the same answer, and its
// owner is told.
func signUpProvesTheAddress(t *testing.T, open Open) {
	w := setupMail(t, open, provingAddresses)
	up := func(name, email string) (auth.SignedUp, error) {
		return w.SignUp(w.ctx, nil, auth.UserInput{
			Username: name, Email: email, Password: pass, Name: "A Person", Attributes: []byte(`{"a":1}`),
		}, home)
	}
	out, err := up("ada", "Ada@example.org")
	w.must(err)
	if out.Flow == nil || out.User.ID != "" {
		t.Fatalf("signed up as %+v, want a flow and no account", out)
	}
	_, err = w.UserByLogin(w.ctx, w.op, "ada")
	w.want(err, auth.ErrNotFound)
	f := begun{*out.Flow, w.letter("Ada@example.org")}
	_, err = w.byCode(f.typed())
	w.want(err, auth.ErrBadCredentials)
	u, err := w.VerifyEmail(w.ctx, f.typed(), home)
	w.must(err)
	if !u.EmailVerified || u.Name != "A Person" || string(u.Attributes) != `{"a":1}` || u.Email != "Ada@example.org" {
		t.Errorf("the account is %+v", u)
	}
	w.must(w.guess(w.Service, "ada", pass, home))
	_, err = w.VerifyEmail(w.ctx, f.mailed(), home)
	w.want(err, auth.ErrBadCredentials)

	taken, err := up("eve", "ada@EXAMPLE.org")
	w.must(err)
	if l := w.letter("Ada@example.org"); l.Code != "" || l.Token != "" || l.Subject != "Your account at hallpass" {
		t.Errorf("the owner got %q", l.Text)
	}
	_, err = w.VerifyEmail(
		w.ctx, emailcode.Evidence{Flow: taken.Flow.ID, Secret: taken.Flow.Secret.Reveal(), Code: "BCDF-GHJK"}, home,
	)
	w.want(err, auth.ErrBadCredentials)
	_, err = up("ada", "other@example.org")
	w.want(err, auth.ErrUsernameTaken)
	_, err = up("bob", "")
	w.want(err, auth.ErrInvalidInput)
	_, err = w.CreateUser(w.ctx, nil, auth.UserInput{Username: "bob", Email: "bob@example.org", Password: pass}, home)
	w.want(err, auth.ErrEmailUnverified)

	// Somebody else signs up with my address, and I open the link by mistake. Their password
	// must not work.
	out, err = up("mallory", "me@example.org")
	w.must(err)
	l := w.letter("me@example.org")
	_, err = w.VerifyEmail(w.ctx, emailcode.Evidence{Token: l.Token}, home)
	w.must(err)
	w.want(w.guess(w.Service, "mallory", pass, home), auth.ErrBadCredentials)
	_, err = w.VerifyEmail(w.ctx, begun{*out.Flow, l}.typed(), home)
	w.want(err, auth.ErrBadCredentials)

	// One of two sign-ups for an address makes the account. None is made once the policy is
	// closed.
	a, err := up("first", "both@example.org")
	w.must(err)
	codeA := begun{*a.Flow, w.letter("both@example.org")}
	b, err := up("second", "both@example.org")
	w.must(err)
	codeB := begun{*b.Flow, w.letter("both@example.org")}
	errs := race(
		2, func(i int) error { _, err := w.VerifyEmail(w.ctx, []begun{codeA, codeB}[i].typed(), home); return err },
	)
	if count(errs, nil) != 1 || count(errs, auth.ErrEmailTaken) != 1 {
		t.Errorf("two sign-ups for one address: %v", errs)
	}
	late, err := up("late", "late@example.org")
	w.must(err)
	f = begun{*late.Flow, w.letter("late@example.org")}
	closed := policy.SignUpClosed
	_, err = w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{SignUp: &closed})
	w.must(err)
	_, err = w.VerifyEmail(w.ctx, f.typed(), home)
	w.want(err, auth.ErrSignUpClosed)
}

// modesOfSignUp checks who can sign up in each mode, and what they need for it.
func modesOfSignUp(t *testing.T, open Open) {
	w := setupMail(t, open)
	w.member("root@example.org", "admin")
	w.must(w.proven("root@example.org"))
	set := func(mode policy.SignUpMode) {
		domains := []string{"example.net"}
		_, err := w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{SignUp: &mode, Domains: &domains})
		w.must(err)
	}
	n := 0
	up := func(domain string) (auth.SignedUp, error) {
		n++
		return w.SignUp(w.ctx, nil, auth.UserInput{
			Username: fmt.Sprint("user", n), Email: fmt.Sprintf("user%d@%s", n, domain), Password: pass,
		}, home)
	}
	for _, mode := range []policy.SignUpMode{policy.SignUpClosed, policy.SignUpInvite} {
		set(mode)
		_, err := up("example.net")
		w.want(err, auth.ErrSignUpClosed)
		w.want(w.AuthorizeSignUp(w.ctx, nil), auth.ErrSignUpClosed)
	}
	set(policy.SignUpDomains)
	_, err := up("example.org")
	w.want(err, auth.ErrSignUpClosed)
	_, err = up("sub.example.net")
	w.want(err, auth.ErrSignUpClosed)
	_, err = w.SignUp(w.ctx, nil, auth.UserInput{Username: "nomail", Password: pass}, home)
	w.want(err, auth.ErrInvalidInput)
	out, err := up("example.net")
	w.must(err)
	email := fmt.Sprintf("user%d@example.net", n)
	u, err := w.VerifyEmail(w.ctx, begun{*out.Flow, w.letter(email)}.typed(), home)
	w.must(err)
	w.must(w.guess(w.Service, u.Username, pass, home))
	// An address that a manager sets is not proven, so the account must prove it before the
	// next sign-in.
	other := "moved@example.org"
	_, err = w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Email: &other})
	w.must(err)
	w.want(w.guess(w.Service, u.Username, pass, home), auth.ErrEmailUnverified)

	set(policy.SignUpApproval)
	out, err = up("example.org")
	w.must(err)
	if out.User.Status != auth.StatusPending {
		t.Errorf("the status is %s, want pending", out.User.Status)
	}
	w.want(w.guess(w.Service, out.User.Username, pass, home), auth.ErrApprovalPending)
	active := auth.StatusActive
	_, err = w.UpdateUser(w.ctx, w.principal("root"), out.User.ID, auth.UserPatch{Status: &active})
	w.must(err)
	w.must(w.guess(w.Service, out.User.Username, pass, home))
	if l := w.letter(out.User.Email); l.Subject != "Your account at hallpass is ready" {
		t.Errorf("got a mail about %q", l.Subject)
	}
	required := policy.EmailProofRequired
	_, err = w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{EmailProof: &required})
	w.must(err)
	out, err = up("example.org")
	w.must(err)
	u, err = w.VerifyEmail(w.ctx, begun{*out.Flow, w.letter(fmt.Sprintf("user%d@example.org", n))}.typed(), home)
	w.must(err)
	if u.Status != auth.StatusPending {
		t.Errorf("the status is %s, want pending", u.Status)
	}

	// Without a mailer, whatever needs mail is refused.
	w.cfg.Mailer = nil
	silent := w.replica()
	site := "Without mail" // a setting that needs mail may stay while others change
	_, err = silent.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{SiteName: &site, EmailProof: &required})
	w.must(err)
	for name, call := range map[string]func() error{
		"code": func() error {
			_, err := silent.BeginEmailCode(
				w.ctx, "a@b.example", emailcode.SignIn, auth.Client{},
			)
			return err
		},
		"reset": func() error { return silent.MailPasswordReset(w.ctx, w.op, u.ID, home) },
		"invite": func() error {
			_, err := silent.Invitations.Create(w.ctx, w.op, auth.InvitationInput{Email: "a@b.example"}, home)
			return err
		},
		"change": func() error {
			_, err := silent.BeginEmailChange(w.ctx, w.principal("root"), "a@b.example", home)
			return err
		},
		"sign-up": func() error {
			_, err := silent.SignUp(
				w.ctx, nil, auth.UserInput{Username: "x1", Email: "a@b.example", Password: pass}, home,
			)
			return err
		},
	} {
		if err := call(); !errors.Is(err, auth.ErrNoMailer) {
			t.Errorf("%s: got error %v, want ErrNoMailer", name, err)
		}
	}
	off := policy.EmailProofOff
	passwords, codes := []policy.Method{auth.MethodPassword}, []policy.Method{auth.MethodEmailCode}
	_, err = silent.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{EmailProof: &off, SignInMethods: &passwords})
	w.must(err)
	for _, patch := range []policy.SettingsPatch{{EmailProof: &required}, {SignInMethods: &codes}} {
		_, err = silent.UpdateSettings(w.ctx, w.op, patch)
		w.want(err, auth.ErrNoMailer)
	}
}

// accountsAppearAtVerify checks that a sign-in by code makes a new account only when the right
// code is entered, under the policy of that moment.
func accountsAppearAtVerify(t *testing.T, open Open) {
	w := setupMail(t, open, passwordless)
	f := w.begin("new@example.org", emailcode.SignIn)
	_, err := w.UserByLogin(w.ctx, w.op, "new@example.org")
	w.want(err, auth.ErrNotFound)
	who, err := w.byCode(f.typed())
	w.must(err)
	if !who.User.EmailVerified || who.User.Email != "new@example.org" || len(who.User.Roles) != 1 {
		t.Errorf("the account is %+v", who.User)
	}
	set := func(mode policy.SignUpMode, domains ...string) {
		_, err := w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{SignUp: &mode, Domains: &domains})
		w.must(err)
	}
	f = w.begin("late@example.org", emailcode.SignIn)
	set(policy.SignUpClosed)
	_, err = w.byCode(f.typed())
	w.want(err, auth.ErrBadCredentials)
	w.silently("closed@example.org", emailcode.SignIn)
	set(policy.SignUpDomains, "example.net")
	w.silently("x@example.org", emailcode.SignIn)
	_, err = w.byCode(w.begin("x@example.net", emailcode.SignIn).typed())
	w.must(err)
	set(policy.SignUpApproval)
	_, err = w.byCode(w.begin("wait@example.org", emailcode.SignIn).typed())
	w.want(err, auth.ErrApprovalPending)
	u, err := w.UserByLogin(w.ctx, w.op, "wait@example.org")
	w.must(err)
	if u.Status != auth.StatusPending {
		t.Errorf("the status is %s, want pending", u.Status)
	}
}
