package servicetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

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
