package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

var apiTokenScenarios = []scenario{
	{"APITokenUse", apiTokenUse},
	{"APITokensOfOwners", apiTokensOfOwners},
	{"APITokenNeedsItsOwner", apiTokenOwner},
	{"TouchAPIToken", touchAPIToken},
	{"DeleteAPITokens", deleteAPITokens},
	{"DeleteExpiredAPITokens", deleteExpiredAPITokens},
}

// newAPIToken is a token with all fields set.
func (w *world) newAPIToken(o auth.Holder) auth.APIToken {
	return auth.APIToken{
		ID: auth.APITokenID(w.id()), Owner: o, Name: "it's %s", Prefix: "hp_api_ab", Hash: w.hash(),
		Scopes:    []string{"read:notes", "users!user"},
		CreatedAt: start, ExpiresAt: start.Add(time.Hour), LastUsedAt: start.Add(time.Microsecond),
	}
}

// apiToken stores one.
func (w *world) apiToken(o auth.Holder) auth.APIToken {
	w.t.Helper()
	t := w.newAPIToken(o)
	w.must(w.st.AddAPIToken(w.ctx, t))
	return t
}

func (w *world) apiTokens(o auth.Holder) []auth.APIToken {
	w.t.Helper()
	list, err := w.st.APITokens(w.ctx, auth.APITokenQuery{Owner: o, Limit: 99})
	w.must(err)
	return list
}

func (w *world) useIs(h token.Hash, want auth.APITokenUse) {
	w.t.Helper()
	got, err := w.st.APITokenUse(w.ctx, h)
	w.must(err)
	w.same("use", got, want)
}

func apiTokenUse(w *world) {
	r, g := w.role("maker"), w.group("g")
	a, v := w.user("alice"), w.service("bot")
	w.must(errOf(w.st.AddMember(w.ctx, g.ID, a.ID)))
	w.must(errOf(w.st.AddGroupRole(w.ctx, g.ID, r.ID)))
	w.must(errOf(w.st.AddServiceRole(w.ctx, v.ID, "editor")))
	a.Groups, a.Grants = []auth.GroupRef{{ID: g.ID, Name: g.Name}}, []auth.Grant{
		{Group: g.ID, Role: r.ID, Name: "maker", Scopes: r.Scopes},
	}
	v.Roles = []auth.RoleID{"editor"}
	mine, its := w.apiToken(auth.Holder{User: a.ID}), w.apiToken(auth.Holder{Service: v.ID})
	w.useIs(mine.Hash, auth.APITokenUse{Token: mine, User: a.User})
	w.useIs(its.Hash, auth.APITokenUse{Token: its, Service: v})
	_, err := w.st.APITokenUse(w.ctx, w.hash())
	w.want(err, auth.ErrNotFound)

	none := w.newAPIToken(auth.Holder{User: a.ID})
	none.Scopes, none.ExpiresAt, none.LastUsedAt = []string{}, time.Time{}, time.Time{}
	w.must(w.st.AddAPIToken(w.ctx, none))
	w.useIs(none.Hash, auth.APITokenUse{Token: none, User: a.User})
}

func apiTokensOfOwners(w *world) {
	a, b, v := auth.Holder{
		User: w.user("alice").ID,
	}, auth.Holder{User: w.user("bob").ID}, auth.Holder{Service: w.service("bot").ID}
	a1, b1, v1, a2, v2 := w.apiToken(a), w.apiToken(b), w.apiToken(v), w.apiToken(a), w.apiToken(v)
	w.same("alice's", w.apiTokens(a), []auth.APIToken{a2, a1})
	w.same("bob's", w.apiTokens(b), []auth.APIToken{b1})
	w.same("bot's", w.apiTokens(v), []auth.APIToken{v2, v1})
	w.same("nobody's", w.apiTokens(auth.Holder{}), []auth.APIToken{})
	w.same("of both", w.apiTokens(auth.Holder{User: a.User, Service: v.Service}), []auth.APIToken{})
	page, err := w.st.APITokens(w.ctx, auth.APITokenQuery{Owner: a, Before: a2.ID, Limit: 1})
	w.must(err)
	w.same("page", page, []auth.APIToken{a1})
	w.must(w.st.DeleteAccount(w.ctx, a.User))
	w.must(w.st.DeleteService(w.ctx, v.Service))
	w.same("alice's", w.apiTokens(a), []auth.APIToken{})
	w.same("bot's", w.apiTokens(v), []auth.APIToken{})
	_, err = w.st.APITokenUse(w.ctx, a1.Hash)
	w.want(err, auth.ErrNotFound)
	_, err = w.st.APITokenUse(w.ctx, v1.Hash)
	w.want(err, auth.ErrNotFound)
	w.same("bob's", w.apiTokens(b), []auth.APIToken{b1})
}

