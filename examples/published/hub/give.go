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

func createShare(c *call) (reply, error) {
	v, to, list, err := c.shareInput()
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
	if err := c.give(
		v, sharing.ShareInput{User: auth.UserID(user), Group: auth.GroupID(group), Scopes: list},
	); err != nil {
		return reply{}, err
	}
	return c.answerOne(v, user, group)
}

// shareInput reads a request about the shares of the server in the path: the receiver, and the
// scopes as they were written.
func (c *call) shareInput() (v server, whom receiver, list []string, err error) {
	if v, err = c.guarded("shares"); err != nil {
		return v, whom, nil, err
	}
	in, err := c.input("user", "group", "scopes")
	if err != nil {
		return v, whom, nil, err
	}
	if whom, err = in.receiver(); err == nil {
		list, err = in.list("scopes")
	}
	return v, whom, list, err
}

// holds refuses scopes that the caller does not hold on the server.
func (c *call) holds(v server, list []string) error {
	for _, name := range list {
		verdict, err := c.shares.Decide(c.ctx(), c.p, name, v.ref())
		if err != nil {
			return err
		}
		if verdict != scopes.Allowed {
			return &auth.CeilingError{Excess: []string{name + "!" + kindServer + "=" + v.id}}
		}
	}
	return nil
}

// errCovered rolls back a share that adds nothing.
var errCovered = errors.New("given before")

// give shares. What the caller has given before is not given again, so that there are no more
// shares than there is to tell: but the decision is made.
func (c *call) give(v server, asked sharing.ShareInput) error {
	return c.db.Tx(c.ctx(), func(st store.Store) error {
		in := asked // anew if the transaction starts over
		ctx, bound := within(c.ctx(), st), c.shares.WithStore(c.accounts.WithStore(st.Auth()), st.Sharing())
		before, err := c.directly(ctx, bound, v, in)
		if err != nil {
			return err
		}
		err = st.Tx(ctx, func(inner store.Store) error {
			x, err := c.shares.WithStore(c.accounts.WithStore(inner.Auth()), inner.Sharing()).Create(
				within(c.ctx(), inner), c.p, v.ref(), in,
			)
			if err != nil {
				return err
			}
			in.Scopes = slices.DeleteFunc(
				slices.Clone(x.Scopes), func(name string) bool { return slices.Contains(before, name) },
			)
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

// directly lists what the caller has given a receiver already, without a code.
func (c *call) directly(
	ctx context.Context, bound *sharing.Service, v server, in sharing.ShareInput,
) (names []string, err error) {
	list, err := all(func(q auth.PageQuery) (auth.Page[sharing.Share], error) {
		return bound.Shares(ctx, c.p, v.ref(), q)
	})
	for _, x := range list {
		if x.User == in.User && x.Group == in.Group && x.Code == "" &&
			x.Giver == c.p.Holder() {
			names = append(names, x.Scopes...)
		}
	}
	return names, err
}

// answerOne shows what a receiver has of a server; {} for nothing.
func (c *call) answerOne(v server, user auth.UserID, group auth.GroupID) (reply, error) {
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

// wanted reads the scopes to share of a server. Each is a name, or a name filtered to this
// server. Mistakes in them are answered before rights are checked.
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
		return nil, &failure{
			http.StatusForbidden, "Do not have permission to grant share with scope " + strings.Join(never, ", "),
		}
	}
	return out, nil
}

// receiver is the user or group that a body names.
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
func (c *call) find(r receiver) (user auth.UserID, group auth.GroupID, found bool, err error) {
	if r.group != "" {
		group, found, err = c.names.group(c.ctx(), r.group)
		return "", group, found, err
	}
	u, found, err := c.names.user(c.ctx(), r.user)
	return u.ID, "", found, err
}

// mayName refuses who may not see the name of a receiver, whether there is such a receiver or
// not.
func (c *call) mayName(r receiver, user auth.UserID, group auth.GroupID) error {
	scope, t := "read:users:name", scopes.Target{Kind: scopes.KindUser, ID: nobody}
	if r.group != "" {
		scope, t.Kind = "read:groups:name", scopes.KindGroup
	}
	switch {
	case group != "":
		t.ID = string(group)
	case user != "":
		u, err := c.accounts.User(c.ctx(), c.operator, user)
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
