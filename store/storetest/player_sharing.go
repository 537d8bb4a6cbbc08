package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// ref is one of few resources, which need not be there.
func (p *player) ref() auth.ResourceRef {
	return auth.ResourceRef{Kind: pick(p.r, kinds), ID: pick(p.r, []string{"a", "A", "'", "é"})}
}

// residents have ids of their own, so that most of them exist. Givers and receivers are mostly
// residents.
type residents struct {
	people []auth.UserID
	teams  []auth.GroupID
	bots   []auth.ServiceID
}

// settle makes a user, a group and a service.
func (p *player) settle() call {
	a, g, v := p.account(p.id()), p.newGroup(p.id()), p.newService(p.id())
	p.users, p.groupIDs, p.services = append(p.users, a.ID), append(p.groupIDs, g.ID), append(p.services, v.ID)
	p.people, p.teams, p.bots = append(p.people, a.ID), append(p.teams, g.ID), append(p.bots, v.ID)
	return call{"settle", func(ctx context.Context, st auth.Store) (any, error) {
		return nil, errors.Join(st.CreateAccount(ctx, a), st.CreateGroup(ctx, g), st.CreateService(ctx, v))
	}}
}

// residentCall makes a call about one of the residents.
func (p *player) residentCall() call {
	a, g, v := pick(p.r, p.people), pick(p.r, p.teams), pick(p.r, p.bots)
	return p.one(
		call{"DeleteAccount", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.DeleteAccount(ctx, a)
		}},
		call{
			"DeleteGroup", func(ctx context.Context, st auth.Store) (any, error) { return nil, st.DeleteGroup(ctx, g) },
		},
		call{"DeleteService", func(ctx context.Context, st auth.Store) (any, error) {
			return nil, st.DeleteService(ctx, v)
		}},
	)
}

// sharer is a user, team a group and bot a service.
func (p *player) sharer() auth.UserID {
	if p.r.IntN(8) == 0 {
		return p.user()
	}
	return pick(p.r, p.people)
}

func (p *player) team() auth.GroupID {
	if p.r.IntN(8) == 0 {
		return pick(p.r, p.groupIDs)
	}
	return pick(p.r, p.teams)
}

func (p *player) bot() auth.ServiceID {
	if p.r.IntN(8) == 0 {
		return pick(p.r, p.services)
	}
	return pick(p.r, p.bots)
}

// holder is a user or a service, and now and then neither or both.
func (p *player) holder() (h auth.Holder) {
	n := p.r.IntN(40)
	if n < 26 {
		h.User = p.sharer()
	}
	if n > 24 && n < 39 {
		h.Service = p.bot()
	}
	return h
}

// uuid returns the id, or sometimes a text that is not an id.
func (p *player) uuid(id string) string {
	if p.r.IntN(15) == 0 {
		return p.word()
	}
	return id
}

func (p *player) resourceCall() call {
	r := sharing.Resource{ResourceRef: p.ref(), Owner: p.sharer(), CreatedAt: p.time()}
	ref, ids := p.ref(), []string{p.ref().ID, p.ref().ID, p.word()}
	q := sharing.ResourceQuery{Kind: ref.Kind, All: p.r.IntN(3) == 0, Limit: p.limit()}
	if p.r.IntN(2) == 0 {
		q.Owners = []auth.UserID{p.sharer(), auth.UserID(p.uuid(string(p.sharer())))}
	}
	if p.r.IntN(2) == 0 {
		q.IDs = ids
	}
	if p.r.IntN(3) == 0 {
		q.After = p.word()
	}
	return p.one(
		ofSharing(
			"PutResource", func(ctx context.Context, st sharing.Store) (any, error) { return st.PutResource(ctx, r) },
		),
		ofSharing(
			"PutResource", func(ctx context.Context, st sharing.Store) (any, error) { return st.PutResource(ctx, r) },
		),
		ofSharing(
			"PutResource", func(ctx context.Context, st sharing.Store) (any, error) { return st.PutResource(ctx, r) },
		),
		ofSharing(
			"Owners", func(ctx context.Context, st sharing.Store) (any, error) { return st.Owners(ctx, ref.Kind, ids) },
		),
		ofSharing(
			"Resources", func(ctx context.Context, st sharing.Store) (any, error) { return st.Resources(ctx, q) },
		),
		ofSharing(
			"Resources", func(ctx context.Context, st sharing.Store) (any, error) { return st.Resources(ctx, q) },
		),
		ofSharing("DeleteResource", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.DeleteResource(ctx, ref)
		}),
	)
}

