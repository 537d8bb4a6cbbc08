package servicetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// invitationsMakeAccounts checks that an invitation makes one account, with the roles in it,
// and only if its inviter still holds these roles.
func invitationsMakeAccounts(t *testing.T, open Open) {
	w := setupMail(t, open, func(c *auth.Config) { c.Settings.SignUp = policy.SignUpInvite })
	hanna := w.member("helen@example.org", "helper")
	helen := w.principal("helen")
	i, err := w.Invitations.Create(
		w.ctx, helen, auth.InvitationInput{Email: "New@example.org", Roles: []string{"helper"}}, home,
	)
	w.must(err)
	if i.InviterName != "helen" || i.Inviter != hanna.ID {
		t.Errorf("the invitation is %+v", i)
	}
	l := w.letter("New@example.org")
	if !strings.Contains(l.Text, "helen invites you") || l.Code != "" {
		t.Errorf("the mail is %q", l.Text)
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
		t.Errorf("got error %v, want three fields", err)
	}
	for range 2 { // a preview changes nothing
		seen, err := w.Invitations.Preview(w.ctx, l.Token)
		w.must(err)
		if seen.Email != "New@example.org" || seen.InviterName != "helen" {
			t.Errorf("the preview is %+v", seen)
		}
	}
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: l.Token, Password: pass})
	w.want(err, auth.ErrInvalidInput) // the username is missing, which uses up nothing
	errs := race(8, func(n int) error {
		_, err := w.Invitations.Accept(
			w.ctx, auth.AcceptInput{Token: l.Token, Username: "newcomer", Password: pass, Name: "New", Client: home},
		)
		return err
	})
	if count(errs, nil) != 1 || count(errs, auth.ErrInvitationInvalid) != 7 {
		t.Fatalf("accepted at once: %v", errs)
	}
	u, err := w.UserByLogin(w.ctx, w.op, "newcomer")
	w.must(err)
	if !u.EmailVerified || u.Name != "New" || len(u.Roles) != 1 || u.Roles[0] != "helper" || w.sessionsOf(u.ID) != 1 {
		t.Errorf("the new user is %+v", u)
	}
	w.must(w.guess(w.Service, "newcomer", pass, home))

	// What counts are the inviter's rights when the invitation is accepted.
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
	// Passwords are optional.
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: token, Username: "two"})
	w.must(err)
	_, err = w.byCode(w.begin("two@example.org", emailcode.SignIn).typed())
	w.must(err)

	// Invitations end when they are withdrawn, when they expire, and with their inviter.
	page, err := w.Invitations.List(w.ctx, helen, auth.PageQuery{})
	w.must(err)
	if len(page.Items) != 0 {
		t.Errorf("%d invitations are left", len(page.Items))
	}
	withdrawn, expired := invite("three@example.org"), invite("four@example.org")
	page, err = w.Invitations.List(w.ctx, helen, auth.PageQuery{Limit: 1})
	w.must(err)
	if len(page.Items) != 1 || page.Next == "" {
		t.Errorf("the page is %+v", page)
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

// invitationsJoinGroups checks that a new user is in the groups of the invitation from the
// start. The inviter must be allowed to add members to these groups, and must hold what they
// give.
func invitationsJoinGroups(t *testing.T, open Open) {
	w := setupMail(t, open)
	team, other := w.group("team"), w.group("other")
	w.putRole("maker", "read:notes")
	w.must(w.Groups.AddRole(w.ctx, w.op, "team", "maker"))
	w.putRole("inviter", "users", "groups!group="+string(team.ID), "read:notes")
	helen := w.member("helen@example.org", "inviter")
	invite := func(email string, groups ...string) (auth.Invited, error) {
		return w.Invitations.Create(
			w.ctx, w.principal("helen"), auth.InvitationInput{Email: email, Groups: groups}, home,
		)
	}
	for _, ref := range []string{"other", string(other.ID), "none", ""} {
		_, err := invite("x@example.org", "team", ref)
		w.want(err, auth.ErrInvalidInput)
	}
	i, err := invite("new@example.org", "Team", string(team.ID))
	w.must(err)
	if !slices.Equal(i.GroupNames, []string{"team"}) || len(i.Groups) != 1 {
		t.Errorf("the invitation is %+v", i)
	}
	list, err := w.Invitations.List(w.ctx, w.op, auth.PageQuery{})
	w.must(err)
	if len(list.Items) != 1 || !slices.Equal(list.Items[0].GroupNames, []string{"team"}) {
		t.Errorf("the list is %+v", list.Items)
	}
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{
		Token: w.letter("new@example.org").Token, Username: "newcomer", Password: pass, Client: home,
	})
	w.must(err)
	u, err := w.UserByLogin(w.ctx, w.op, "newcomer")
	w.must(err)
	if !slices.Equal(u.GroupNames(), []string{"team"}) {
		t.Errorf("the new user is in the groups %v", u.GroupNames())
	}
	may, err := w.Check(w.ctx, w.principal("newcomer"), auth.Question{Scope: "read:notes"}, nil)
	w.must(err)
	if !may {
		t.Error("the role of the group gives nothing")
	}

	// A group that was deleted is left out. An inviter who lost the rights ends the invitation.
	_, err = w.Invitations.Create(
		w.ctx, w.op, auth.InvitationInput{Email: "late@example.org", Groups: []string{"other"}}, home,
	)
	w.must(err)
	w.must(w.Groups.Delete(w.ctx, w.op, "other"))
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{
		Token: w.letter("late@example.org").Token, Username: "late", Password: pass, Client: home,
	})
	w.must(err)
	_, err = invite("never@example.org", "team")
	w.must(err)
	w.must(w.Groups.AddRole(w.ctx, w.op, "team", "eraser")) // which helen does not hold
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{
		Token: w.letter("never@example.org").Token, Username: "never", Password: pass, Client: home,
	})
	w.want(err, auth.ErrInvitationInvalid)
	_, err = invite("again@example.org", "team")
	w.want(err, auth.ErrAboveCeiling)
	w.must(w.Groups.RemoveRole(w.ctx, w.op, "team", "eraser"))
	w.must(w.RemoveRole(w.ctx, w.op, helen.ID, "inviter"))
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{
		Token: w.letter("never@example.org").Token, Username: "never", Password: pass, Client: home,
	})
	w.want(err, auth.ErrInvitationInvalid)
}

