package main

import (
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// received finds the user or group in the path and lists what they received, if the caller may
// see that.
func (c *call) received(counting bool) (sharing.Receiver, []sharing.Share, error) {
	r := sharing.Receiver{User: nobody}
	var found bool
	var err error
	if name, isGroup := c.parts["group"]; isGroup {
		r = sharing.Receiver{Group: nobody}
		var id auth.GroupID
		if id, found, err = c.names.group(c.ctx(), name); found {
			r.Group = auth.GroupID(id)
		}
	} else {
		var u auth.User
		if u, found, err = c.names.user(c.ctx(), c.parts["user"]); found {
			r.User = u.ID
		}
	}
	if err != nil {
		return r, nil, err
	}
	list, err := c.receivedBy(c.p, r, counting)
	if err == nil && !found {
		err = &failure{http.StatusNotFound, "No such user or group: " + c.parts["user"] + c.parts["group"]}
	}
	return r, list, err
}

// receivedBy lists what a receiver was given. With counting, it lists only what counts now.
func (c *call) receivedBy(p *auth.Principal, r sharing.Receiver, counting bool) (out []sharing.Share, err error) {
	list, err := all(func(q auth.PageQuery) (auth.Page[sharing.Received], error) {
		return c.shares.Received(c.ctx(), p, r, q)
	})
	for _, x := range list {
		if counting {
			x.Share.Scopes = x.Counts
		}
		if len(x.Share.Scopes) > 0 {
			out = append(out, x.Share)
		}
	}
	return out, err
}

// listReceived lists what a user or a group was given. For a user, it includes what their
// groups were given.
func listReceived(c *call) (reply, error) {
	r, list, err := c.received(true)
	if err != nil {
		return reply{}, err
	}
	if r.User != "" {
		u, err := c.accounts.User(c.ctx(), c.operator, r.User)
		if err != nil {
			return reply{}, err
		}
		for _, g := range u.Groups {
			more, err := c.receivedBy(c.operator, sharing.Receiver{Group: g.ID}, true)
			if err != nil {
				return reply{}, err
			}
			list = append(list, more...)
		}
	}
	return c.answerMerged(merge(list))
}

// onPath keeps the shares of the server in the path.
func (c *call) onPath(list []sharing.Share) (out []sharing.Share, err error) {
	v, found, err := c.names.server(c.ctx(), c.parts["owner"], c.parts["server"])
	for _, x := range list {
		if found && x.Resource == v.ref() {
			out = append(out, x)
		}
	}
	if err == nil && len(out) == 0 {
		err = &failure{http.StatusNotFound, "No such share for " + c.parts["user"] + c.parts["group"] + " on " +
			c.parts["owner"] + "/" + c.parts["server"]}
	}
	return out, err
}

func readReceived(c *call) (reply, error) {
	_, list, err := c.received(true)
	if err == nil {
		list, err = c.onPath(list)
	}
	if err != nil {
		return reply{}, err
	}
	m := merge(list)
	if err := c.names.learnMerged(c.ctx(), m); err != nil {
		return reply{}, err
	}
	return ok(c.names.shareJSON(m[0]))
}

// dropReceived gives back what a user or a group was given of a server.
func dropReceived(c *call) (reply, error) {
	r, list, err := c.received(false)
	if err == nil {
		list, err = c.onPath(list)
	}
	if err != nil {
		return reply{}, err
	}
	for _, x := range list {
		if err := c.shares.Drop(c.ctx(), c.p, r, x.ID); err != nil {
			return reply{}, err
		}
	}
	return none(nil)
}
