package main

import (
	"net/http"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
)

// reached returns the server in the path if the caller has the scope on it.
func (c *call) reached(scope string) (auth.User, server, error) {
	v, found, err := c.names.server(c.ctx(), c.parts["user"], c.parts["server"])
	if err != nil {
		return auth.User{}, v, err
	}
	if !found {
		u, err := c.decideUser(scope, c.parts["user"])
		return u, v, err
	}
	verdict, err := c.shares.Decide(c.ctx(), c.p, scope, v.ref())
	if err == nil {
		err = auth.Denied(c.p, verdict, scope)
	}
	return auth.User{ID: auth.UserID(v.owner)}, v, err
}

// startServer starts a server. The first start of a named server makes it.
func startServer(c *call) (reply, error) {
	u, v, err := c.reached("servers")
	if err != nil {
		return reply{}, err
	}
	if v.id == "" {
		if !validServer(c.parts["server"]) {
			return reply{}, bad("Not a name for a server")
		}
		if err := c.servers.add(c.ctx(), string(u.ID), c.parts["server"]); err != nil {
			return reply{}, err
		}
		if v, _, err = c.names.server(c.ctx(), c.parts["user"], c.parts["server"]); err != nil {
			return reply{}, err
		}
	}
	if v.ready() {
		return reply{}, bad("server is already running")
	}
	if err := c.servers.start(c.ctx(), v.id, c.now()); err != nil {
		return reply{}, err
	}
	return reply{http.StatusCreated, nil}, nil
}

// stopServer stops a server. With remove in the body, it deletes a named server and its shares.
func stopServer(c *call) (reply, error) {
	_, v, err := c.reached("delete:servers")
	if err != nil {
		return reply{}, err
	}
	in, err := c.input()
	if err != nil {
		return reply{}, err
	}
	remove, err := in.truth("remove")
	switch {
	case err != nil:
		return reply{}, err
	case v.id == "":
		return reply{}, errHidden
	case remove && v.name == "":
		return reply{}, bad("Cannot delete the default server")
	case !remove:
		return none(c.servers.start(c.ctx(), v.id, time.Time{}))
	}
	return none(c.db.Tx(c.ctx(), func(st store.Store) error {
		ctx := within(c.ctx(), st)
		if err := c.shares.WithStore(c.accounts.WithStore(st.Auth()), st.Sharing()).Forget(ctx, v.ref()); err != nil {
			return err
		}
		return c.servers.remove(ctx, v.id)
	}))
}
