package servicetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// lead signs in a user whose rights over users and groups are limited to one group.
func (w *world) lead(name string, g auth.Group) *auth.Principal {
	w.t.Helper()
	var list []string
	for _, s := range []string{"users", "delete:users", "read:logins", "sessions", "tokens", "groups"} {
		list = append(list, s+"!group="+string(g.ID))
	}
	w.putRole("lead", list...)
	w.signUp(name, "lead")
	return w.principal(name)
}

// groupManagers checks that somebody whose rights over users are limited to a group can see and
// manage its members only, also in lists, and can't get any further right that way.
func groupManagers(t *testing.T, open Open) {
	w := setup(t, open)
	later := func(name string, roles ...string) auth.User {
		w.clock.Advance(time.Second) // lists are ordered by id, and ids by time
		return w.signUp(name, roles...)
	}
	root, ada, bob, carl := later("root1", "admin"), later("ada"), later("bob"), later("carl")
	g, other := w.group("team"), w.group("other")
	for _, id := range []auth.UserID{ada.ID, bob.ID, root.ID} {
		w.must(w.Groups.AddMember(w.ctx, w.op, "team", id))
	}
	lead := w.lead("cal", g)
	see := func(f auth.UserFilter, want ...auth.UserID) {
		t.Helper()
		list, err := w.Users(w.ctx, lead, f)
		w.must(err)
		var ids []auth.UserID
		for _, u := range list.Items {
			ids = append(ids, u.ID)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("the filter %+v gives %v, want %v", f, ids, want)
		}
	}
	see(auth.UserFilter{}, root.ID, ada.ID, bob.ID)
	see(auth.UserFilter{Prefix: "c"})
	see(auth.UserFilter{Prefix: "A"}, ada.ID)
	see(auth.UserFilter{Group: "other"})
	see(auth.UserFilter{Group: "Team", PageQuery: auth.PageQuery{Limit: 1, Cursor: string(root.ID)}}, ada.ID)
	see(auth.UserFilter{Group: "none"})
	see(auth.UserFilter{Role: "none"})
	groups, err := w.Groups.List(w.ctx, lead, auth.PageQuery{})
	w.must(err)
	if len(groups.Items) != 1 || groups.Items[0].ID != g.ID || groups.Items[0].Members != 3 {
		t.Errorf("the groups in the list are %+v", groups.Items)
	}

	disabled, roles := auth.StatusDisabled, []string{"eraser"}
	_, err = w.UpdateUser(w.ctx, lead, ada.ID, auth.UserPatch{Status: &disabled})
	w.must(err)
	for what, c := range map[string]struct {
		err  error
		want error
	}{
		"see an outsider": {errOf(w.User(w.ctx, lead, carl.ID)), auth.ErrNotFound},
		"disable an outsider": {
			errOf(w.UpdateUser(w.ctx, lead, carl.ID, auth.UserPatch{Status: &disabled})), auth.ErrNotFound,
		},
		"delete an outsider": {w.DeleteUser(w.ctx, lead, carl.ID), auth.ErrNotFound},
		"sessions of another": {
			errOf(w.Sessions.List(w.ctx, lead, carl.ID, auth.PageQuery{})), auth.ErrNotFound,
		},
		"all logins": {
			errOf(w.History.Logins(w.ctx, lead, "", auth.LoginFilter{})), auth.ErrInsufficientScope,
		},
		"logins of a member": {errOf(w.History.Logins(w.ctx, lead, bob.ID, auth.LoginFilter{})), nil},
		"token for another":  {w.mintFor(lead, carl.ID), auth.ErrNotFound},
		"token for a member": {w.mintFor(lead, bob.ID), nil},
		"token for an admin": {w.mintFor(lead, root.ID), auth.ErrAboveCeiling},
		"disable an admin": {
			errOf(w.UpdateUser(w.ctx, lead, root.ID, auth.UserPatch{Status: &disabled})), auth.ErrAboveCeiling,
		},
		"make a user with": {errOf(
			w.CreateUser(w.ctx, lead, auth.UserInput{Username: "eve", Password: pass, Roles: []string{"eraser"}}, home),
		), auth.ErrFieldForbidden},
		"give a role": {
			errOf(w.UpdateUser(w.ctx, lead, bob.ID, auth.UserPatch{Roles: &roles})), auth.ErrAboveCeiling,
		},
		"make a group": {
			errOf(w.Groups.Create(w.ctx, lead, auth.GroupInput{Name: "new"})), auth.ErrInsufficientScope,
		},
		"see another group": {errOf(w.Groups.Group(w.ctx, lead, "other")), auth.ErrNotFound},
		"see no group":      {errOf(w.Groups.Group(w.ctx, lead, "none")), auth.ErrNotFound},
		"change another group": {
			w.Groups.AddMember(w.ctx, lead, string(other.ID), bob.ID), auth.ErrNotFound,
		},
		"give the group a role above the lead": {w.Groups.AddRole(w.ctx, lead, "team", "admin"), auth.ErrAboveCeiling},
		"make a role": {
			errOf2(w.Roles.Put(w.ctx, lead, "new", auth.RoleInput{})), auth.ErrInsufficientScope,
		},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: got error %v, want %v", what, c.err, c.want)
		}
	}
	w.must(w.Groups.RemoveMember(w.ctx, w.op, "team", bob.ID))
	w.want(errOf(w.User(w.ctx, lead, bob.ID)), auth.ErrNotFound)
}

