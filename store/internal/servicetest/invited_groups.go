package servicetest

import (
	"slices"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
)

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
