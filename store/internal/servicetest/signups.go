package servicetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// linkToken is the token of a link.
func linkToken(t *testing.T, link string) string {
	t.Helper()
	_, fragment, _ := strings.Cut(link, "#token=")
	token, _, found := strings.Cut(fragment, "&")
	if !found {
		t.Fatalf("%q has no token in its fragment", link)
	}
	return token
}

func provingAddresses(c *auth.Config) { c.Settings.EmailProof = policy.EmailProofRequired }

// signUpProvesTheAddress: where the policy wants it, a sign-up is a flow; its account appears
// at verify, with the password if the code was typed there, without it if a link was opened. A
// taken address looks the same and its owner is told.
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
		t.Fatalf("%+v", out)
	}
	_, err = w.UserByLogin(w.ctx, w.op, "ada")
	w.want(err, auth.ErrNotFound)
	f := begun{*out.Flow, w.letter("Ada@example.org")}
	_, err = w.byCode(f.typed())
	w.want(err, auth.ErrBadCredentials)
	u, err := w.VerifyEmail(w.ctx, f.typed(), home)
	w.must(err)
	if !u.EmailVerified || u.Name != "A Person" || string(u.Attributes) != `{"a":1}` || u.Email != "Ada@example.org" {
		t.Errorf("%+v", u)
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
		w.ctx, auth.CodeProof{Flow: taken.Flow.ID, Secret: taken.Flow.Secret.Reveal(), Code: "BCDF-GHJK"}, home,
	)
	w.want(err, auth.ErrBadCredentials)
	_, err = up("ada", "other@example.org")
	w.want(err, auth.ErrUsernameTaken)
	_, err = up("bob", "")
	w.want(err, auth.ErrInvalidInput)
	_, err = w.CreateUser(w.ctx, nil, auth.UserInput{Username: "bob", Email: "bob@example.org", Password: pass}, home)
	w.want(err, auth.ErrEmailUnverified)

	// Somebody signs up with my address; I open the link without thinking. Their password opens
	// nothing.
	out, err = up("mallory", "me@example.org")
	w.must(err)
	l := w.letter("me@example.org")
	_, err = w.VerifyEmail(w.ctx, auth.CodeProof{Token: l.Token}, home)
	w.must(err)
	w.want(w.guess(w.Service, "mallory", pass, home), auth.ErrBadCredentials)
	_, err = w.VerifyEmail(w.ctx, begun{*out.Flow, l}.typed(), home)
	w.want(err, auth.ErrBadCredentials)

	// Of two sign-ups for one address, one makes the account; a policy that closed meanwhile
	// makes none.
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
		t.Errorf("two sign-ups: %v", errs)
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

// modesOfSignUp: who may make an account in each mode, and what it takes.
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
	// An address that a manager sets anew is unproven, and the account waits for the proof.
	other := "moved@example.org"
	_, err = w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Email: &other})
	w.must(err)
	w.want(w.guess(w.Service, u.Username, pass, home), auth.ErrEmailUnverified)

	set(policy.SignUpApproval)
	out, err = up("example.org")
	w.must(err)
	if out.User.Status != auth.StatusPending {
		t.Errorf("status %s", out.User.Status)
	}
	w.want(w.guess(w.Service, out.User.Username, pass, home), auth.ErrApprovalPending)
	active := auth.StatusActive
	_, err = w.UpdateUser(w.ctx, w.principal("root"), out.User.ID, auth.UserPatch{Status: &active})
	w.must(err)
	w.must(w.guess(w.Service, out.User.Username, pass, home))
	if l := w.letter(out.User.Email); l.Subject != "Your account at hallpass is ready" {
		t.Errorf("told %q", l.Subject)
	}
	required := policy.EmailProofRequired
	_, err = w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{EmailProof: &required})
	w.must(err)
	out, err = up("example.org")
	w.must(err)
	u, err = w.VerifyEmail(w.ctx, begun{*out.Flow, w.letter(fmt.Sprintf("user%d@example.org", n))}.typed(), home)
	w.must(err)
	if u.Status != auth.StatusPending {
		t.Errorf("status %s", u.Status)
	}

	// What can't work without a mailer is refused, and says so.
	w.cfg.Mailer = nil
	silent := w.replica()
	site := "Without mail" // what is there already is no reason to refuse something else
	_, err = silent.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{SiteName: &site, EmailProof: &required})
	w.must(err)
	for name, call := range map[string]func() error{
		"code": func() error {
			_, err := silent.BeginEmailCode(
				w.ctx, auth.EmailCodeRequest{Email: "a@b.example", Purpose: auth.PurposeSignIn},
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
			t.Errorf("%s: %v", name, err)
		}
	}
	off, passwords, codes := policy.EmailProofOff, []policy.Method{auth.MethodPassword}, []policy.Method{auth.MethodEmailCode}
	_, err = silent.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{EmailProof: &off, SignInMethods: &passwords})
	w.must(err)
	for _, patch := range []policy.SettingsPatch{{EmailProof: &required}, {SignInMethods: &codes}} {
		_, err = silent.UpdateSettings(w.ctx, w.op, patch)
		w.want(err, auth.ErrNoMailer)
	}
}

