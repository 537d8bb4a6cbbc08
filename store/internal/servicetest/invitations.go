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
	_, err = w.byCode(w.begin("two@example.org", emailcode.SignIn).typed())
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

// invitationsJoinGroups: who is invited into groups is in them from the first moment, as long
// as the inviter may put people into them and holds what they give.
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
		t.Errorf("invited %+v", i)
	}
	list, err := w.Invitations.List(w.ctx, w.op, auth.PageQuery{})
	w.must(err)
	if len(list.Items) != 1 || !slices.Equal(list.Items[0].GroupNames, []string{"team"}) {
		t.Errorf("listed %+v", list.Items)
	}
	_, err = w.Invitations.Accept(w.ctx, auth.AcceptInput{
		Token: w.letter("new@example.org").Token, Username: "newcomer", Password: pass, Client: home,
	})
	w.must(err)
	u, err := w.UserByLogin(w.ctx, w.op, "newcomer")
	w.must(err)
	if !slices.Equal(u.GroupNames(), []string{"team"}) {
		t.Errorf("in %v", u.GroupNames())
	}
	may, err := w.Check(w.ctx, w.principal("newcomer"), auth.Question{Scope: "read:notes"}, nil)
	w.must(err)
	if !may {
		t.Error("the role of the group gives nothing")
	}

	// A group that is gone is left out; rights that are gone end the invitation.
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