func (w *world) mintFor(p *auth.Principal, id auth.UserID) error {
	_, _, err := w.APITokens.Create(w.ctx, p, auth.Holder{User: id}, auth.APITokenInput{Name: "x"})
	return err
}

// groupsDoNotCapture checks that a right over the members of a group does not let anybody bring
// more users under it by adding them to the group. Whoever adds or removes a member must also
// hold what the roles of the group give.
func groupsDoNotCapture(t *testing.T, open Open) {
	w := setup(t, open)
	ada := w.signUp("ada")
	g := w.group("team")
	lead := w.lead("cal", g)
	err := w.Groups.AddMember(w.ctx, lead, "team", ada.ID)
	var over *auth.CeilingError
	if !errors.As(err, &over) || !slices.Contains(over.Excess, "users!user="+string(ada.ID)) {
		t.Fatalf("got error %v with the wrong excess", err)
	}
	// A token without the right over members is refused, too, since its owner has that right.
	_, secret, err := w.APITokens.Create(w.ctx, lead, auth.Holder{User: lead.User.ID}, auth.APITokenInput{
		Name: "x", Scopes: []string{"groups!group=" + string(g.ID)},
	})
	w.must(err)
	p, err := w.Authenticate(w.ctx, secret.Reveal())
	w.must(err)
	w.want(w.Groups.AddMember(w.ctx, p, "team", ada.ID), auth.ErrAboveCeiling)
	u, err := w.User(w.ctx, w.op, ada.ID)
	w.must(err)
	if len(u.Groups) != 0 {
		t.Fatalf("ada was added to %v", u.Groups)
	}

	w.putRole("clerk", "groups!group="+string(g.ID))
	w.signUp("dora", "clerk")
	clerk := w.principal("dora")
	w.must(w.Groups.AddMember(w.ctx, clerk, "team", ada.ID))
	w.must(w.Groups.RemoveMember(w.ctx, clerk, "team", ada.ID))
	w.must(w.Groups.AddRole(w.ctx, w.op, "team", "helper"))
	for what, err := range map[string]error{
		"add":       w.Groups.AddMember(w.ctx, clerk, "team", ada.ID),
		"add self":  w.Groups.AddMember(w.ctx, clerk, "team", clerk.User.ID),
		"delete":    w.Groups.Delete(w.ctx, clerk, "team"),
		"take role": w.Groups.RemoveRole(w.ctx, clerk, "team", "helper"),
	} {
		if !errors.Is(err, auth.ErrAboveCeiling) {
			t.Errorf("%s: got error %v, want ErrAboveCeiling", what, err)
		}
	}
	name, long := "Crew", string(make([]byte, 2000))
	_, err = w.Groups.Update(w.ctx, clerk, "team", auth.GroupPatch{Name: &name, Description: &long})
	w.want(err, auth.ErrInvalidInput)
	_, err = w.Groups.Update(w.ctx, clerk, "team", auth.GroupPatch{Name: &name})
	w.must(err)
	_, err = w.Groups.Group(w.ctx, w.op, "team")
	w.want(err, auth.ErrNotFound)
	again := w.group("team") // has the old name, but is not the group in the filter
	w.want(w.Groups.AddMember(w.ctx, clerk, string(again.ID), ada.ID), auth.ErrNotFound)
	w.must(w.Groups.RemoveRole(w.ctx, w.op, "crew", "helper"))
	w.must(w.Groups.Delete(w.ctx, clerk, "crew"))
}
