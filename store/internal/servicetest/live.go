package servicetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// credentials are one user's three kinds of credential, made before rights change.
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

// putRole makes or changes a role.
func (w *world) putRole(name string, list ...string) auth.Role {
	w.t.Helper()
	r, _, err := w.Roles.Put(w.ctx, w.op, name, auth.RoleInput{Scopes: list})
	w.must(err)
	return r
}

func (w *world) group(name string) auth.Group {
	w.t.Helper()
	g, err := w.Groups.Create(w.ctx, w.op, auth.GroupInput{Name: name})
	w.must(err)
	return g
}

// rightsAreLive: what gives a right or takes it counts from the next request on, on every
// replica and for cookies, access tokens and API tokens alike.
func rightsAreLive(t *testing.T, open Open) {
	w := setup(t, open)
	ada := w.signUp("ada")
	g := w.group("team")
	w.putRole("reader", "read:notes")
	w.must(w.AddRole(w.ctx, w.op, ada.ID, "reader")) // for the token to be made
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
				continue // it can't even read its user
			}
			w.must(err)
			if x.Allowed != want || want == (len(x.Because) == 0) || want == (x.Missing != "") {
				t.Errorf("%s, %s: explained as %+v", when, kind, x)
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
				t.Error("the role was made again")
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
	w.putRole("reader", "read:notes") // of the old name, and nobody's
	may("after a role of the old name was made", false)
}

// tokensAreCeilings: an API token does what both it and its owner may at that moment, and ends
// when it should.
func tokensAreCeilings(t *testing.T, open Open) {
	w := setup(t, open)
	ada := w.signUp("ada")
	w.putRole("reader", "read:notes")
	w.must(w.AddRole(w.ctx, w.op, ada.ID, "reader"))
	owner := auth.Holder{User: ada.ID}
	mint := func(p *auth.Principal, in auth.APITokenInput) (auth.APIToken, string, error) {
		if in.Name == "" {
			in.Name = "program"
		}
		v, secret, err := w.APITokens.Create(w.ctx, p, owner, in)
		if err != nil {
			return v, "", err
		}
		return v, secret.Reveal(), nil
	}
	me := w.principal("ada")
	_, narrow, err := mint(me, auth.APITokenInput{Scopes: []string{"tokens!user", "read:notes!note=1"}})
	w.must(err)
	p, err := w.Authenticate(w.ctx, narrow)
	w.must(err)
	if got := w.EffectiveScopes(p); !slices.Equal(got, []string{"read:notes!note=1", "tokens!user=" + string(ada.ID)}) {
		t.Errorf("the token may %v", got)
	}
	if p.Kind != auth.PrincipalUser || p.Credential != auth.CredentialAPIToken || p.Session.ID != "" {
		t.Errorf("the token acts as %+v", p)
	}

	// It makes none that is wider, and the answer lists what was too much.
	_, _, err = mint(p, auth.APITokenInput{Scopes: []string{"read:notes", "read:notes!note=1", "account!user"}})
	var over *auth.CeilingError
	if !errors.As(err, &over) || !slices.Equal(over.Excess, []string{"account!user=" + string(ada.ID), "read:notes"}) {
		t.Fatalf("got %v", err)
	}
	// nor does a session of what its user lacks
	_, _, err = mint(me, auth.APITokenInput{Scopes: []string{"users", "read:notes"}})
	if !errors.As(err, &over) || len(over.Excess) == 0 || slices.Contains(over.Excess, "read:notes") {
		t.Fatalf("got %v", err)
	}
	_, _, err = mint(w.op, auth.APITokenInput{Scopes: []string{"users"}}) // nor anybody for somebody who lacks it
	w.want(err, auth.ErrAboveCeiling)
	for _, bad := range []auth.APITokenInput{
		{Scopes: []string{"nonsense"}}, {
			Scopes: []string{"read:notes!"},
		}, {ExpiresIn: -time.Second}, {ExpiresIn: time.Millisecond}, {Name: "a\x00b"}, {Name: " "},
	} {
		_, _, err := mint(me, bad)
		w.want(err, auth.ErrInvalidInput)
	}

	// Empty scopes allow nothing but to say who it is.
	_, empty, err := mint(me, auth.APITokenInput{Scopes: []string{}})
	w.must(err)
	nothing, err := w.Authenticate(w.ctx, empty)
	w.must(err)
	if got := w.EffectiveScopes(nothing); len(got) != 0 || nothing.User.ID != ada.ID {
		t.Errorf("the empty token may %v", got)
	}
	w.want(w.AuthorizeUser(w.ctx, nothing, auth.ActReadUser, ada.ID), auth.ErrInsufficientScope)

	// What asks for a session does not take a token, whatever its scopes.
	_, wide, err := mint(me, auth.APITokenInput{Scopes: []string{"account!user", "tokens!user"}})
	w.must(err)
	p, err = w.Authenticate(w.ctx, wide)
	w.must(err)
	w.want(w.ChangePassword(
		w.ctx, p, ada.ID, auth.PasswordChange{Current: pass, New: "another horse 43"}, home,
	), auth.ErrSessionRequired)
	w.want(w.DeleteUser(w.ctx, p, ada.ID), auth.ErrSessionRequired)

	// The owner's rights shrink, and so does the token; back again with them.
	allowed := func(want bool) {
		t.Helper()
		p, err := w.Authenticate(w.ctx, narrow)
		w.must(err)
		got, err := w.Check(w.ctx, p, auth.Question{Scope: "read:notes!note=1"}, nil)
		w.must(err)
		if got != want {
			t.Errorf("allowed %v, want %v", got, want)
		}
	}
	allowed(true)
	w.must(w.RemoveRole(w.ctx, w.op, ada.ID, "reader"))
	allowed(false)
	w.must(w.AddRole(w.ctx, w.op, ada.ID, "reader"))
	allowed(true)

	// Disabling suspends.
	for _, c := range []struct {
		status auth.Status
		want   error
	}{{
		auth.StatusDisabled, auth.ErrTokenInvalid,
	}, {auth.StatusPending, auth.ErrTokenInvalid}, {auth.StatusActive, nil}} {
		_, err = w.UpdateUser(w.ctx, w.op, ada.ID, auth.UserPatch{Status: &c.status})
		w.must(err)
		_, err = w.Authenticate(w.ctx, narrow)
		w.want(err, c.want)
	}
	w.tokenTimes(ada.ID)
}

