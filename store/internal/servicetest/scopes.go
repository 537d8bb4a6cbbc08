package servicetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// unknownScopesGiveNothing checks that unknown scopes can't be stored, and that a stored scope
// that is no longer defined gives nothing, is reported, and does not affect others.
func unknownScopesGiveNothing(t *testing.T, open Open) {
	w := setup(t, open)
	ada := w.signUp("ada")
	for _, list := range [][]string{
		{"read:notess"}, {"read:notes!book=1"}, {"read:notes!note="}, {"read:notes!note=1!user=2"}, {"read:notes", ""},
	} {
		_, _, err := w.Roles.Put(w.ctx, w.op, "reader", auth.RoleInput{Scopes: list})
		w.want(err, auth.ErrInvalidInput)
		_, _, err = w.APITokens.Create(
			w.ctx, w.op, auth.Holder{User: ada.ID}, auth.APITokenInput{Name: "x", Scopes: list},
		)
		w.want(err, auth.ErrInvalidInput)
	}
	roles, err := w.Roles.List(w.ctx, w.op)
	w.must(err)
	if slices.ContainsFunc(roles, func(r auth.Role) bool { return !r.BuiltIn }) {
		t.Errorf("a role was made: %+v", roles)
	}
	w.putRole("reader", "read:notes", "read:audit")
	w.must(w.AddRole(w.ctx, w.op, ada.ID, "reader"))
	_, secret, err := w.APITokens.Create(w.ctx, w.op, auth.Holder{User: ada.ID}, auth.APITokenInput{
		Name: "x", Scopes: []string{"read:notes", "read:audit"},
	})
	w.must(err)
	cfg := w.cfg
	cfg.Scopes = scopes.Model{}
	later, err := auth.New(w.st.Auth(), cfg)
	w.must(err)
	p, err := later.Authenticate(w.ctx, secret.Reveal())
	w.must(err)
	if got := later.EffectiveScopes(p); !slices.Equal(got, []string{"read:audit"}) {
		t.Errorf("the token may %v", got)
	}
	lost, err := later.Roles.LostScopes(w.ctx)
	w.must(err)
	if len(lost) != 1 || !slices.Equal(lost["reader"], []string{"read:notes"}) {
		t.Errorf("the lost scopes are %v", lost)
	}
	// Another version may still define it. So only somebody who holds everything can give it,
	// or act on its holders.
	helen := w.signUp("helen", "helper")
	p, err = later.Authenticate(w.ctx, w.tokens("helen").Access)
	w.must(err)
	bob, off := w.signUp("bob"), auth.StatusDisabled
	w.putRole("reader", "read:notes")
	w.want(later.AddRole(w.ctx, p, helen.ID, "reader"), auth.ErrAboveCeiling)
	_, err = later.UpdateUser(w.ctx, p, ada.ID, auth.UserPatch{Status: &off})
	w.want(err, auth.ErrAboveCeiling)
	me, err := later.Authenticate(w.ctx, w.tokens("ada").Access)
	w.must(err)
	w.must(later.Sessions.EndAll(w.ctx, me, ada.ID, true))
	w.must(later.AddRole(w.ctx, later.Operator("test"), bob.ID, "reader"))
	lost, err = w.Roles.LostScopes(w.ctx)
	w.must(err)
	if len(lost) != 0 {
		t.Errorf("the lost scopes are %v", lost)
	}
}

// hostScopesDoNotCapture checks that a scope of the host that can be filtered by group, but not
// by user, counts as a right over the members of the group.
func hostScopesDoNotCapture(t *testing.T, open Open) {
	w := setup(t, open, func(c *auth.Config) {
		c.Scopes.Scopes = append(c.Scopes.Scopes, scopes.Definition{Name: "read:reports", Filters: []string{"group"}})
	})
	ada := w.signUp("ada")
	g, other := w.group("team"), w.group("other")
	w.putRole("lead", "groups!group="+string(g.ID), "read:reports!group="+string(g.ID))
	w.signUp("cal", "lead")
	lead := w.principal("cal")
	var over *auth.CeilingError
	if err := w.Groups.AddMember(w.ctx, lead, "team", ada.ID); !errors.As(err, &over) ||
		!slices.Equal(over.Excess, []string{"read:reports"}) {
		t.Fatalf("got error %v with the wrong excess", err)
	}
	w.putRole("lead", "groups!group="+string(g.ID), "read:reports!group="+string(g.ID), "read:reports!group="+
		string(other.ID))
	w.must(w.Groups.AddMember(w.ctx, w.op, "other", ada.ID))
	// Cal can read ada's reports already.
	w.must(w.Groups.AddMember(w.ctx, w.principal("cal"), "team", ada.ID))
}
