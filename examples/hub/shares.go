package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

// ref names a server to package sharing.
func (s server) ref() sharing.Ref { return sharing.Ref{Kind: kindServer, ID: s.id} }

// guarded is the server that the path names, for who may do with its shares what the scope says. One that is not there is out of reach as one of
// somebody else is.
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

// decideUser decides about a user, by name, and all that is theirs. Whether there is such a user is told only to who holds the scope for all.
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
	switch c.p.Subject().Decide(id, t) {
	case scopes.NotHeld:
		return u, &auth.ScopeError{Need: []string{scope}}
	case scopes.Filtered:
		return u, errHidden
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

// merged is what one user or one group was given of one server, by however many shares: JupyterHub knows one.
type merged struct {
	server, user, group string
	scopes              []string
	first               sharing.Share
}

// merge puts shares together by server and receiver, in the order of the first of each.
func merge(list []sharing.Share) []merged {
	slices.SortFunc(list, func(a, b sharing.Share) int { return strings.Compare(a.ID, b.ID) })
	var out []merged
	for _, x := range list {
		i := slices.IndexFunc(out, func(m merged) bool { return m.server == x.Resource.ID && m.user == x.User && m.group == x.Group })
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

// learnMerged looks up what showing shares takes.
func (n *names) learnMerged(ctx context.Context, list []merged) error {
	var users, groups, ids []string
	for _, m := range list {
		users, groups, ids = append(users, m.user), append(groups, m.group), append(ids, m.server)
	}
	return errors.Join(n.learn(ctx, users, groups, nil), n.learnServers(ctx, ids))
}

func (n *names) shareJSON(m merged) shareJSON {
	out := shareJSON{Server: n.serverJSON(m.server), Scopes: n.onServer(m.server, m.scopes), Kind: "user", CreatedAt: moment(m.first.CreatedAt)}
	if m.group != "" {
		out.Kind, out.Group = "group", &nameJSON{n.known[m.group]}
	} else {
		out.User = &nameJSON{n.known[m.user]}
	}
	return out
}

// all reads a list of the library to its end.
func all[T any](read func(sharing.PageQuery) (sharing.Page[T], error)) (out []T, err error) {
	for q := (sharing.PageQuery{Limit: 200}); ; {
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

// given are the shares of servers, those that the caller may see.
func (c *call) given(list ...server) (out []sharing.Share, err error) {
	for _, v := range list {
		found, err := all(func(q sharing.PageQuery) (sharing.Page[sharing.Share], error) {
			return c.shares.Shares(c.ctx(), c.p, v.ref(), q)
		})
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func listShares(c *call) (reply, error) {
	v, err := c.guarded("read:shares")
	if err != nil {
		return reply{}, err
	}
	return c.answerShares(v)
}

// listAllShares is about all servers of an owner, so that who may see those of one server is refused.
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

// wanted reads the scopes that are to be shared of a server: names, or names with the filter that is this server. What is wrong with them is told
// before what the caller lacks.
func (c *call) wanted(v server, list []string) ([]string, error) {
	own := kindServer + "=" + c.names.filter(v)
	var out, never []string
	for _, text := range list {
		name, filter, filtered := strings.Cut(text, "!")
		if _, known := c.schema.ID(name); !known && !slices.Contains(meta, name) {
			return nil, bad(fmt.Sprintf("Scope %q does not exist", name))
		}
		if filtered && filter != own {
			return nil, bad(fmt.Sprintf("!%s not allowed on sharing %s, only !%s", filter, text, own))
		}
		if !isShareable(name) {
			never = append(never, name)
		}
		out = append(out, name)
	}
	if len(never) > 0 {
		return nil, &failure{http.StatusForbidden, "Do not have permission to grant share with scope " + strings.Join(never, ", ")}
	}
	return out, nil
}

// receiver is whom a body names.
type receiver struct{ user, group string }

func (in input) receiver() (r receiver, err error) {
	if r.user, err = in.text("user"); err == nil {
		r.group, err = in.text("group")
	}
	if err == nil && (r.user == "") == (r.group == "") {
		err = bad("Specify exactly one of `user` or `group`")
	}
	return r, err
}

// find finds the ids of a receiver.
func (c *call) find(r receiver) (user, group string, found bool, err error) {
	if r.group != "" {
		group, found, err = c.names.group(c.ctx(), r.group)
		return "", group, found, err
	}
	u, found, err := c.names.user(c.ctx(), r.user)
	return string(u.ID), "", found, err
}

// mayName refuses who may not see the name of a receiver, whether there is such a receiver or not.
func (c *call) mayName(r receiver, user, group string) error {
	scope, t := "read:users:name", scopes.Target{Kind: scopes.KindUser, ID: nobody}
	if r.group != "" {
		scope, t.Kind = "read:groups:name", scopes.KindGroup
	}
	switch {
	case group != "":
		t.ID = group
	case user != "":
		u, err := c.accounts.User(c.ctx(), c.operator, auth.UserID(user))
		if err != nil {
			return err
		}
		t = userTarget(u)
	}
	if id, _ := c.schema.ID(scope); !c.p.Subject().Allows(id, t) {
		return &failure{http.StatusForbidden, "Need scope '" + scope + "' to share by name"}
	}
	return nil
}

func createShare(c *call) (reply, error) {
	v, err := c.guarded("shares")
	if err != nil {
		return reply{}, err
	}
	in, err := c.input("user", "group", "scopes")
	if err != nil {
		return reply{}, err
	}
	to, err := in.receiver()
	if err != nil {
		return reply{}, err
	}
	list, err := in.list("scopes")
	if err == nil {
		list, err = c.wanted(v, list)
	}
	if err == nil {
		err = c.holds(v, list)
	}
	if err != nil {
		return reply{}, err
	}
	user, group, found, err := c.find(to)
	if err == nil {
		err = c.mayName(to, user, group)
	}
	if err != nil {
		return reply{}, err
	}
	if !found {
		return reply{}, bad("No such user or group: " + to.user + to.group)
	}
	if err := c.give(v, sharing.NewShare{User: user, Group: group, Scopes: list}); err != nil {
		return reply{}, err
	}
	return c.answerOne(v, user, group)
}

// holds refuses scopes that the caller does not hold on the server.
func (c *call) holds(v server, list []string) error {
	for _, name := range list {
		verdict, err := c.shares.Decide(c.ctx(), c.p, name, v.ref())
		if err != nil {
			return err
		}
		if verdict != scopes.Allowed {
			return &sharing.CeilingError{Excess: []string{name + "!" + kindServer + "=" + v.id}}
		}
	}
	return nil
}

// errCovered undoes a share that adds nothing.
var errCovered = errors.New("given before")

// give shares. What the caller has given before is not given again, so that there are no more shares than there is to tell: but the decision is made.
func (c *call) give(v server, asked sharing.NewShare) error {
	return c.db.Tx(c.ctx(), func(st store.Store) error {
		in := asked // anew if the transaction starts over
		ctx, bound := within(c.ctx(), st), c.shares.WithStore(st.Sharing(), c.accounts.WithStore(st.Auth()))
		before, err := c.directly(ctx, bound, v, in)
		if err != nil {
			return err
		}
		err = st.Tx(ctx, func(inner store.Store) error {
			x, err := c.shares.WithStore(inner.Sharing(), c.accounts.WithStore(inner.Auth())).Create(within(c.ctx(), inner), c.p, v.ref(), in)
			if err != nil {
				return err
			}
			in.Scopes = slices.DeleteFunc(slices.Clone(x.Scopes), func(name string) bool { return slices.Contains(before, name) })
			if len(in.Scopes) < len(x.Scopes) {
				return errCovered
			}
			return nil
		})
		if errors.Is(err, errCovered) && len(in.Scopes) > 0 {
			_, err = bound.Create(ctx, c.p, v.ref(), in)
		} else if errors.Is(err, errCovered) {
			err = nil
		}
		return err
	})
}

// directly lists what the caller has given to a receiver already, without a code.
func (c *call) directly(ctx context.Context, bound *sharing.Service, v server, in sharing.NewShare) (names []string, err error) {
	user, program := c.p.Holder()
	list, err := all(func(q sharing.PageQuery) (sharing.Page[sharing.Share], error) {
		return bound.Shares(ctx, c.p, v.ref(), q)
	})
	for _, x := range list {
		if x.User == in.User && x.Group == in.Group && x.Code == "" && x.Giver == (sharing.Holder{User: user, Service: program}) {
			names = append(names, x.Scopes...)
		}
	}
	return names, err
}

// answerOne shows what a receiver has of a server; {} for nothing.
func (c *call) answerOne(v server, user, group string) (reply, error) {
	list, err := c.given(v)
	if err != nil {
		return reply{}, err
	}
	for _, m := range merge(list) {
		if m.user == user && m.group == group {
			if err := c.names.learnMerged(c.ctx(), []merged{m}); err != nil {
				return reply{}, err
			}
			return ok(c.names.shareJSON(m))
		}
	}
	return ok(struct{}{})
}

// patchShares revokes: everything, or the scopes that are named just as they are shown. Whoever is unknown has nothing to lose.
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
		ctx, bound := within(c.ctx(), st), c.shares.WithStore(st.Sharing(), c.accounts.WithStore(st.Auth()))
		if len(list) == 0 {
			return bound.Revoke(ctx, c.p, v.ref(), sharing.Revocation{User: user, Group: group})
		}
		return c.narrow(ctx, bound, v, user, group, list)
	})
	if err != nil {
		return reply{}, err
	}
	return c.answerOne(v, user, group)
}

// narrow takes scopes out of all that a receiver has of a server.
func (c *call) narrow(ctx context.Context, bound *sharing.Service, v server, user, group string, list []string) error {
	found, err := all(func(q sharing.PageQuery) (sharing.Page[sharing.Share], error) {
		return bound.Shares(ctx, c.p, v.ref(), q)
	})
	if err != nil {
		return err
	}
	for _, x := range found {
		if x.User != user || x.Group != group {
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
