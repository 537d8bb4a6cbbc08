package servicetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// rolesAtRunTime checks that roles can be made, changed and removed by name, that those defined
// in code can't, and that a role made again under an old name has no holders.
func rolesAtRunTime(t *testing.T, open Open) {
	w := setup(t, open)
	ada := w.signUp("ada")
	about := "Reads notes."
	r, created, err := w.Roles.Put(w.ctx, w.op, "reader", auth.RoleInput{
		Description: &about, Scopes: []string{"read:notes!note=2", "read:notes!note=1", "read:notes!note=2"},
	})
	w.must(err)
	if !created || r.Description != about || r.BuiltIn ||
		!slices.Equal(r.Scopes, []string{"read:notes!note=1", "read:notes!note=2"}) {
		t.Errorf("the new role is %+v", r)
	}
	r, created, err = w.Roles.Put(w.ctx, w.op, string(r.ID), auth.RoleInput{Scopes: []string{"read:notes"}})
	w.must(err)
	if created || r.Description != about || r.Name != "reader" {
		t.Errorf("the changed role is %+v", r)
	}
	for _, name := range []string{"", "Reader", "me", "a b", "a/b", "ü", "."} {
		_, _, err := w.Roles.Put(w.ctx, w.op, name, auth.RoleInput{})
		w.want(err, auth.ErrInvalidInput)
	}
	_, _, err = w.Roles.Put(w.ctx, w.op, "01890a5d-ac96-774b-bcce-b302099a8057", auth.RoleInput{})
	w.want(err, auth.ErrNotFound)
	for _, name := range []string{"admin", "user", "guest", "helper"} {
		_, _, err := w.Roles.Put(w.ctx, w.op, name, auth.RoleInput{})
		w.want(err, auth.ErrRoleBuiltIn)
		w.want(w.Roles.Delete(w.ctx, w.op, name, true), auth.ErrRoleBuiltIn)
	}
	w.want(w.AddRole(w.ctx, w.op, ada.ID, "guest"), auth.ErrNotFound)
	w.want(w.Roles.Delete(w.ctx, w.op, "none", false), auth.ErrNotFound)

	// A role can be referred to by its name, and is shown by it.
	w.must(w.AddRole(w.ctx, w.op, ada.ID, "reader"))
	u, err := w.User(w.ctx, w.op, ada.ID)
	w.must(err)
	if !slices.Equal(u.RoleNames(), []string{"reader", "user"}) {
		t.Errorf("the roles are %v", u.RoleNames())
	}
	list, err := w.Users(w.ctx, w.op, auth.UserFilter{Role: "reader"})
	w.must(err)
	if len(list.Items) != 1 {
		t.Errorf("the holders are %+v", list.Items)
	}
	w.want(w.Roles.Delete(w.ctx, w.op, "reader", false), auth.ErrRoleInUse)
	defaults := []string{"user", string(r.ID)}
	set, err := w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{DefaultRoles: &defaults})
	w.must(err)
	if !slices.Equal(set.DefaultRoles, []string{"reader", "user"}) {
		t.Errorf("the default roles are %v", set.DefaultRoles)
	}
	bob, err := w.CreateUser(w.ctx, nil, auth.UserInput{Username: "bob", Password: pass}, home)
	w.must(err)
	if !slices.Equal(bob.RoleNames(), []string{"reader", "user"}) {
		t.Errorf("bob has %v", bob.RoleNames())
	}
	w.want(w.Roles.Delete(w.ctx, w.op, "reader", true), auth.ErrRoleInUse)
	defaults = []string{"user"}
	_, err = w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{DefaultRoles: &defaults})
	w.must(err)
	w.must(w.Roles.Delete(w.ctx, w.op, "reader", true))
	w.putRole("reader", "users")
	u, err = w.User(w.ctx, w.op, ada.ID)
	w.must(err)
	if !slices.Equal(u.RoleNames(), []string{"user"}) {
		t.Errorf("the roles are %v", u.RoleNames())
	}

	// Whoever changes a role must hold what it gives before and after the change.
	w.putRole("warden", "roles", "read:notes")
	w.signUp("walt", "warden")
	walt := w.principal("walt")
	_, _, err = w.Roles.Put(w.ctx, walt, "new", auth.RoleInput{Scopes: []string{"users"}})
	w.want(err, auth.ErrAboveCeiling)
	_, _, err = w.Roles.Put(w.ctx, walt, "reader", auth.RoleInput{})
	w.want(err, auth.ErrAboveCeiling)
	w.want(w.Roles.Delete(w.ctx, walt, "reader", true), auth.ErrAboveCeiling)
	_, _, err = w.Roles.Put(
		w.ctx, walt, "new", auth.RoleInput{Scopes: []string{"read:notes!note=1", "account!user"}},
	)
	w.must(err)
}

