package main

import (
	"context"
	"net/http"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

// ref names a server to package sharing.
func (s server) ref() auth.ResourceRef { return auth.ResourceRef{Kind: kindServer, ID: s.id} }

// guarded returns the server in the path if the caller has the scope on its shares. A server
// that does not exist is answered like one out of the caller's reach.
func (c *call) guarded(scope string) (server, error) {
	v, found, err := c.names.server(c.ctx(), c.parts["owner"], c.parts["server"])
	if err != nil {
		return v, err
	}
	if !found {
		v.id = nobody
	}
	return v, c.shares.Authorize(c.ctx(), c.p, v.ref(), scope)
}

// decideUser finds a user by name if the caller has the scope on everything of that user. Only
// holders of the unfiltered scope learn that there is no such user.
func (c *call) decideUser(scope, name string) (auth.User, error) {
	u, found, err := c.names.user(c.ctx(), name)
	if err != nil {
		return u, err
	}
	t := scopes.Target{Kind: scopes.KindUser, ID: nobody}
	if found {
		t = userTarget(u)
	}
	id, _ := c.schema.ID(scope)
	if err := auth.Denied(c.p, c.p.Subject().Decide(id, t), scope); err != nil {
		return u, err
	}
	if !found {
		return u, &failure{http.StatusNotFound, "Not Found"}
	}
	return u, nil
}

func userTarget(u auth.User) scopes.Target {
	t := scopes.Target{Kind: scopes.KindUser, ID: string(u.ID), Owner: string(u.ID)}
	for _, g := range u.Groups {
		t.OwnerGroups = append(t.OwnerGroups, string(g.ID))
	}
	return t
}

// mayShare checks the caller before a method is refused.
func mayShare(c *call) (reply, error) {
	_, err := c.decideUser("shares", c.parts["owner"])
	return reply{}, err
}

// oneServer makes an endpoint that lists something of the server in the path.
func oneServer(list func(c *call, of ...server) (reply, error)) endpoint {
	return func(c *call) (reply, error) {
		v, err := c.guarded("read:shares")
		if err != nil {
			return reply{}, err
		}
		return list(c, v)
	}
}

// allServers makes an endpoint that lists something of all servers of an owner. A scope on one
// server is not enough.
func allServers(list func(c *call, of ...server) (reply, error)) endpoint {
	return func(c *call) (reply, error) {
		u, err := c.decideUser("read:shares", c.parts["owner"])
		if err != nil {
			return reply{}, err
		}
		all, err := c.servers.of(c.ctx(), string(u.ID))
		if err != nil {
			return reply{}, err
		}
		return list(c, all...)
	}
}

func (c *call) answerShares(of ...server) (reply, error) {
	list, err := c.given(of...)
	if err != nil {
		return reply{}, err
	}
	return c.answerMerged(merge(list))
}

func (c *call) answerMerged(list []merged) (reply, error) {
	if err := c.names.learnMerged(c.ctx(), list); err != nil {
		return reply{}, err
	}
	return paged(c, list, c.names.shareJSON)
}

// patchShares revokes all scopes, or the named ones. They have to be written as answers show
// them. For an unknown receiver there is nothing to revoke.
func patchShares(c *call) (reply, error) {
	v, from, list, err := c.shareInput()
	if err != nil {
		return reply{}, err
	}
	user, group, found, err := c.find(from)
	if err != nil {
		return reply{}, err
	}
	if !found {
		return ok(struct{}{})
	}
	err = c.db.Tx(c.ctx(), func(st store.Store) error {
		ctx, bound := within(c.ctx(), st), c.shares.WithStore(c.accounts.WithStore(st.Auth()), st.Sharing())
		if len(list) == 0 {
			return bound.Revoke(ctx, c.p, v.ref(), sharing.Revocation{User: user, Group: group})
		}
		return c.narrow(ctx, bound, v, sharing.Receiver{User: user, Group: group}, list)
	})
	if err != nil {
		return reply{}, err
	}
	return c.answerOne(v, user, group)
}

// narrow takes scopes out of all that a receiver has of a server.
func (c *call) narrow(ctx context.Context, bound *sharing.Service, v server, to sharing.Receiver, list []string) error {
	found, err := all(func(q auth.PageQuery) (auth.Page[sharing.Share], error) {
		return bound.Shares(ctx, c.p, v.ref(), q)
	})
	if err != nil {
		return err
	}
	for _, x := range found {
		if x.User != to.User || x.Group != to.Group {
			continue
		}
		shown := c.names.onServer(v.id, x.Scopes)
		var keep []string
		for i, name := range x.Scopes {
			if !slices.Contains(list, shown[i]) {
				keep = append(keep, name)
			}
		}
		switch {
		case len(keep) == 0:
			err = bound.Revoke(ctx, c.p, v.ref(), sharing.Revocation{ID: x.ID})
		case len(keep) < len(x.Scopes):
			_, err = bound.Update(ctx, c.p, v.ref(), x.ID, sharing.SharePatch{Scopes: &keep})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func deleteShares(c *call) (reply, error) {
	v, err := c.guarded("shares")
	if err != nil {
		return reply{}, err
	}
	return none(c.shares.Revoke(c.ctx(), c.p, v.ref(), sharing.Revocation{All: true}))
}