// invitationsMakeAccounts: an invitation counts once, in every mode, with the roles that its
// inviter held and still holds.
func invitationsMakeAccounts(t *testing.T, open Open) {
	w := setupMail(t, open, func(c *auth.Config) { c.Settings.SignUp = policy.SignUpInvite })
	hanna := w.member("helen@example.org", "helper")
	helen := w.principal("helen")
	i, err := w.Invitations.Create(
		w.ctx, helen, auth.InvitationInput{Email: "New@example.org", Roles: []string{"helper"}}, home,
	)
	w.must(err)
	if i.InviterName != "helen" || i.Inviter != hanna.ID {
		t.Errorf("%+v", i)
	}
	l := w.letter("New@example.org")
	if !strings.Contains(l.Text, "helen invites you") || l.Code != "" {
		t.Errorf("%q", l.Text)
	}
	_, err = w.Invitations.Create(
		w.ctx, helen, auth.InvitationInput{Email: "x@example.org", Roles: []string{"admin"}}, home,
	)
	w.want(err, auth.ErrAboveCeiling)
	_, err = w.Invitations.Create(w.ctx, helen, auth.InvitationInput{Email: "helen@example.org"}, home)
	w.want(err, auth.ErrEmailTaken)
	_, err = w.Invitations.Create(w.ctx, helen, auth.InvitationInput{
		Email: "a b@example.org", Roles: []string{"none"}, ExpiresIn: time.Second,
	}, home)
	var fields *auth.FieldsError
	if !errors.As(err, &fields) || len(fields.Fields) != 3 {
		t.Errorf("%v", err)
	}
	for range 2 { // looking changes nothing
		seen, err := w.Invitations.Preview(w.ctx, l.Token)
		w.must(err)
		if seen.Email != "New@example.org" || seen.InviterName != "helen" {
			t.Errorf("%+v", seen)
		}
	}
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: l.Token, Password: pass})
	w.want(err, auth.ErrInvalidInput) // no username: nothing is used up
	errs := race(8, func(n int) error {
		_, err := w.Invitations.Accept(
			w.ctx, auth.AcceptInput{Token: l.Token, Username: "newcomer", Password: pass, Name: "New", Client: home},
		)
		return err
	})
	if count(errs, nil) != 1 || count(errs, auth.ErrInvitationInvalid) != 7 {
		t.Fatalf("%v", errs)
	}
	u, err := w.UserByLogin(w.ctx, w.op, "newcomer")
	w.must(err)
	if !u.EmailVerified || u.Name != "New" || len(u.Roles) != 1 || u.Roles[0] != "helper" || w.sessionsOf(u.ID) != 1 {
		t.Errorf("%+v", u)
	}
	w.must(w.guess(w.Service, "newcomer", pass, home))

	// The rights of the inviter count when it is used.
	invite := func(email string) string {
		_, err := w.Invitations.Create(
			w.ctx, helen, auth.InvitationInput{Email: email, Roles: []string{"helper"}}, home,
		)
		w.must(err)
		return w.letter(email).Token
	}
	token := invite("two@example.org")
	w.must(w.RemoveRole(w.ctx, w.op, hanna.ID, "helper"))
	_, err = w.Invitations.Preview(w.ctx, token)
	w.want(err, auth.ErrInvitationInvalid)
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: token, Username: "two"})
	w.want(err, auth.ErrInvitationInvalid)
	w.must(w.AddRole(w.ctx, w.op, hanna.ID, "helper"))
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: token, Username: "two"}) // without a password
	w.must(err)
	_, err = w.byCode(w.begin("two@example.org", auth.PurposeSignIn).typed())
	w.must(err)

	// Withdrawn, expired, and of an inviter who is gone.
	page, err := w.Invitations.List(w.ctx, helen, auth.PageQuery{})
	w.must(err)
	if len(page.Items) != 0 {
		t.Errorf("%d invitations are left", len(page.Items))
	}
	withdrawn, expired := invite("three@example.org"), invite("four@example.org")
	page, err = w.Invitations.List(w.ctx, helen, auth.PageQuery{Limit: 1})
	w.must(err)
	if len(page.Items) != 1 || page.Next == "" {
		t.Errorf("%+v", page)
	}
	rest, err := w.Invitations.List(w.ctx, helen, auth.PageQuery{Limit: 1, Cursor: page.Next})
	w.must(err)
	for _, i := range append(page.Items, rest.Items...) {
		if i.Email == "three@example.org" {
			w.must(w.Invitations.Delete(w.ctx, helen, i.ID))
			w.want(w.Invitations.Delete(w.ctx, helen, i.ID), auth.ErrNotFound)
		}
	}
	_, err = w.Invitations.Preview(w.ctx, withdrawn)
	w.want(err, auth.ErrInvitationInvalid)
	w.clock.Advance(7 * 24 * time.Hour)
	_, err = w.Invitations.Preview(w.ctx, expired)
	w.want(err, auth.ErrInvitationInvalid)
	helen = w.principal("helen")
	orphan := invite("five@example.org")
	w.must(w.DeleteUser(w.ctx, w.op, hanna.ID))
	_, err = w.Invitations.Preview(w.ctx, orphan)
	w.want(err, auth.ErrInvitationInvalid)
}

