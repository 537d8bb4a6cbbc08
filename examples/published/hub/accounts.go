package main

import (
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/store"
)

func createUser(c *call) (reply, error) {
	in, err := c.input()
	if err != nil {
		return reply{}, err
	}
	return c.create(in, c.parts["user"])
}

func createUsers(c *call) (reply, error) {
	in, err := c.input()
	if err != nil {
		return reply{}, err
	}
	list, err := in.list("usernames")
	if err != nil {
		return reply{}, err
	}
	return c.create(in, list...)
}

// create makes all of the accounts, or none.
func (c *call) create(in input, usernames ...string) (reply, error) {
	if err := c.accounts.Authorize(c.p, auth.ActCreateUser, scopes.Target{}); err != nil {
		return reply{}, err
	}
	admin, err := in.truth("admin")
	if err == nil && len(usernames) == 0 {
		err = bad("Must specify at least one user to create")
	}
	if err != nil {
		return reply{}, err
	}
	var made []auth.User
	err = c.db.Tx(c.ctx(), func(st store.Store) error {
		made = nil
		bound := c.accounts.WithStore(st.Auth())
		for _, name := range usernames {
			u, err := bound.CreateUser(c.ctx(), c.p, auth.UserInput{Username: name}, c.hp.Client(c.r))
			if err == nil && admin {
				err = bound.AddRole(c.ctx(), c.p, u.ID, auth.RoleAdmin)
			}
			if err != nil {
				return err
			}
			made = append(made, u)
		}
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	out := []map[string]any{}
	for _, u := range made {
		one, err := c.userJSON(u)
		if err != nil {
			return reply{}, err
		}
		out = append(out, one)
	}
	if _, single := c.parts["user"]; single {
		return reply{http.StatusCreated, out[0]}, nil
	}
	return reply{http.StatusCreated, out}, nil
}

// deleteUser removes an account with its servers and their shares.
func deleteUser(c *call) (reply, error) {
	u, err := c.decideUser("delete:users", c.parts["user"])
	if err != nil {
		return reply{}, err
	}
	return none(c.db.Tx(c.ctx(), func(st store.Store) error {
		ctx, rights := within(c.ctx(), st), c.accounts.WithStore(st.Auth())
		list, err := c.servers.of(ctx, string(u.ID))
		if err != nil {
			return err
		}
		for _, v := range list {
			if err := c.shares.WithStore(rights, st.Sharing()).Forget(ctx, v.ref()); err != nil {
				return err
			}
		}
		return rights.DeleteUser(ctx, c.p, u.ID)
	}))
}
