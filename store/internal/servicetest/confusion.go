package servicetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
)

// revokedIsGone: a token that was revoked by whoever had it does not come back, be its owner
// disabled at that time; and the end of all tokens of an owner is the end of what one of them
// makes at that moment.
func revokedIsGone(t *testing.T, open Open) {
	w := setup(t, open)
	ada := w.signUp("ada")
	owner := auth.Holder{User: ada.ID}
	_, secret, err := w.APITokens.Create(w.ctx, w.op, owner, auth.APITokenInput{Name: "x"})
	w.must(err)
	disabled, active := auth.StatusDisabled, auth.StatusActive
	_, err = w.UpdateUser(w.ctx, w.op, ada.ID, auth.UserPatch{Status: &disabled})
	w.must(err)
	w.must(w.RevokeToken(w.ctx, secret.Reveal()))
	_, err = w.UpdateUser(w.ctx, w.op, ada.ID, auth.UserPatch{Status: &active})
	w.must(err)
	_, err = w.Authenticate(w.ctx, secret.Reveal())
	w.want(err, auth.ErrTokenInvalid)

	in := auth.APITokenInput{Name: "x", Scopes: []string{"tokens!user"}}
	other := w.replica()
	for round := range 8 {
		_, secret, err := w.APITokens.Create(w.ctx, w.op, owner, in)
		w.must(err)
		errs := race(6, func(i int) error {
			if i == 3 {
				return w.APITokens.RevokeAll(w.ctx, w.op, owner)
			}
			p, err := other.Authenticate(w.ctx, secret.Reveal())
			if err != nil {
				return err
			}
			_, _, err = other.APITokens.Create(w.ctx, p, owner, in)
			return err
		})
		w.must(errs[3])
		if n := count(errs, nil) + count(errs, auth.ErrTokenInvalid); n != len(errs) {
			t.Fatalf("round %d: %v", round, errs)
		}
		list, err := w.APITokens.List(w.ctx, w.op, owner, auth.PageQuery{})
		w.must(err)
		if len(list.Items) != 0 {
			t.Fatalf("round %d: %d tokens outlive the end of all", round, len(list.Items))
		}
	}
	// The same without luck: who was let in before the end makes none after it.
	_, secret, err = w.APITokens.Create(w.ctx, w.op, owner, in)
	w.must(err)
	p, err := w.Authenticate(w.ctx, secret.Reveal())
	w.must(err)
	w.must(w.APITokens.RevokeAll(w.ctx, w.op, owner))
	_, _, err = w.APITokens.Create(w.ctx, p, owner, in)
	w.want(err, auth.ErrTokenInvalid)
}

// hostScopesDoNotCapture: a scope of the host's that can be filtered by groups but not by users
// is a right over members, too.
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
		t.Fatalf("got %v", err)
	}
	w.putRole("lead", "groups!group="+string(g.ID), "read:reports!group="+string(g.ID), "read:reports!group="+
		string(other.ID))
	w.must(w.Groups.AddMember(w.ctx, w.op, "other", ada.ID))
	w.must(w.Groups.AddMember(w.ctx, w.principal("cal"), "team", ada.ID)) // whose reports they see already
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
