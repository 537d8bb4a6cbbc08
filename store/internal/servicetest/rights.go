package servicetest

import (
	"errors"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
)

// credentials makes the three kinds of credential for a user. The functions authenticate with
// them.
func (w *world) credentials(
	name string, id auth.UserID, list ...string,
) map[string]func(*auth.Service) (*auth.Principal, error) {
	w.t.Helper()
	cookie, err := w.SignIn(w.ctx, auth.SignInRequest{Login: name, Password: pass, Client: home})
	w.must(err)
	access := w.tokens(name).Access
	_, api, err := w.APITokens.Create(
		w.ctx, w.op, auth.Holder{User: id}, auth.APITokenInput{Name: "program", Scopes: list},
	)
	w.must(err)
	return map[string]func(*auth.Service) (*auth.Principal, error){
		"cookie": func(s *auth.Service) (*auth.Principal, error) {
			return s.AuthenticateCookie(w.ctx, cookie.Secret.Reveal())
		},
		"access token": func(s *auth.Service) (*auth.Principal, error) { return s.Authenticate(w.ctx, access) },
		"API token":    func(s *auth.Service) (*auth.Principal, error) { return s.Authenticate(w.ctx, api.Reveal()) },
	}
}

// rightsAreLive checks that a change of rights counts from the next request on, on every
// replica, for cookies, access tokens and API tokens alike.
func rightsAreLive(t *testing.T, open Open) {
	w := setup(t, open)
	ada := w.signUp("ada")
	g := w.group("team")
	w.putRole("reader", "read:notes")
	w.must(w.AddRole(w.ctx, w.op, ada.ID, "reader")) // so that the token can be made
	all := w.credentials("ada", ada.ID, "read:notes")
	w.must(w.RemoveRole(w.ctx, w.op, ada.ID, "reader"))
	other := w.replica()
	q := auth.Question{Scope: "read:notes", Resource: &auth.ResourceRef{Kind: "note", ID: "7"}}
	may := func(when string, want bool) {
		t.Helper()
		for kind, authenticate := range all {
			p, err := authenticate(other)
			w.must(err)
			got, err := other.Check(w.ctx, p, q, nil)
			w.must(err)
			if got != want {
				t.Errorf("%s, %s: allowed %v, want %v", when, kind, got, want)
			}
			x, err := other.Explain(w.ctx, p, "", q, nil)
			if errors.Is(err, auth.ErrInsufficientScope) && kind == "API token" {
				continue // the token may not read its user
			}
			w.must(err)
			if x.Allowed != want || want == (len(x.Because) == 0) || want == (x.Missing != "") {
				t.Errorf("%s, %s: the explanation is %+v", when, kind, x)
			}
		}
	}
	for _, c := range []struct {
		name       string
		give, take func() error
	}{
		{"role", func() error {
			return w.AddRole(w.ctx, w.op, ada.ID, "reader")
		}, func() error { return w.RemoveRole(w.ctx, w.op, ada.ID, "reader") }},
		{"membership", func() error {
			return errors.Join(
				w.Groups.AddRole(w.ctx, w.op, "team", "reader"), w.Groups.AddMember(w.ctx, w.op, "team", ada.ID),
			)
		}, func() error { return w.Groups.RemoveMember(w.ctx, w.op, "TEAM", ada.ID) }},
		{"role of a group", func() error {
			return w.Groups.AddMember(w.ctx, w.op, string(g.ID), ada.ID)
		}, func() error {
			return w.Groups.RemoveRole(w.ctx, w.op, string(g.ID), "reader")
		}},
		{"scope of a role", func() error { return w.Groups.AddRole(w.ctx, w.op, "team", "reader") }, func() error {
			_, created, err := w.Roles.Put(
				w.ctx, w.op, "reader", auth.RoleInput{Scopes: []string{"read:notes!note=8"}},
			)
			if created {
				t.Error("the role was made anew instead of changed")
			}
			return err
		}},
		{"filter of a scope", func() error {
			w.putRole("reader", "read:notes!note=7")
			return nil
		}, func() error { return w.Groups.Delete(w.ctx, w.op, "team") }},
		{"existence of a role", func() error {
			w.putRole("reader", "read:notes!note=7", "read:notes!note=9")
			return w.AddRole(w.ctx, w.op, ada.ID, "reader")
		}, func() error { return w.Roles.Delete(w.ctx, w.op, "reader", true) }},
	} {
		may("before "+c.name, false)
		w.must(c.give())
		may("with "+c.name, true)
		w.must(c.take())
	}
	may("at the end", false)
	w.putRole("reader", "read:notes") // has the old name, and no holders
	may("after a role of the old name was made", false)
}