func (p *player) codeCall() call {
	old := pick(p.r, p.codes)
	c := p.newCode(p.ref(), p.holder())
	c.Scopes, c.Label, c.Audience.Value, c.Next = p.scopes(), p.word(), p.word(), p.word()
	c.MaxUses, c.Exchanges, c.ExpiresAt, c.LastExchangedAt = p.r.IntN(4), p.r.IntN(3), p.time(), maybe(p.r,
		[]time.Time{p.time()})
	id, at, ref, user := p.uuid(old.ID), p.time(), old.Resource, p.sharer()
	if p.r.IntN(6) == 0 {
		ref = p.ref()
	}
	q := sharing.ShareCodeQuery{Resource: maybe(p.r, []auth.ResourceRef{ref}), Giver: maybe(
		p.r, []auth.Holder{old.Giver},
	), After: maybe(p.r, p.codes).ID, Limit: p.limit()}
	q.Now, q.After = p.time(), p.uuid(q.After)
	e := sharing.Exchange{ID: p.id(), Code: id, User: auth.UserID(user), Share: maybe(p.r, p.shares).ID, At: at}
	before := maybe(p.r, []string{e.ID, p.id()})
	every := id
	if p.r.IntN(4) == 0 {
		every = ""
	}
	drawn := p.one(
		ofSharing("AddShareCode", func(ctx context.Context, st sharing.Store) (any, error) {
			return nil, st.AddShareCode(ctx, c)
		}),
		ofSharing("AddShareCode", func(ctx context.Context, st sharing.Store) (any, error) {
			return nil, st.AddShareCode(ctx, c)
		}),
		ofSharing("AddShareCode", func(ctx context.Context, st sharing.Store) (any, error) {
			return nil, st.AddShareCode(ctx, c)
		}),
		ofSharing("ShareCodeByHash", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.ShareCodeByHash(ctx, old.Hash)
		}),
		ofSharing("ShareCode", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.ShareCode(ctx, ref, id)
		}),
		ofSharing("ShareCodes", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.ShareCodes(ctx, q)
		}),
		ofSharing("UseShareCode", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.UseShareCode(ctx, id, at)
		}),
		ofSharing("UseShareCode", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.UseShareCode(ctx, id, at)
		}),
		ofSharing("AddExchange", func(ctx context.Context, st sharing.Store) (any, error) {
			return nil, st.AddExchange(ctx, e)
		}),
		ofSharing("AddExchange", func(ctx context.Context, st sharing.Store) (any, error) {
			return nil, st.AddExchange(ctx, e)
		}),
		ofSharing("Exchanges", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.Exchanges(ctx, id, before, q.Limit)
		}),
		ofSharing("HasExchanged", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.HasExchanged(ctx, id, e.User)
		}),
		ofSharing("DeleteShareCodes", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.DeleteShareCodes(ctx, ref, every)
		}),
	)
	if drawn.name == "AddShareCode" {
		p.codes = append(p.codes, c)
	}
	return drawn
}

// newShareToAny returns a share with a user or a group, and sometimes with neither or both.
// Often it already exists.
func (p *player) newShareToAny() sharing.Share {
	x := sharing.Share{ID: p.id(), Resource: p.ref(), Giver: p.holder(), Scopes: p.scopes(),
		Code: maybe(p.r, p.codes).ID, CreatedAt: p.time()}
	n := p.r.IntN(40)
	if n < 26 {
		x.User = p.sharer()
	}
	if n > 24 && n < 39 {
		x.Group = p.team()
	}
	if old := maybe(p.r, p.shares); old.ID != "" && p.r.IntN(2) == 0 {
		x.Code, x.User, x.Group = old.Code, old.User, old.Group
	}
	if p.r.IntN(2) == 0 {
		x.ExpiresAt = p.time()
	}
	return x
}

func (p *player) shareCall() call {
	old, x := pick(p.r, p.shares), p.newShareToAny()
	id, at, scopes, refuse := p.uuid(old.ID), p.time(), p.scopes(), p.r.IntN(5) == 0
	q := sharing.ShareQuery{
		Kind: maybe(p.r, kinds), User: maybe(
			p.r, []auth.UserID{old.User, p.sharer()},
		), Giver: maybe(p.r, []auth.Holder{{}, old.Giver}),
		Code: maybe(
			p.r, []string{"", "", p.uuid(old.Code)},
		), After: maybe(p.r, p.shares).ID, Limit: p.r.IntN(7), Now: p.time(),
	}
	switch p.r.IntN(4) {
	case 0:
		q.Resources = []auth.ResourceRef{old.Resource, p.ref(), p.ref()}
	case 1:
		q.Groups = []auth.GroupID{auth.GroupID(p.uuid(string(old.Group))), p.team()}
	case 2:
		q.Groups = []auth.GroupID{}
	}
	sel := sharing.ShareSelection{
		Resource: old.Resource, ID: maybe(p.r, []string{id}), User: maybe(p.r, []auth.UserID{old.User}),
		Group: maybe(p.r, []auth.GroupID{old.Group}),
		Code:  maybe(p.r, []string{old.Code, p.uuid(old.Code)}),
	}
	drawn := p.one(
		ofSharing("AddShare", func(ctx context.Context, st sharing.Store) (any, error) { return st.AddShare(ctx, x) }),
		ofSharing("AddShare", func(ctx context.Context, st sharing.Store) (any, error) { return st.AddShare(ctx, x) }),
		ofSharing("AddShare", func(ctx context.Context, st sharing.Store) (any, error) { return st.AddShare(ctx, x) }),
		ofSharing("AddShare", func(ctx context.Context, st sharing.Store) (any, error) { return st.AddShare(ctx, x) }),
		ofSharing("Share", func(ctx context.Context, st sharing.Store) (any, error) { return st.Share(ctx, id) }),
		ofSharing("ShareFromCode", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.ShareFromCode(ctx, old.Code, old.User)
		}),
		ofSharing("Shares", func(ctx context.Context, st sharing.Store) (any, error) { return st.Shares(ctx, q) }),
		ofSharing("Shares", func(ctx context.Context, st sharing.Store) (any, error) { return st.Shares(ctx, q) }),
		ofSharing("Shares", func(ctx context.Context, st sharing.Store) (any, error) { return st.Shares(ctx, q) }),
		ofSharing("UpdateShare", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.UpdateShare(ctx, id, func(now *sharing.Share) error {
				now.Scopes, now.ExpiresAt, now.Code = scopes, at, ""
				if refuse {
					return errRefused
				}
				return nil
			})
		}),
		ofSharing("DeleteShares", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.DeleteShares(ctx, sel)
		}),
		ofSharing("DeleteExpired", func(ctx context.Context, st sharing.Store) (any, error) {
			return st.DeleteExpired(ctx, start.Add(at.Sub(start)/4), noLimit)
		}),
	)
	if drawn.name == "AddShare" {
		p.shares = append(p.shares, x)
	}
	return drawn
}
