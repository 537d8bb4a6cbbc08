package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// merged is all that a user or a group has of one server, from however many shares. JupyterHub
// keeps one share for it.
type merged struct {
	server string
	user   auth.UserID
	group  auth.GroupID
	scopes []string
	first  sharing.Share
}

// merge joins shares with the same server and receiver, in the order of the first of each.
func merge(list []sharing.Share) []merged {
	slices.SortFunc(list, func(a, b sharing.Share) int { return strings.Compare(a.ID, b.ID) })
	var out []merged
	for _, x := range list {
		i := slices.IndexFunc(
			out, func(m merged) bool { return m.server == x.Resource.ID && m.user == x.User && m.group == x.Group },
		)
		if i < 0 {
			out = append(out, merged{x.Resource.ID, x.User, x.Group, nil, x})
			i = len(out) - 1
		}
		out[i].scopes = append(out[i].scopes, x.Scopes...)
	}
	for i := range out {
		slices.Sort(out[i].scopes)
		out[i].scopes = slices.Compact(out[i].scopes)
	}
	return out
}

type shareJSON struct {
	Server    serverJSON `json:"server"`
	Scopes    []string   `json:"scopes"`
	User      *nameJSON  `json:"user"`
	Group     *nameJSON  `json:"group"`
	Kind      string     `json:"kind"`
	CreatedAt *string    `json:"created_at"`
}

// learnMerged looks up the names for showing shares.
func (n *names) learnMerged(ctx context.Context, list []merged) error {
	var users []auth.UserID
	var groups []auth.GroupID
	var ids []string
	for _, m := range list {
		users, groups, ids = append(users, m.user), append(groups, m.group), append(ids, m.server)
	}
	return errors.Join(n.learn(ctx, users, groups, nil), n.learnServers(ctx, ids))
}

func (n *names) shareJSON(m merged) shareJSON {
	out := shareJSON{Server: n.serverJSON(m.server), Scopes: n.onServer(m.server, m.scopes), Kind: "user",
		CreatedAt: moment(m.first.CreatedAt)}
	if m.group != "" {
		out.Kind, out.Group = "group", &nameJSON{n.known[string(m.group)]}
	} else {
		out.User = &nameJSON{n.known[string(m.user)]}
	}
	return out
}

// all reads a list of the library to its end.
func all[T any](read func(auth.PageQuery) (auth.Page[T], error)) (out []T, err error) {
	for q := (auth.PageQuery{Limit: 200}); ; {
		page, err := read(q)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Items...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return out, nil
		}
	}
}

// given lists the shares of servers that the caller may see.
func (c *call) given(list ...server) (out []sharing.Share, err error) {
	for _, v := range list {
		found, err := all(func(q auth.PageQuery) (auth.Page[sharing.Share], error) {
			return c.shares.Shares(c.ctx(), c.p, v.ref(), q)
		})
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
