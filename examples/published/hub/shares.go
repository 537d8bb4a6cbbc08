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

// guarded is the server that the path names, for who may do with its shares what the scope
// says. One that is not there is out of reach as one of somebody else is.
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

// decideUser decides about a user, by name, and all that is theirs. Whether there is such a
// user is told only to who holds the scope for all.
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

// mayShare guards the methods that the list of all of an owner does not have.
func mayShare(c *call) (reply, error) {
	_, err := c.decideUser("shares", c.parts["owner"])
	return reply{}, err
}

func listShares(c *call) (reply, error) {
	v, err := c.guarded("read:shares")
	if err != nil {
		return reply{}, err
	}
	return c.answerShares(v)
}

// listAllShares is about all servers of an owner, so that who may see those of one server is
// refused.
func listAllShares(c *call) (reply, error) {
	u, err := c.decideUser("read:shares", c.parts["owner"])
	if err != nil {
		return reply{}, err
	}
	list, err := c.servers.of(c.ctx(), string(u.ID))
	if err != nil {
		return reply{}, err
	}
	return c.answerShares(list...)
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

// patchShares revokes: everything, or the scopes that are named just as they are shown. Whoever
// is unknown has nothing to lose.
func patchShares(c *call) (reply, error) {
	v, err := c.guarded("shares")
	if err != nil {
		return reply{}, err
	}
	in, err := c.input("user", "group", "scopes")
	if err != nil {
		return reply{}, err
	}
	from, err := in.receiver()
	if err != nil {
		return reply{}, err
	}
	list, err := in.list("scopes")
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
