package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// tokenID is the prefix of the ids of tokens in answers.
const tokenID = "a"

type tokenJSON struct {
	User         string   `json:"user"`
	ID           string   `json:"id"`
	Kind         string   `json:"kind"`
	Roles        []string `json:"roles"`
	Scopes       []string `json:"scopes"`
	Created      *string  `json:"created"`
	LastActivity *string  `json:"last_activity"`
	ExpiresAt    *string  `json:"expires_at"`
	Note         string   `json:"note"`
	SessionID    *string  `json:"session_id"`
	OAuthClient  string   `json:"oauth_client"`
	Token        string   `json:"token,omitempty"` // only in the answer that makes it
}

func (c *call) tokenJSON(u auth.User, t auth.APIToken) (tokenJSON, error) {
	list, err := c.effectiveOf(u, t)
	return tokenJSON{
		User: u.Username, ID: tokenID + string(t.ID), Kind: "api_token", Roles: []string{}, Scopes: list,
		Created:      moment(t.CreatedAt),
		LastActivity: moment(t.LastUsedAt), ExpiresAt: moment(t.ExpiresAt), Note: t.Name, OAuthClient: "JupyterHub",
	}, err
}

// effectiveOf lists what a token may do now: those of its scopes that its owner holds. A scope
// on one server counts also where a share gives it.
func (c *call) effectiveOf(u auth.User, t auth.APIToken) ([]string, error) {
	user := string(u.ID)
	holdings, err := c.accounts.People.Holdings(c.ctx(), []auth.UserID{u.ID}, nil)
	if err != nil {
		return nil, err
	}
	self := scopes.Self{User: user}
	groups := holdings[user].Groups
	set, _ := c.schema.SetOf(t.Scopes, self)
	list := scopes.Subject{Held: holdings[user].Held, Ceiling: set}.Effective(
		func(string) []string { return groups },
	).Strings()
	for _, sc := range set.Scopes() {
		if sc.Kind != kindServer {
			continue
		}
		sources, target, err := c.shares.Sources(c.ctx(), u.ID, u.GroupIDs(), server{id: sc.Value}.ref())
		if err != nil {
			return nil, err
		}
		sets := []*scopes.Set{holdings[user].Held}
		for _, src := range sources {
			sets = append(sets, src.Set)
		}
		if id, _ := c.schema.ID(sc.Name); (scopes.Subject{Held: c.schema.Merge(sets...)}).Allows(id, target) {
			list = append(list, sc.String())
		}
	}
	return c.names.show(c.ctx(), list), nil
}

