package servicetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// tokensAreCeilings checks that an API token can do what both its scopes and its owner's rights
// allow at that moment, and that it ends when it should.
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

	// It can't make a token with more scopes than it has. The error lists the scopes in excess.
	_, _, err = mint(p, auth.APITokenInput{Scopes: []string{"read:notes", "read:notes!note=1", "account!user"}})
	var over *auth.CeilingError
	if !errors.As(err, &over) || !slices.Equal(over.Excess, []string{"account!user=" + string(ada.ID), "read:notes"}) {
		t.Fatalf("got error %v with the wrong excess", err)
	}
	// Nor can a session make a token with more than its user holds.
	_, _, err = mint(me, auth.APITokenInput{Scopes: []string{"users", "read:notes"}})
	if !errors.As(err, &over) || len(over.Excess) == 0 || slices.Contains(over.Excess, "read:notes") {
		t.Fatalf("got error %v with the wrong excess", err)
	}
	// Nobody makes a token with more than its owner holds.
	_, _, err = mint(w.op, auth.APITokenInput{Scopes: []string{"users"}})
	w.want(err, auth.ErrAboveCeiling)
	for _, bad := range []auth.APITokenInput{
		{Scopes: []string{"nonsense"}}, {Scopes: []string{"read:notes!"}}, {ExpiresIn: -time.Second},
		{ExpiresIn: time.Millisecond}, {Name: "a\x00b"}, {Name: " "},
	} {
		_, _, err := mint(me, bad)
		w.want(err, auth.ErrInvalidInput)
	}

	// A token without scopes only tells who its owner is.
	_, empty, err := mint(me, auth.APITokenInput{Scopes: []string{}})
	w.must(err)
	nothing, err := w.Authenticate(w.ctx, empty)
	w.must(err)
	if got := w.EffectiveScopes(nothing); len(got) != 0 || nothing.User.ID != ada.ID {
		t.Errorf("the empty token may %v", got)
	}
	w.want(w.AuthorizeUser(w.ctx, nothing, auth.ActReadUser, ada.ID), auth.ErrInsufficientScope)

	// Calls that require a session refuse a token, whatever its scopes.
	_, wide, err := mint(me, auth.APITokenInput{Scopes: []string{"account!user", "tokens!user"}})
	w.must(err)
	p, err = w.Authenticate(w.ctx, wide)
	w.must(err)
	w.want(w.ChangePassword(
		w.ctx, p, ada.ID, auth.PasswordChange{Current: pass, New: "another horse 43"}, home,
	), auth.ErrSessionRequired)
	w.want(w.DeleteUser(w.ctx, p, ada.ID), auth.ErrSessionRequired)

	// The token can do less when its owner can, and more again when its owner can.
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

	// A token of a disabled user works again once the user is enabled.
	for _, c := range []struct {
		status auth.Status
		want   error
	}{
		{auth.StatusDisabled, auth.ErrTokenInvalid}, {auth.StatusPending, auth.ErrTokenInvalid},
		{auth.StatusActive, nil},
	} {
		_, err = w.UpdateUser(w.ctx, w.op, ada.ID, auth.UserPatch{Status: &c.status})
		w.must(err)
		_, err = w.Authenticate(w.ctx, narrow)
		w.want(err, c.want)
	}
	w.tokenTimes(ada.ID)
}

// tokenTimes checks that tokens expire, that their use is recorded about once a minute, that a
// token made by a token ends with it at the latest, and that tokens can be revoked one by one
// and all at once.
func (w *world) tokenTimes(id auth.UserID) {
	t, owner, me := w.t, auth.Holder{User: id}, w.principal("ada")
	v, short, err := w.APITokens.Create(
		w.ctx, me, owner, auth.APITokenInput{Name: "short", Scopes: []string{"tokens!user"}, ExpiresIn: time.Hour},
	)
	w.must(err)
	if v.Prefix != short.Reveal()[:len(v.Prefix)] || len(v.Prefix) < 8 || len(v.Prefix) > 15 {
		t.Errorf("the prefix is %q", v.Prefix)
	}
	p, err := w.Authenticate(w.ctx, short.Reveal())
	w.must(err)
	child, _, err := w.APITokens.Create(w.ctx, p, owner, auth.APITokenInput{Name: "child"})
	w.must(err)
	if !child.ExpiresAt.Equal(v.ExpiresAt) {
		t.Errorf("the new token ends at %v, the one that made it at %v", child.ExpiresAt, v.ExpiresAt)
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
		t.Error("a use was recorded less than a minute after the last")
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
		t.Errorf("these tokens are left: %+v", list.Items)
	}
}

// revokedIsGone checks that a token that its holder revoked stays revoked, even if its owner
// was disabled at the time. It also checks that revoking all tokens of an owner includes those
// that one of them is making at that moment.
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
			t.Fatalf("round %d: the errors are %v", round, errs)
		}
		list, err := w.APITokens.List(w.ctx, w.op, owner, auth.PageQuery{})
		w.must(err)
		if len(list.Items) != 0 {
			t.Fatalf("round %d: %d tokens are left after all were revoked", round, len(list.Items))
		}
	}
	// The same without a race: a request that was let in before the revocation makes no token
	// after it.
	_, secret, err = w.APITokens.Create(w.ctx, w.op, owner, in)
	w.must(err)
	p, err := w.Authenticate(w.ctx, secret.Reveal())
	w.must(err)
	w.must(w.APITokens.RevokeAll(w.ctx, w.op, owner))
	_, _, err = w.APITokens.Create(w.ctx, p, owner, in)
	w.want(err, auth.ErrTokenInvalid)
}