// managersInviteWhomTheyMake: an account that a manager makes is handed over by mail, or by a
// link where there is no mail, of which nobody makes more than they hold; and only until
// somebody has taken it over.
func managersInviteWhomTheyMake(t *testing.T, open Open) {
	w := setupMail(t, open, func(c *auth.Config) {
		c.Settings.SignUp = policy.SignUpClosed
		c.Roles = append(c.Roles, auth.Role{Name: "reader", Scopes: []string{"read:notes"}})
		c.Settings.DefaultRoles = []string{"user", "reader"}
	})
	w.signUp("helen", "helper")
	helen := w.principal("helen")
	out, err := w.SignUp(w.ctx, helen, auth.UserInput{Username: "ada", Email: "ada@example.org"}, home)
	w.must(err)
	if out.InvitationURL != "" || out.User.EmailVerified || len(out.User.Roles) != 2 {
		t.Fatalf("%+v", out)
	}
	_, err = w.SignUp(w.ctx, helen, auth.UserInput{Username: "eve", Email: "eve@example.org", Password: pass}, home)
	w.want(err, auth.ErrFieldForbidden)
	_, err = w.SignUp(
		w.ctx, helen, auth.UserInput{Username: "eve", Email: "eve@example.org", Roles: []string{"admin"}}, home,
	)
	w.want(err, auth.ErrAboveCeiling)
	// The link would be Helen's to use: the default roles are above her.
	_, err = w.SignUp(w.ctx, helen, auth.UserInput{Username: "eve"}, home)
	w.want(err, auth.ErrAboveCeiling)
	_, program, err := w.APITokens.Create(w.ctx, w.op, auth.Holder{User: out.User.ID}, auth.APITokenInput{
		Name: "stays", Scopes: []string{"account!user"},
	})
	w.must(err)
	in, err := w.Invitations.Accept(
		w.ctx, auth.AcceptInput{Token: w.letter("ada@example.org").Token, Password: pass, Client: home},
	)
	w.must(err)
	_, err = w.Authenticate(w.ctx, program.Reveal()) // what was made for the account before is not the person's
	w.want(err, auth.ErrTokenInvalid)
	if in.User.ID != out.User.ID || !in.User.EmailVerified || in.Session.Method != auth.MethodInvitation {
		t.Errorf("%+v", in.User)
	}
	w.must(w.guess(w.Service, "ada", pass, home))

	handed := func(name string) (auth.User, string) {
		out, err := w.SignUp(w.ctx, helen, auth.UserInput{Username: name, Roles: []string{"user"}}, home)
		w.must(err)
		return out.User, linkToken(t, out.InvitationURL)
	}
	_, token := handed("bob")
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: token, Password: pass, Username: "robert"})
	w.want(err, auth.ErrInvalidInput)
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: token, Password: pass})
	w.must(err)
	// Who is promoted is out of the reach of the link that Helen has.
	u, token := handed("carl")
	w.must(w.AddRole(w.ctx, w.op, u.ID, "admin"))
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: token, Password: pass})
	w.want(err, auth.ErrInvitationInvalid)
	// So is who got in another way.
	u, token = handed("dora")
	link, err := w.PasswordResetLink(w.ctx, w.op, u.ID)
	w.must(err)
	w.must(w.ResetPassword(w.ctx, auth.CodeProof{Token: linkToken(t, link)}, pass, home))
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: token, Password: pass + "!"})
	w.want(err, auth.ErrInvitationInvalid)
	w.must(w.guess(w.Service, "dora", pass, home))
	u, token = handed("off")
	disabled := auth.StatusDisabled
	_, err = w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Status: &disabled})
	w.must(err)
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: token, Password: pass})
	w.want(err, auth.ErrAccountDisabled)
}