// tokens lists a user's tokens, oldest first, if the caller may manage them. Expired tokens are
// left out.
func (c *call) tokens() (u auth.User, list []auth.APIToken, err error) {
	if u, err = c.decideUser("read:tokens", c.parts["user"]); err != nil {
		return u, nil, err
	}
	for q := (auth.PageQuery{Limit: 200}); ; {
		page, err := c.accounts.APITokens.List(c.ctx(), c.p, auth.Holder{User: u.ID}, q)
		if err != nil {
			return u, nil, err
		}
		list = append(list, page.Items...)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	slices.Reverse(list)
	return u, slices.DeleteFunc(
		list, func(t auth.APIToken) bool { return !t.ExpiresAt.IsZero() && !t.ExpiresAt.After(c.now()) },
	), nil
}

func listTokens(c *call) (reply, error) {
	u, list, err := c.tokens()
	out := []tokenJSON{}
	for _, t := range list {
		one, bad := c.tokenJSON(u, t)
		err = errors.Join(err, bad)
		out = append(out, one)
	}
	return reply{http.StatusOK, map[string]any{"api_tokens": out}}, err
}

// token returns the token in the path.
func (c *call) token() (auth.User, auth.APIToken, error) {
	u, list, err := c.tokens()
	i := slices.IndexFunc(list, func(t auth.APIToken) bool { return tokenID+string(t.ID) == c.parts["token"] })
	if err == nil && i < 0 {
		err = &failure{http.StatusNotFound, "No such token " + c.parts["token"] + " for user " + c.parts["user"]}
	}
	if err != nil {
		return u, auth.APIToken{}, err
	}
	return u, list[i], nil
}

func readToken(c *call) (reply, error) {
	u, t, err := c.token()
	if err != nil {
		return reply{}, err
	}
	out, err := c.tokenJSON(u, t)
	return reply{http.StatusOK, out}, err
}

func deleteToken(c *call) (reply, error) {
	u, t, err := c.token()
	if err != nil {
		return reply{}, err
	}
	return none(c.accounts.APITokens.Revoke(c.ctx(), c.p, auth.Holder{User: u.ID}, t.ID))
}

// createToken makes a token of a user. The caller may be authenticated, or the body may have a
// name and password. The answer does not say whether the user is missing or the right.
func createToken(c *call) (reply, error) {
	in, err := c.input()
	if err != nil {
		return reply{}, err
	}
	if c.p == nil {
		signOut, err := c.signInBy(in)
		if err != nil {
			return reply{}, err
		}
		defer signOut()
	}
	u, err := c.decideUser("tokens", c.parts["user"])
	if refused(err) {
		return reply{}, &failure{
			http.StatusForbidden, "User " + c.parts["user"] + " not found or no permissions to generate tokens",
		}
	}
	if err != nil {
		return reply{}, err
	}
	want, err := c.newToken(in, u)
	if err != nil {
		return reply{}, err
	}
	t, secret, err := c.accounts.APITokens.Create(c.ctx(), c.p, auth.Holder{User: u.ID}, want)
	if _, over := lacking(err); over != nil {
		return reply{}, bad("Not assigning requested scopes " + strings.Join(c.names.show(c.ctx(), over), ",") +
			" not held by the user and the caller")
	}
	if err != nil {
		return reply{}, err
	}
	out, err := c.tokenJSON(u, t)
	out.Token = secret.Reveal()
	return reply{http.StatusCreated, out}, err
}

// signInBy signs in with the member auth of the body, for this request only.
func (c *call) signInBy(in input) (signOut func(), err error) {
	var login struct{ Username, Password string }
	if !in.has("auth") || json.Unmarshal(in["auth"], &login) != nil {
		return nil, auth.ErrUnauthenticated
	}
	got, err := c.accounts.SignIn(
		c.ctx(), auth.SignInRequest{Login: login.Username, Password: login.Password, Client: c.hp.Client(c.r)},
	)
	if err == nil {
		c.p, err = c.accounts.AuthenticateCookie(c.ctx(), got.Secret.Reveal())
	}
	p := c.p
	return func() { _ = c.accounts.Sessions.SignOut(context.WithoutCancel(c.ctx()), p) }, err
}

// newToken reads what the token may do. In JupyterHub a token can inherit the rights of its
// owner. Here a token has a fixed ceiling: it gets what its owner holds by roles now.
func (c *call) newToken(in input, u auth.User) (want auth.APITokenInput, err error) {
	if want.Name, err = in.text("note"); err != nil {
		return want, err
	}
	if want.Name == "" {
		want.Name = "Requested via api"
		if c.p.Kind == auth.PrincipalService {
			want.Name += " by service " + c.p.Service.Name
		}
	}
	if in.has("expires_in") {
		seconds, err := strconv.ParseInt(string(in["expires_in"]), 10, 64)
		if err != nil || seconds < 0 || seconds > int64(100*365*24*time.Hour/time.Second) {
			return want, bad("expires_in must be a positive integer or null")
		}
		want.ExpiresIn = time.Duration(seconds) * time.Second
	}
	list, err := in.list("scopes")
	if err != nil {
		return want, err
	}
	names, err := in.list("roles")
	if err != nil {
		return want, err
	}
	switch {
	case in.has("roles") && in.has("scopes"):
		return want, bad("Can only assign one of scopes or roles when creating tokens.")
	case in.has("roles"):
		want.Scopes, err = c.ofRoles(names)
	case in.has("scopes"):
		want.Scopes, err = c.ofScopes(list, u)
	default:
		want.Scopes, err = c.ofScopes([]string{"inherit"}, u)
	}
	want.Scopes = append(want.Scopes, identify...)
	want.Resources = c.shares
	return want, err
}

func (c *call) ofRoles(names []string) (out []string, err error) {
	list, err := c.accounts.Roles.List(c.ctx(), c.operator)
	for _, name := range names {
		i := slices.IndexFunc(list, func(r auth.Role) bool { return r.Name == name })
		if i < 0 {
			return nil, bad("No such role: " + name)
		}
		out = append(out, list[i].Scopes...)
	}
	return out, err
}

func (c *call) ofScopes(list []string, u auth.User) (out []string, err error) {
	for _, text := range list {
		switch text {
		case "self":
			out = append(out, self...)
		case "inherit":
			holdings, err := c.accounts.People.Holdings(c.ctx(), []auth.UserID{u.ID}, nil)
			if err != nil {
				return nil, err
			}
			out = append(out, holdings[string(u.ID)].Held.Strings()...)
		default:
			id, err := c.names.read(c.ctx(), text)
			if err != nil {
				return nil, err
			}
			out = append(out, id)
		}
	}
	return out, nil
}
