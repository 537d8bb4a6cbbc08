package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var invitationScenarios = []scenario{
	{"InvitationRoundTrip", invitationRoundTrip},
	{"InvitationPages", invitationPages},
	{"UseInvitationOnce", useInvitation},
	{"DeleteExpiredInvitations", deleteExpiredInvitations},
}

// newInvitation returns an invitation with every field set.
func (w *world) newInvitation(user, inviter auth.UserID) auth.Invitation {
	return auth.Invitation{
		ID: auth.InvitationID(w.id()), Token: w.hash(), Email: "Bob@Example.org", EmailKey: "bob@example.org",
		User: user, Inviter: inviter,
		Roles: []auth.RoleID{"editor", "user"}, Groups: []auth.GroupID{"one", "two's"}, Mailed: true, CreatedAt: start,
		ExpiresAt: start.Add(time.Hour),
	}
}

func (w *world) addInvitation(user, inviter auth.UserID) auth.Invitation {
	w.t.Helper()
	i := w.newInvitation(user, inviter)
	w.must(w.st.AddInvitation(w.ctx, i))
	return i
}

func (w *world) invitationIs(i auth.Invitation) {
	w.t.Helper()
	got, err := w.st.InvitationByToken(w.ctx, i.Token)
	w.must(err)
	w.same("invitation", got, i)
	w.same("roles are nil", got.Roles == nil, i.Roles == nil)
}

func (w *world) noInvitation(i auth.Invitation) {
	w.t.Helper()
	w.want(errOf(w.st.InvitationByToken(w.ctx, i.Token)), auth.ErrNotFound)
}

// invitationsAre compares all invitations that have not expired at start.
func (w *world) invitationsAre(want ...auth.Invitation) {
	w.t.Helper()
	got, err := w.st.Invitations(w.ctx, auth.InvitationQuery{Now: start, Limit: 1000})
	w.must(err)
	w.same("invitations", got, want)
}

func invitationRoundTrip(w *world) {
	a, b := w.user("alice"), w.user("bob")
	full := w.addInvitation(a.ID, b.ID)
	w.invitationIs(full)
	bare := w.newInvitation("", "")
	bare.Roles, bare.Groups, bare.Email, bare.EmailKey, bare.Mailed = nil, nil, "", "", false
	w.must(w.st.AddInvitation(w.ctx, bare))
	w.invitationIs(bare)
	none := w.newInvitation("", "")
	none.Roles = []auth.RoleID{}
	w.must(w.st.AddInvitation(w.ctx, none))
	w.invitationIs(none)
	again := w.newInvitation("", "")
	again.Token = full.Token
	if w.st.AddInvitation(w.ctx, again) == nil {
		w.t.Error("two invitations have one token")
	}
	full.Roles[0], full.Groups[0] = "spoilt", "spoilt"
	got, err := w.st.InvitationByToken(w.ctx, full.Token)
	w.must(err)
	w.same("role", got.Roles[0], auth.RoleID("editor"))
	got.Roles[0] = "spoilt"
	full.Roles[0], full.Groups[0] = "editor", "one"
	w.invitationIs(full)
}

func invitationPages(w *world) {
	var all []auth.Invitation
	for i := range 5 {
		one := w.newInvitation("", "")
		one.ExpiresAt = start.Add(time.Duration(5-i) * time.Second)
		w.must(w.st.AddInvitation(w.ctx, one))
		all = append(all, one)
	}
	w.invitationsAre(all...)
	got, err := w.st.Invitations(w.ctx, auth.InvitationQuery{Now: start, After: all[1].ID, Limit: 2})
	w.must(err)
	w.same("page", got, all[2:4])
	got, err = w.st.Invitations(w.ctx, auth.InvitationQuery{Now: start.Add(3 * time.Second), Limit: 9})
	w.must(err)
	w.same("later", got, all[:2])
	w.must(w.st.DeleteInvitation(w.ctx, all[0].ID))
	w.want(w.st.DeleteInvitation(w.ctx, all[0].ID), auth.ErrNotFound)
	w.want(w.st.DeleteInvitation(w.ctx, "x"), auth.ErrNotFound)
	w.invitationsAre(all[1:]...)
}

func useInvitation(w *world) {
	i := w.addInvitation("", "")
	w.want(ok(w.st.UseInvitation(w.ctx, i.ID, i.ExpiresAt)), errLost)
	w.invitationIs(i)
	w.must(ok(w.st.UseInvitation(w.ctx, i.ID, i.ExpiresAt.Add(-time.Microsecond))))
	w.noInvitation(i)
	w.want(ok(w.st.UseInvitation(w.ctx, i.ID, start)), errLost)
	w.want(ok(w.st.UseInvitation(w.ctx, "x", start)), errLost)
}

func deleteExpiredInvitations(w *world) {
	var last auth.Invitation
	for i := range 4 {
		last = w.newInvitation("", "")
		last.ExpiresAt = start.Add(time.Duration(i) * time.Second)
		w.must(w.st.AddInvitation(w.ctx, last))
	}
	w.expires(func(at time.Time, limit int) (int, error) { return w.st.DeleteExpiredInvitations(w.ctx, at, limit) })
	w.invitationsAre(last)
}
