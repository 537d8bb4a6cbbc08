package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// names translates between the names that clients use and the ids of the library. It looks
// names up with the rights of the hub, so it reveals nothing by itself: every answer comes
// after a decision about the caller. A names belongs to one request.
type names struct {
	*service
	known map[string]string // by id, of users, groups and services
	rows  map[string]server // by id
}

func newNames(c *call) *names { return &names{c.service, map[string]string{}, map[string]server{}} }

// nobody is an id that nothing has.
const nobody = "none"

// user finds a user by the exact name. ok is false if there is none.
func (n *names) user(ctx context.Context, name string) (u auth.User, ok bool, err error) {
	if strings.Contains(name, "@") {
		return u, false, nil // an email address is not a username
	}
	u, err = n.accounts.UserByLogin(ctx, n.operator, name)
	if errors.Is(err, auth.ErrNotFound) || err == nil && u.Username != name {
		return auth.User{}, false, nil
	}
	return u, err == nil, err
}

// group finds the id of a group by name, as it is written.
func (n *names) group(ctx context.Context, name string) (id auth.GroupID, ok bool, err error) {
	found, err := n.accounts.Groups.ID(ctx, name)
	if errors.Is(err, auth.ErrNotFound) {
		return "", false, nil
	}
	if err == nil {
		err = n.learn(ctx, nil, []auth.GroupID{found}, nil)
	}
	return found, err == nil && n.known[string(found)] == name, err
}

// server finds a server by the name of its owner and its own name.
func (n *names) server(ctx context.Context, owner, name string) (v server, ok bool, err error) {
	u, ok, err := n.user(ctx, owner)
	if err != nil || !ok {
		return v, false, err
	}
	list, err := n.servers.of(ctx, string(u.ID))
	for _, v := range list {
		if v.name == name {
			n.known[v.owner], n.rows[v.id] = owner, v
			return v, true, nil
		}
	}
	return v, false, err
}

// learn looks up what ids are called.
func (n *names) learn(
	ctx context.Context, users []auth.UserID, groups []auth.GroupID, services []auth.ServiceID,
) error {
	found, err := n.accounts.People.Names(ctx, unlearned(n, users), unlearned(n, groups), unlearned(n, services))
	for id, name := range found {
		n.known[id] = name
	}
	return err
}

// unlearned are the ids that are still to be looked up.
func unlearned[ID ~string](n *names, ids []ID) []ID {
	out := slices.DeleteFunc(slices.Clone(ids), func(id ID) bool { return id == "" || n.known[string(id)] != "" })
	slices.Sort(out)
	return slices.Compact(out)
}

// learnServers looks up servers and the names of their owners.
func (n *names) learnServers(ctx context.Context, ids []string) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := n.rows[id]; return ok })
	found, err := n.servers.byIDs(ctx, ids)
	if err != nil {
		return err
	}
	var owners []auth.UserID
	for id, v := range found {
		n.rows[id] = v
		owners = append(owners, auth.UserID(v.owner))
	}
	return n.learn(ctx, owners, nil, nil)
}

// filter is a server as the value of a filter, in the form that clients use.
func (n *names) filter(v server) string { return n.known[v.owner] + "/" + v.name }

// show translates scopes for a client. It leaves out the scopes of things that are gone.
func (n *names) show(ctx context.Context, list []string) []string {
	parsed := make([]scopes.Scope, 0, len(list))
	var users []auth.UserID
	var groups []auth.GroupID
	var servers []string
	for _, text := range list {
		sc, err := n.schema.Parse(text)
		if err != nil {
			continue
		}
		parsed = append(parsed, sc)
		switch sc.Kind {
		case scopes.KindUser:
			users = append(users, auth.UserID(sc.Value))
		case scopes.KindGroup:
			groups = append(groups, auth.GroupID(sc.Value))
		case kindServer:
			servers = append(servers, sc.Value)
		}
	}
	err := errors.Join(n.learn(ctx, users, groups, nil), n.learnServers(ctx, servers))
	out := []string{}
	for _, sc := range parsed {
		value := n.known[sc.Value]
		if sc.Kind == kindServer {
			value = ""
			if v, ok := n.rows[sc.Value]; ok {
				value = n.filter(v)
			}
		}
		if err != nil || sc.Value != "" && value == "" {
			continue
		}
		sc.Value = value
		out = append(out, sc.String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// read translates a scope from a client.
func (n *names) read(ctx context.Context, text string) (string, error) {
	name, filter, filtered := strings.Cut(text, "!")
	kind, value, valued := strings.Cut(filter, "=")
	if !filtered || !valued {
		return text, n.parse(text)
	}
	var id string
	var ok bool
	var err error
	switch kind {
	case scopes.KindUser:
		var u auth.User
		u, ok, err = n.user(ctx, value)
		id = string(u.ID)
	case scopes.KindGroup:
		var g auth.GroupID
		g, ok, err = n.group(ctx, value)
		id = string(g)
	case kindServer:
		if owner, serverName, slash := strings.Cut(value, "/"); slash {
			var v server
			v, ok, err = n.server(ctx, owner, serverName)
			id = v.id
		}
	}
	if err != nil {
		return "", err
	}
	if !ok {
		return "", bad(fmt.Sprintf("Scope %q: there is no such %s", text, kind))
	}
	text = name + "!" + kind + "=" + id
	return text, n.parse(text)
}

func (n *names) parse(text string) error {
	if _, err := n.schema.Parse(text); err != nil {
		return bad(err.Error())
	}
	return nil
}