// managersInviteWhomTheyMake checks that an account that a manager makes is handed over by
// mail, or by a link if it has no address. A manager gets no link to an account that holds more
// than they do. The link works until somebody has taken over the account.
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
		t.Fatalf("the account is %+v", out)
	}
	_, err = w.SignUp(w.ctx, helen, auth.UserInput{Username: "eve", Email: "eve@example.org", Password: pass}, home)
	w.want(err, auth.ErrFieldForbidden)
	_, err = w.SignUp(
		w.ctx, helen, auth.UserInput{Username: "eve", Email: "eve@example.org", Roles: []string{"admin"}}, home,
	)
	w.want(err, auth.ErrAboveCeiling)
	// Helen could use the link herself, and the default roles exceed her own.
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
	_, err = w.Authenticate(w.ctx, program.Reveal()) // tokens from before the takeover end
	w.want(err, auth.ErrTokenInvalid)
	if in.User.ID != out.User.ID || !in.User.EmailVerified || in.Session.Method != auth.MethodInvitation {
		t.Errorf("accepted as %+v by %s", in.User, in.Session.Method)
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
	// Helen's link ends when the account gets more rights than she has.
	u, token := handed("carl")
	w.must(w.AddRole(w.ctx, w.op, u.ID, "admin"))
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{Token: token, Password: pass})
	w.want(err, auth.ErrInvitationInvalid)
	// It also ends when somebody got in another way.
	u, token = handed("dora")
	link, err := w.PasswordResetLink(w.ctx, w.op, u.ID)
	w.must(err)
	w.must(w.ResetPassword(w.ctx, emailcode.Evidence{Token: linkToken(t, link)}, pass, home))
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

// servicesGetNoLinks checks that a service gets no link to an account that it makes, since it
// can't be checked later whether the service may still use it. For an account with an address
// the link is mailed.
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
	_, err = w.People.ByName(w.ctx, "eve")
	w.want(err, auth.ErrNotFound)
	out, err := w.SignUp(w.ctx, p, auth.UserInput{Username: "ada", Email: "ada@example.org"}, home)
	w.must(err)
	in, err := w.Invitations.Accept(
		w.ctx, auth.AcceptInput{Token: w.letter("ada@example.org").Token, Password: pass, Client: home},
	)
	w.must(err)
	if out.InvitationURL != "" || in.User.ID != out.User.ID {
		t.Errorf("accepted as %+v, want %+v", in.User, out)
	}
}