func apiTokenOwner(w *world) {
	a, v := w.user("alice"), w.service("bot")
	for _, o := range []auth.Holder{{}, {User: auth.UserID(w.id())}, {
		Service: auth.ServiceID(w.id()),
	}, {User: a.ID, Service: v.ID}, {User: "alice"}} {
		w.want(w.st.AddAPIToken(w.ctx, w.newAPIToken(o)), auth.ErrNotFound)
	}
	t := w.apiToken(auth.Holder{User: a.ID})
	for _, spoil := range []func(*auth.APIToken){
		func(x *auth.APIToken) { x.ID = t.ID }, func(x *auth.APIToken) { x.Hash = t.Hash },
	} {
		other := w.newAPIToken(auth.Holder{Service: v.ID})
		spoil(&other)
		if err := w.st.AddAPIToken(w.ctx, other); err == nil {
			w.t.Error("a token was stored over another")
		}
	}
	w.useIs(t.Hash, auth.APITokenUse{Token: t, User: a.User})
}

func touchAPIToken(w *world) {
	a := w.user("alice")
	t := w.newAPIToken(auth.Holder{User: a.ID})
	t.LastUsedAt = time.Time{}
	w.must(w.st.AddAPIToken(w.ctx, t))
	for _, c := range []struct{ at, want time.Time }{
		{start, start}, {start.Add(-time.Second), start}, {start.Add(time.Second), start.Add(time.Second)},
	} {
		w.must(w.st.TouchAPIToken(w.ctx, t.ID, c.at))
		t.LastUsedAt = c.want
		w.useIs(t.Hash, auth.APITokenUse{Token: t, User: a.User})
	}
	w.must(w.st.TouchAPIToken(w.ctx, auth.APITokenID(w.id()), start))
	w.must(w.st.TouchAPIToken(w.ctx, "none", start))
}

func deleteAPITokens(w *world) {
	a, b := auth.Holder{User: w.user("alice").ID}, auth.Holder{User: w.user("bob").ID}
	a1, b1, a2 := w.apiToken(a), w.apiToken(b), w.apiToken(a)
	gone := func(o auth.Holder, id auth.APITokenID, want int) {
		w.t.Helper()
		n, err := w.st.DeleteAPITokens(w.ctx, o, id)
		w.must(err)
		w.same("deleted", n, want)
	}
	gone(b, a1.ID, 0)
	gone(a, "none", 0)
	gone(a, auth.APITokenID(w.id()), 0)
	gone(auth.Holder{}, "", 0)
	gone(auth.Holder{}, a1.ID, 0)
	w.same("alice's", w.apiTokens(a), []auth.APIToken{a2, a1})
	gone(a, a1.ID, 1)
	gone(a, a1.ID, 0)
	a3 := w.apiToken(a)
	w.same("alice's", w.apiTokens(a), []auth.APIToken{a3, a2})
	gone(a, "", 2)
	w.same("bob's", w.apiTokens(b), []auth.APIToken{b1})
}

func deleteExpiredAPITokens(w *world) {
	o := auth.Holder{User: w.user("alice").ID}
	var all []auth.APIToken
	for _, at := range []time.Time{start.Add(2 * time.Minute), start, {}, start.Add(time.Minute)} {
		t := w.newAPIToken(o)
		t.ExpiresAt = at
		w.must(w.st.AddAPIToken(w.ctx, t))
		all = append(all, t)
	}
	for _, c := range []struct {
		at          time.Time
		limit, want int
	}{{
		start.Add(-time.Microsecond), 9, 0,
	}, {start.Add(time.Minute), 1, 1}, {start.Add(time.Minute), 9, 1}, {start.Add(time.Minute), 9, 0}} {
		n, err := w.st.DeleteExpiredAPITokens(w.ctx, c.at, c.limit)
		w.must(err)
		w.same("deleted", n, c.want)
	}
	w.same("left", w.apiTokens(o), []auth.APIToken{all[2], all[0]})
}