// tokenTimes: tokens expire, are noted as used about once a minute, hand on their end, and can
// be revoked one by one and all at once.
func (w *world) tokenTimes(id auth.UserID) {
	t, owner, me := w.t, auth.Holder{User: id}, w.principal("ada")
	v, short, err := w.APITokens.Create(
		w.ctx, me, owner, auth.APITokenInput{Name: "short", Scopes: []string{"tokens!user"}, ExpiresIn: time.Hour},
	)
	w.must(err)
	if v.Prefix != short.Reveal()[:len(v.Prefix)] || len(v.Prefix) < 8 || len(v.Prefix) > 15 {
		t.Errorf("prefix %q", v.Prefix)
	}
	p, err := w.Authenticate(w.ctx, short.Reveal())
	w.must(err)
	child, _, err := w.APITokens.Create(w.ctx, p, owner, auth.APITokenInput{Name: "child"})
	w.must(err)
	if !child.ExpiresAt.Equal(v.ExpiresAt) {
		t.Errorf("the child ends at %v, its maker at %v", child.ExpiresAt, v.ExpiresAt)
	}
	_, _, err = w.APITokens.Create(w.ctx, p, owner, auth.APITokenInput{Name: "child", ExpiresIn: 2 * time.Hour})
	w.want(err, auth.ErrInvalidInput)

	used := func() time.Time {
		t.Helper()
		list, err := w.APITokens.List(w.ctx, w.op, owner, auth.PageQuery{})
		w.must(err)
		i := slices.IndexFunc(list.Items, func(x auth.APIToken) bool { return x.ID == v.ID })
		return list.Items[i].LastUsedAt
	}
	first := used()
	w.clock.Advance(59 * time.Second)
	_, err = w.Authenticate(w.ctx, short.Reveal())
	w.must(err)
	if !used().Equal(first) {
		t.Error("a use was written within a minute of the last")
	}
	w.clock.Advance(time.Second)
	_, err = w.Authenticate(w.ctx, short.Reveal())
	w.must(err)
	if !used().Equal(first.Add(time.Minute)) {
		t.Errorf("last used at %v", used())
	}
	w.clock.Advance(59 * time.Minute)
	_, err = w.Authenticate(w.ctx, short.Reveal())
	w.want(err, auth.ErrTokenInvalid)
	w.must(w.Housekeep(w.ctx))

	_, one, err := w.APITokens.Create(w.ctx, w.op, owner, auth.APITokenInput{Name: "one"})
	w.must(err)
	two, other, err := w.APITokens.Create(w.ctx, w.op, owner, auth.APITokenInput{Name: "two"})
	w.must(err)
	bob := auth.Holder{User: w.signUp("bob").ID}
	w.want(w.APITokens.Revoke(w.ctx, w.op, bob, two.ID), auth.ErrNotFound)
	w.want(w.APITokens.Revoke(w.ctx, w.op, owner, ""), auth.ErrNotFound)
	w.must(w.APITokens.Revoke(w.ctx, w.op, owner, two.ID))
	_, err = w.Authenticate(w.ctx, other.Reveal())
	w.want(err, auth.ErrTokenInvalid)
	_, err = w.Authenticate(w.ctx, one.Reveal())
	w.must(err)
	w.must(w.APITokens.RevokeAll(w.ctx, w.op, owner))
	_, err = w.Authenticate(w.ctx, one.Reveal())
	w.want(err, auth.ErrTokenInvalid)
	list, err := w.APITokens.List(w.ctx, w.op, owner, auth.PageQuery{})
	w.must(err)
	if len(list.Items) != 0 {
		t.Errorf("left are %+v", list.Items)
	}
}

