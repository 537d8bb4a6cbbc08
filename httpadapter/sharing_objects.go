package httpadapter

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

type resourceJSON struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Owner string `json:"owner"` // id of a user; empty if the resource is gone
}

func resourceOf(r sharing.Resource) resourceJSON { return resourceJSON{r.Kind, r.ID, string(r.Owner)} }

// whoJSON is a user or a service as others see them.
type whoJSON struct {
	ID       string  `json:"id"`
	Username *string `json:"username"`
}

type groupRefJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type shareJSON struct {
	ID        string        `json:"id"`
	Resource  resourceJSON  `json:"resource"`
	Scopes    []string      `json:"scopes"`
	Kind      string        `json:"kind"` // user or group
	User      *whoJSON      `json:"user"`
	Group     *groupRefJSON `json:"group"`
	Giver     whoJSON       `json:"giver"`
	CodeID    *string       `json:"code_id"`
	CreatedAt time.Time     `json:"created_at"`
	ExpiresAt *time.Time    `json:"expires_at"`
}

type receivedJSON struct {
	shareJSON
	Counts []string `json:"counts"` // those of scopes that count now
}

type codeJSON struct {
	ID              string       `json:"id"`
	Resource        resourceJSON `json:"resource"`
	Scopes          []string     `json:"scopes"`
	Label           string       `json:"label"`
	Audience        audienceBody `json:"audience"`
	MaxUses         *int         `json:"max_uses"`
	ExchangeCount   int          `json:"exchange_count"`
	LastExchangedAt *time.Time   `json:"last_exchanged_at"`
	CreatedAt       time.Time    `json:"created_at"`
	ExpiresAt       time.Time    `json:"expires_at"`
	Giver           whoJSON      `json:"giver"`
	Code            string       `json:"code,omitempty"`       // the secret, only in the answer that makes it
	AcceptURL       string       `json:"accept_url,omitempty"` // a page of the site, with the code in the fragment
}

type exchangeJSON struct {
	ID      string    `json:"id"`
	User    whoJSON   `json:"user"`
	ShareID string    `json:"share_id"`
	At      time.Time `json:"at"`
}

type scopeLabelJSON struct {
	Scope string `json:"scope"`
	Label string `json:"label"`
}

type offerJSON struct {
	Resource    resourceJSON     `json:"resource"`
	Giver       whoJSON          `json:"giver"`
	Scopes      []scopeLabelJSON `json:"scopes"`
	ExpiresAt   time.Time        `json:"expires_at"`
	AlreadyHeld bool             `json:"already_held"`
}

type acceptedJSON struct {
	Share shareJSON `json:"share"`
	Next  *string   `json:"next"`
}

// names has what the ids in shares and codes are called, and who owns their resources.
type names struct {
	called map[string]string
	owners map[auth.ResourceRef]auth.UserID
}

// shown is what an answer will show.
type shown struct {
	shares    []sharing.Share
	codes     []sharing.ShareCode
	exchanges []sharing.Exchange
}

func (c *call) namesOf(s shown) (names, error) {
	var users []auth.UserID
	var groups []auth.GroupID
	var services []auth.ServiceID
	var refs []auth.ResourceRef
	for _, x := range s.shares {
		users, groups = append(users, x.User, x.Giver.User), append(groups, x.Group)
		services, refs = append(services, x.Giver.Service), append(refs, x.Resource)
	}
	for _, x := range s.codes {
		users, services, refs = append(users, x.Giver.User), append(services, x.Giver.Service), append(refs, x.Resource)
	}
	for _, x := range s.exchanges {
		users = append(users, x.User)
	}
	ctx := c.r.Context()
	called, err := c.h.accounts.People.Names(ctx, distinct(users...), distinct(groups...), distinct(services...))
	if err != nil {
		return names{}, err
	}
	owners, err := c.h.shares.OwnersOf(ctx, refs)
	return names{called, owners}, err
}

// distinct leaves out empty ids and duplicates.
func distinct[ID ~string](list ...ID) []ID {
	seen := map[ID]bool{"": true}
	var out []ID
	for _, x := range list {
		if !seen[x] {
			out = append(out, x)
		}
		seen[x] = true
	}
	return out
}

func (n names) who(h auth.Holder) whoJSON { return whoJSON{h.ID(), orNull(n.called[h.ID()])} }

func (n names) resource(r auth.ResourceRef) resourceJSON {
	return resourceJSON{r.Kind, r.ID, string(n.owners[r])}
}

func (n names) share(x sharing.Share) shareJSON {
	out := shareJSON{
		ID: x.ID, Resource: n.resource(x.Resource), Scopes: filtered(x.Resource, x.Scopes), Kind: "user",
		Giver: n.who(x.Giver), CodeID: orNull(x.Code),
		CreatedAt: x.CreatedAt, ExpiresAt: timeOrNull(x.ExpiresAt),
	}
	if x.Group != "" {
		out.Kind, out.Group = "group", &groupRefJSON{string(x.Group), n.called[string(x.Group)]}
	} else {
		out.User = &whoJSON{string(x.User), orNull(n.called[string(x.User)])}
	}
	return out
}

// filtered writes the scopes of a share with their filter.
func filtered(r auth.ResourceRef, scopes []string) []string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = s + "!" + r.Kind + "=" + r.ID
	}
	return out
}

func (n names) code(x sharing.ShareCode) codeJSON {
	out := codeJSON{
		ID: x.ID, Resource: n.resource(x.Resource), Scopes: filtered(x.Resource, x.Scopes), Label: x.Label,
		Audience:      audienceBody(x.Audience),
		ExchangeCount: x.Exchanges, LastExchangedAt: timeOrNull(x.LastExchangedAt), CreatedAt: x.CreatedAt,
		ExpiresAt: x.ExpiresAt, Giver: n.who(x.Giver),
	}
	if x.MaxUses > 0 {
		out.MaxUses = &x.MaxUses
	}
	return out
}

func (c *call) showShare(x sharing.Share) (shareJSON, error) {
	n, err := c.namesOf(shown{shares: []sharing.Share{x}})
	return n.share(x), err
}

func (c *call) showShares(p auth.Page[sharing.Share], err error) (list[shareJSON], error) {
	var n names
	if err == nil {
		n, err = c.namesOf(shown{shares: p.Items})
	}
	return listOf(p, err, n.share)
}

func (c *call) showReceived(p auth.Page[sharing.Received], err error) (list[receivedJSON], error) {
	var n names
	if err == nil {
		n, err = c.namesOf(shown{shares: each(p.Items, func(x sharing.Received) sharing.Share { return x.Share })})
	}
	return listOf(p, err, func(x sharing.Received) receivedJSON {
		return receivedJSON{n.share(x.Share), filtered(x.Resource, x.Counts)}
	})
}

func (c *call) showCode(x sharing.ShareCode) (codeJSON, error) {
	n, err := c.namesOf(shown{codes: []sharing.ShareCode{x}})
	return n.code(x), err
}

func (c *call) showCodes(p auth.Page[sharing.ShareCode], err error) (list[codeJSON], error) {
	var n names
	if err == nil {
		n, err = c.namesOf(shown{codes: p.Items})
	}
	return listOf(p, err, n.code)
}