// rolesOfOneName checks that a role that code defines later is kept apart from a role of the
// same name that was made at run time.
func rolesOfOneName(t *testing.T, open Open) {
	w := setup(t, open)
	old := w.putRole("warden", "read:notes!note=1")
	w.putRole("clerk", "settings", "read:notes")
	w.signUp("cleo", "clerk")
	cfg := w.cfg
	cfg.Roles = append(slices.Clone(cfg.Roles), auth.Role{Name: "warden", Scopes: []string{"users"}})
	accept := verifierFunc(func(auth.RoleEvidence) auth.RoleDecision { return auth.RoleDecision{Accepted: true} })
	cfg.RoleClaims = map[string]auth.RoleClaim{"warden": {MediaTypes: []string{"image/png"}, Verifier: accept}}
	later, err := auth.New(w.st.Auth(), cfg)
	w.must(err)

	// Default roles are stored by name, so this would set the role defined in code. Cleo may
	// not give that one.
	p, err := later.Authenticate(w.ctx, w.tokens("cleo").Access)
	w.must(err)
	defaults := []string{"user", string(old.ID)}
	_, err = later.UpdateSettings(w.ctx, p, policy.SettingsPatch{DefaultRoles: &defaults})
	w.want(err, auth.ErrInvalidInput)

	// A claim for the one role is not a claim for the other.
	ada := w.signUp("ada")
	me, err := later.Authenticate(w.ctx, w.tokens("ada").Access)
	w.must(err)
	_, err = later.ClaimRole(w.ctx, me, ada.ID, string(old.ID), "image/png", strings.NewReader("a photo"))
	w.want(err, auth.ErrNoVerifier)

	// A role that code no longer defines is kept apart from one made under its name.
	w.must(later.AddRole(w.ctx, w.op, ada.ID, "warden"))
	w.must(w.AddRole(w.ctx, w.op, ada.ID, "warden"))
	want := []string{"user", "warden"}
	_, err = w.UpdateUser(w.ctx, w.op, ada.ID, auth.UserPatch{Roles: &want})
	w.must(err)
	u, err := w.User(w.ctx, w.op, ada.ID)
	w.must(err)
	if !slices.Contains(u.Roles, old.ID) {
		t.Errorf("the role made at run time is gone: %v", u.Roles)
	}
}

// noGhostRoles checks that a role that is deleted while an account is being made with it is not
// left in that account.
func noGhostRoles(t *testing.T, open Open) {
	var meanwhile func()
	w := setup(t, open, func(c *auth.Config) {
		c.PasswordRules.Breached = func(context.Context, string) (bool, error) {
			if meanwhile != nil {
				meanwhile()
			}
			return false, nil
		}
	})
	defaults, before := []string{"user", "reader"}, []string{"user"}
	for i, roles := range [][]string{nil, {"user", "reader"}} {
		r := w.putRole("reader", "read:notes")
		_, err := w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{DefaultRoles: &defaults})
		w.must(err)
		meanwhile = func() {
			meanwhile = nil
			_, err := w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{DefaultRoles: &before})
			w.must(err)
			w.must(w.Roles.Delete(w.ctx, w.op, "reader", false))
		}
		u, err := w.CreateUser(
			w.ctx, w.op, auth.UserInput{Username: fmt.Sprintf("eve%d", i), Password: pass, Roles: roles}, home,
		)
		w.must(err)
		if u, err = w.User(w.ctx, w.op, u.ID); err != nil || slices.Contains(u.Roles, r.ID) {
			t.Errorf("the account has the roles %v, error %v", u.Roles, err)
		}
	}
}

// verifierFunc is a function as an auth.RoleVerifier.
type verifierFunc func(e auth.RoleEvidence) auth.RoleDecision

// VerifyRole calls f.
func (f verifierFunc) VerifyRole(_ context.Context, e auth.RoleEvidence) (auth.RoleDecision, error) {
	return f(e), nil
}

// claimIsForWhoWasJudged checks that users who change their name while their evidence is being
// judged do not get the role, and that the refusal is recorded.
func claimIsForWhoWasJudged(t *testing.T, open Open) {
	var meanwhile func()
	w := setup(t, open, func(c *auth.Config) {
		c.Roles = append(c.Roles, auth.Role{Name: "celebrity"})
		c.RoleClaims = map[string]auth.RoleClaim{"celebrity": {MediaTypes: []string{"image/png"},
			Verifier: verifierFunc(func(e auth.RoleEvidence) auth.RoleDecision {
				if meanwhile != nil {
					meanwhile()
				}
				return auth.RoleDecision{Accepted: string(e.Data) == e.User.Name}
			})}}
	})
	ada, other := w.signUp("ada"), "Countess"
	claim := func(photo string) error {
		_, err := w.ClaimRole(w.ctx, w.principal("ada"), ada.ID, "celebrity", "image/png", strings.NewReader(photo))
		return err
	}
	name := "Ada"
	_, err := w.UpdateUser(w.ctx, w.op, ada.ID, auth.UserPatch{Name: &name})
	w.must(err)
	meanwhile = func() {
		_, err := w.UpdateUser(w.ctx, w.op, ada.ID, auth.UserPatch{Name: &other})
		w.must(err)
	}
	w.want(claim(name), auth.ErrClaimRefused)
	meanwhile = nil
	w.want(claim(name), auth.ErrClaimRefused) // the photo shows the old name
	now, err := w.User(w.ctx, w.op, ada.ID)
	w.must(err)
	if len(now.Roles) != 1 {
		t.Fatalf("the roles are %v", now.Roles)
	}
	w.must(claim(other))
	records, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{Action: "role.claim"})
	w.must(err)
	var outcomes []string
	for _, r := range records.Items {
		outcomes = append(outcomes, string(r.Detail))
	}
	if all := strings.Join(outcomes, "\n"); strings.Count(all, `"refused"`) != 2 ||
		strings.Count(all, `"accepted"`) != 1 || !strings.Contains(all, "has changed") {
		t.Fatalf("the records are:\n%s", all)
	}
}
