package main

import (
	"context"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/store"
)

// group is the group in the path, for who may use the scope on it.
func (c *call) group(scope string) (id auth.GroupID, err error) {
	id, found, err := c.names.group(c.ctx(), c.parts["group"])
	if err != nil {
		return "", err
	}
	t := scopes.Target{Kind: scopes.KindGroup, ID: nobody}
	if found {
		t.ID = string(id)
	}
	need, _ := c.schema.ID(scope)
	err = auth.Denied(c.p, c.p.Subject().Decide(need, t), scope)
	if err == nil && !found {
		err = errHidden
	}
	return id, err
}

func (c *call) groupJSON(id auth.GroupID) (map[string]any, error) {
	members, err := c.accounts.Groups.Members(c.ctx(), []auth.GroupID{id})
	if err == nil {
		err = c.names.learn(c.ctx(), members, []auth.GroupID{id}, nil)
	}
	users := []string{}
	for _, u := range members {
		users = append(users, c.names.known[string(u)])
	}
	return map[string]any{
		"kind": "group", "name": c.names.known[string(id)], "users": users, "roles": []string{},
		"properties": map[string]any{},
	}, err
}

func (c *call) answerGroup(status int, id auth.GroupID) (reply, error) {
	out, err := c.groupJSON(id)
	return reply{status, out}, err
}

func readGroup(c *call) (reply, error) {
	id, err := c.group("read:groups")
	if err != nil {
		return reply{}, err
	}
	return c.answerGroup(http.StatusOK, id)
}

func listGroups(c *call) (reply, error) {
	if id, _ := c.schema.ID("list:groups"); !c.p.Subject().Allows(id, scopes.Target{}) {
		return reply{}, auth.Denied(c.p, scopes.NotHeld, "list:groups")
	}
	out := []map[string]any{}
	for q := (auth.PageQuery{Limit: 200}); ; {
		page, err := c.accounts.Groups.List(c.ctx(), c.p, q)
		if err != nil {
			return reply{}, err
		}
		for _, g := range page.Items {
			one, err := c.groupJSON(g.ID)
			if err != nil {
				return reply{}, err
			}
			out = append(out, one)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return ok(out)
		}
	}
}

func createGroup(c *call) (reply, error) {
	list, err := c.userNames()
	if err != nil {
		return reply{}, err
	}
	var id auth.GroupID
	err = c.db.Tx(c.ctx(), func(st store.Store) error {
		g, err := c.accounts.WithStore(st.Auth()).Groups.Create(c.ctx(), c.p, auth.GroupInput{Name: c.parts["group"]})
		if err != nil {
			return err
		}
		id = g.ID
		return c.members(st, id, list, (*auth.Groups).AddMember)
	})
	if err != nil {
		return reply{}, err
	}
	return c.answerGroup(http.StatusCreated, id)
}

func deleteGroup(c *call) (reply, error) {
	id, err := c.group("delete:groups")
	if err != nil {
		return reply{}, err
	}
	return none(c.accounts.Groups.Delete(c.ctx(), c.p, string(id)))
}

func addMembers(c *call) (reply, error) { return c.changeMembers((*auth.Groups).AddMember) }

func removeMembers(c *call) (reply, error) { return c.changeMembers((*auth.Groups).RemoveMember) }

func (c *call) changeMembers(change memberChange) (reply, error) {
	id, err := c.group("groups")
	if err != nil {
		return reply{}, err
	}
	list, err := c.userNames()
	if err != nil {
		return reply{}, err
	}
	err = c.db.Tx(c.ctx(), func(st store.Store) error { return c.members(st, id, list, change) })
	if err != nil {
		return reply{}, err
	}
	return c.answerGroup(http.StatusOK, id)
}

type memberChange = func(m *auth.Groups, ctx context.Context, p *auth.Principal, group string, id auth.UserID) error

// userNames reads the list of users in a body.
func (c *call) userNames() ([]string, error) {
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	return in.list("users")
}

// members changes all the members of a group, or none.
func (c *call) members(st store.Store, group auth.GroupID, list []string, change memberChange) error {
	for _, name := range list {
		u, found, err := c.names.user(c.ctx(), name)
		if err != nil {
			return err
		}
		if !found {
			return bad("No such user: " + name)
		}
		if err := change(c.accounts.WithStore(st.Auth()).Groups, c.ctx(), c.p, string(group), u.ID); err != nil {
			return err
		}
	}
	return nil
}