// servicesGetNoLinks: nobody could tell later whether a service may still use the link to an
// account, so it gets none. What it makes for an address is mailed there.
func servicesGetNoLinks(t *testing.T, open Open) {
	w := setupMail(t, open, func(c *auth.Config) { c.Settings.SignUp = policy.SignUpClosed })
	v, err := w.Services.Create(w.ctx, w.op, auth.ServiceInput{Name: "import"})
	w.must(err)
	w.must(w.Services.AddRole(w.ctx, w.op, string(v.ID), "admin"))
	_, secret, err := w.APITokens.Create(w.ctx, w.op, auth.Holder{Service: v.ID}, auth.APITokenInput{
		Name: "users", Scopes: []string{"users", "account!user"},
	})
	w.must(err)
	p, err := w.Authenticate(w.ctx, secret.Reveal())
	w.must(err)
	_, err = w.SignUp(w.ctx, p, auth.UserInput{Username: "eve", Roles: []string{}}, home)
	w.want(err, auth.ErrSessionRequired)
	_, err = w.PersonByName(w.ctx, "eve")
	w.want(err, auth.ErrNotFound)
	out, err := w.SignUp(w.ctx, p, auth.UserInput{Username: "ada", Email: "ada@example.org"}, home)
	w.must(err)
	in, err := w.Invitations.Accept(
		w.ctx, auth.AcceptInput{Token: w.letter("ada@example.org").Token, Password: pass, Client: home},
	)
	w.must(err)
	if out.InvitationURL != "" || in.User.ID != out.User.ID {
		t.Errorf("%+v for %+v", in.User, out)
	}
}