// servicesActForThemselves: a program acts by its tokens alone, with the rights of its roles.
func servicesActForThemselves(t *testing.T, open Open) {
	w := setup(t, open)
	w.putRole("reader", "read:notes", "sessions!user")
	v, err := w.Services.Create(w.ctx, w.op, auth.ServiceInput{Name: "Backup"})
	w.must(err)
	_, err = w.Services.Create(w.ctx, w.op, auth.ServiceInput{Name: "backup"})
	w.want(err, auth.ErrNameTaken)
	w.must(w.Services.AddRole(w.ctx, w.op, "BACKUP", "reader"))
	owner := auth.Holder{Service: auth.ServiceID("backup")}
	_, _, err = w.APITokens.Create(
		w.ctx, w.op, owner, auth.APITokenInput{Name: "x", Scopes: []string{"read:notes", "users"}},
	)
	w.want(err, auth.ErrAboveCeiling)
	_, secret, err := w.APITokens.Create(
		w.ctx, w.op, owner, auth.APITokenInput{Name: "x", Scopes: []string{"read:notes"}},
	)
	w.must(err)
	p, err := w.Authenticate(w.ctx, secret.Reveal())
	w.must(err)
	if p.Kind != auth.PrincipalService || p.Service.ID != v.ID || p.User.ID != "" ||
		!slices.Equal(w.EffectiveScopes(p), []string{"read:notes"}) {
		t.Errorf("the token acts as %+v", p)
	}
	for _, c := range []struct {
		status auth.Status
		want   error
	}{{auth.StatusDisabled, auth.ErrTokenInvalid}, {auth.StatusActive, nil}} {
		_, err = w.Services.Update(w.ctx, w.op, string(v.ID), auth.ServicePatch{Status: &c.status})
		w.must(err)
		_, err = w.Authenticate(w.ctx, secret.Reveal())
		w.want(err, c.want)
	}
	pending := auth.StatusPending
	_, err = w.Services.Update(w.ctx, w.op, "backup", auth.ServicePatch{Status: &pending})
	w.want(err, auth.ErrInvalidInput)

	// Who manages services does not use one to get at more than they have.
	w.putRole("operator", "services")
	w.signUp("olga", "operator")
	olga := w.principal("olga")
	disabled, name := auth.StatusDisabled, "new"
	for what, try := range map[string]func() error{
		"token": func() error {
			_, _, err := w.APITokens.Create(w.ctx, olga, owner, auth.APITokenInput{Name: "x"})
			return err
		},
		"role": func() error { return w.Services.AddRole(w.ctx, olga, "backup", "admin") },
		"disable": func() error {
			_, err := w.Services.Update(w.ctx, olga, "backup", auth.ServicePatch{Status: &disabled})
			return err
		},
		"rename": func() error {
			_, err := w.Services.Update(w.ctx, olga, "backup", auth.ServicePatch{Name: &name})
			return err
		},
		"delete":   func() error { return w.Services.Delete(w.ctx, olga, "backup") },
		"revoke":   func() error { return w.APITokens.RevokeAll(w.ctx, olga, owner) },
		"take off": func() error { return w.Services.RemoveRole(w.ctx, olga, "backup", "reader") },
	} {
		if err := try(); !errors.Is(err, auth.ErrAboveCeiling) {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.must(w.Services.Delete(w.ctx, w.op, "backup"))
	_, err = w.Authenticate(w.ctx, secret.Reveal())
	w.want(err, auth.ErrTokenInvalid)
}

// unknownScopesGiveNothing: no scope that the model does not know is stored; one that it no
// longer knows gives nothing, is told of, and leaves the rest as it was.
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
		t.Errorf("roles %+v", roles)
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
		t.Errorf("lost are %v", lost)
	}
	// Nor does anybody who holds less than everything give it, or act on whoever holds it:
	// another version may know it.
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
	w.must(later.EndSessions(w.ctx, me, ada.ID, true))
	w.must(later.AddRole(w.ctx, later.Operator("test"), bob.ID, "reader"))
	lost, err = w.Roles.LostScopes(w.ctx)
	w.must(err)
	if len(lost) != 0 {
		t.Errorf("lost are %v", lost)
	}
}
