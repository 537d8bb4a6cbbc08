package servicetest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// rolesAtRunTime: roles are made, changed and removed by name; those that code defines stay as
// they are; one made again gives nobody anything.
func rolesAtRunTime(t *testing.T, open Open) {
	w := setup(t, open)
	ada := w.signUp("ada")
	about := "Reads notes."
	r, created, err := w.Roles.Put(w.ctx, w.op, "reader", auth.RoleInput{
		Description: &about, Scopes: []string{"read:notes!note=2", "read:notes!note=1", "read:notes!note=2"},
	})
	w.must(err)
	if !created || r.Description != about || !slices.Equal(
		r.Scopes, []string{"read:notes!note=1", "read:notes!note=2"},
	) || r.BuiltIn {
		t.Errorf("made %+v", r)
	}
	r, created, err = w.Roles.Put(w.ctx, w.op, string(r.ID), auth.RoleInput{Scopes: []string{"read:notes"}})
	w.must(err)
	if created || r.Description != about || r.Name != "reader" {
		t.Errorf("changed to %+v", r)
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

	// The name of a role works where roles are named, and the user shows it.
	w.must(w.AddRole(w.ctx, w.op, ada.ID, "reader"))
	u, err := w.User(w.ctx, w.op, ada.ID)
	w.must(err)
	if !slices.Equal(u.RoleNames(), []string{"reader", "user"}) {
		t.Errorf("roles %v", u.RoleNames())
	}
	list, err := w.Users(w.ctx, w.op, auth.UserFilter{Role: "reader"})
	w.must(err)
	if len(list.Items) != 1 {
		t.Errorf("holders %+v", list.Items)
	}
	w.want(w.Roles.Delete(w.ctx, w.op, "reader", false), auth.ErrRoleInUse)
	defaults := []string{"user", string(r.ID)}
	set, err := w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{DefaultRoles: &defaults})
	w.must(err)
	if !slices.Equal(set.DefaultRoles, []string{"reader", "user"}) {
		t.Errorf("default roles %v", set.DefaultRoles)
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
		t.Errorf("roles %v", u.RoleNames())
	}

	// Nobody gives by a role what they lack, neither what it gives now nor what it gave.
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

// rolesOfOneName: a role that code comes to define beside one of its name that was made before
// is another one, wherever roles are named.
func rolesOfOneName(t *testing.T, open Open) {
	w := setup(t, open)
	old := w.putRole("warden", "read:notes!note=1")
	w.putRole("clerk", "settings", "read:notes")
	w.signUp("cleo", "clerk")
	cfg := w.cfg
	cfg.Roles = append(slices.Clone(cfg.Roles), auth.Role{Name: "warden", Scopes: []string{"users"}})
	cfg.RoleClaims = map[string]auth.RoleClaim{"warden": {
		MediaTypes: []string{"image/png"}, Verifier: acceptAll{},
	}}
	later, err := auth.New(w.st.Auth(), cfg)
	w.must(err)

	// Default roles are kept by name: as one of them it would be the other one, which is above
	// the ceiling of who sets it.
	p, err := later.Authenticate(w.ctx, w.tokens("cleo").Access)
	w.must(err)
	defaults := []string{"user", string(old.ID)}
	_, err = later.UpdateSettings(w.ctx, p, policy.SettingsPatch{DefaultRoles: &defaults})
	w.want(err, auth.ErrInvalidInput)

	// A claim of it is none of the other one.
	ada := w.signUp("ada")
	me, err := later.Authenticate(w.ctx, w.tokens("ada").Access)
	w.must(err)
	_, err = later.ClaimRole(w.ctx, me, ada.ID, string(old.ID), "image/png", io.LimitReader(zeros{}, 10))
	w.want(err, auth.ErrNoVerifier)

	// One that code no longer defines stays apart from one that is made in its name.
	w.must(later.AddRole(w.ctx, w.op, ada.ID, "warden"))
	w.must(w.AddRole(w.ctx, w.op, ada.ID, "warden"))
	want := []string{"user", "warden"}
	_, err = w.UpdateUser(w.ctx, w.op, ada.ID, auth.UserPatch{Roles: &want})
	w.must(err)
	u, err := w.User(w.ctx, w.op, ada.ID)
	w.must(err)
	if !slices.Contains(u.Roles, old.ID) {
		t.Errorf("the role that was to stay went: %v", u.Roles)
	}
}

type acceptAll struct{}

func (acceptAll) VerifyRole(context.Context, auth.RoleEvidence) (auth.RoleDecision, error) {
	return auth.RoleDecision{Accepted: true}, nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// noGhostRoles: a role that goes while an account is made with it is not left behind there.
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
			t.Errorf("%v, %v", u.Roles, err)
		}
	}
}

// verifierFunc is a function that judges.
type verifierFunc func(e auth.RoleEvidence) auth.RoleDecision

// VerifyRole implements auth.RoleVerifier.
func (f verifierFunc) VerifyRole(_ context.Context, e auth.RoleEvidence) (auth.RoleDecision, error) {
	return f(e), nil
}

// claimIsForWhoWasJudged: who takes another name while their evidence is judged does not get
// the role for it. The refusal is recorded.
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
	w.want(claim(name), auth.ErrClaimRefused) // it is another name's photo by now
	now, err := w.User(w.ctx, w.op, ada.ID)
	w.must(err)
	if len(now.Roles) != 1 {
		t.Fatalf("roles %v", now.Roles)
	}
	w.must(claim(other))
	records, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{Action: "role.claim"})
	w.must(err)
	var outcomes []string
	for _, r := range records.Items {
		outcomes = append(outcomes, string(r.Detail))
	}
	if all := strings.Join(outcomes, "\n"); strings.Count(all, `"refused"`) != 2 ||
		strings.Count(all, `"accepted"`) != 1 || !strings.Contains(all, "changed meanwhile") {
		t.Fatalf("recorded:\n%s", all)
	}
}
