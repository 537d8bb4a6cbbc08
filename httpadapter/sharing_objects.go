package httpadapter

import (
	"time"

	"github.com/hallpass-go/hallpass/sharing"
)

type resourceJSON struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Owner string `json:"owner"` // id of a user; empty for a resource that is gone
}

func resourceOf(r sharing.Resource) resourceJSON { return resourceJSON{r.Kind, r.ID, r.Owner} }

// whoJSON is a user or a service, as far as others may know.
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
	Counts []string `json:"counts"` // those of scopes that count now: the giver could give them
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
	Code            string       `json:"code,omitempty"`       // the secret, in the answer that makes it
	AcceptURL       string       `json:"accept_url,omitempty"` // a page of the site, the code in its fragment
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

// pageOf shows a page of package sharing.
func pageOf[From, To any](p sharing.Page[From], err error, to func(From) To) (list[To], error) {
	if err != nil {
		return list[To]{}, fromSharing(err)
	}
	return list[To]{Items: each(p.Items, to), Next: orNull(p.Next)}, nil
}

// names are what the ids in shares and codes are called, and who owns their resources.
type names struct {
	called map[string]string
	owners map[sharing.Ref]string
}

func (c *call) namesOf(shares []sharing.Share, codes []sharing.Code) (names, error) {
	var users, groups, services []string
	var refs []sharing.Ref
	for _, x := range shares {
		users, services, refs = append(users, x.User, x.Giver.User), append(services, x.Giver.Service), append(refs,
			x.Resource)
		groups = append(groups, x.Group)
	}
	for _, x := range codes {
		users, services, refs = append(users, x.Giver.User), append(services, x.Giver.Service), append(refs, x.Resource)
	}
	ctx := c.r.Context()
	called, err := c.h.accounts.Names(ctx, distinct(users), distinct(groups), distinct(services))
	if err != nil {
		return names{}, err
	}
	owners, err := c.h.shares.OwnersOf(ctx, refs)
	return names{called, owners}, err
}

// distinct leaves out what is empty or there twice.
func distinct(list []string) []string {
	seen := map[string]bool{"": true}
	var out []string
	for _, x := range list {
		if !seen[x] {
			out = append(out, x)
		}
		seen[x] = true
	}
	return out
}

func (n names) who(h sharing.Holder) whoJSON { return whoJSON{h.ID(), orNull(n.called[h.ID()])} }

func (n names) resource(r sharing.Ref) resourceJSON { return resourceJSON{r.Kind, r.ID, n.owners[r]} }

func (n names) share(x sharing.Share) shareJSON {
	out := shareJSON{
		ID: x.ID, Resource: n.resource(x.Resource), Scopes: filtered(x.Resource, x.Scopes), Kind: "user",
		Giver: n.who(x.Giver), CodeID: orNull(x.Code),
		CreatedAt: x.CreatedAt, ExpiresAt: timeOrNull(x.ExpiresAt),
	}
	if x.Group != "" {
		out.Kind, out.Group = "group", &groupRefJSON{x.Group, n.called[x.Group]}
	} else {
		out.User = &whoJSON{x.User, orNull(n.called[x.User])}
	}
	return out
}

// filtered writes the scopes of a share out.
func filtered(r sharing.Ref, scopes []string) []string {
	out := make([]string, len(scopes))
	for i, s := range scopes {
		out[i] = s + "!" + r.Kind + "=" + r.ID
	}
	return out
}

func (n names) code(x sharing.Code) codeJSON {
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
	n, err := c.namesOf([]sharing.Share{x}, nil)
	return n.share(x), fromSharing(err)
}

func (c *call) showShares(p sharing.Page[sharing.Share], err error) (list[shareJSON], error) {
	var n names
	if err == nil {
		n, err = c.namesOf(p.Items, nil)
	}
	return pageOf(p, err, n.share)
}

func (c *call) showReceived(p sharing.Page[sharing.Received], err error) (list[receivedJSON], error) {
	var n names
	if err == nil {
		n, err = c.namesOf(each(p.Items, func(x sharing.Received) sharing.Share { return x.Share }), nil)
	}
	return pageOf(p, err, func(x sharing.Received) receivedJSON {
		return receivedJSON{n.share(x.Share), filtered(x.Resource, x.Counts)}
	})
}

func (c *call) showCode(x sharing.Code) (codeJSON, error) {
	n, err := c.namesOf(nil, []sharing.Code{x})
	return n.code(x), fromSharing(err)
}

func (c *call) showCodes(p sharing.Page[sharing.Code], err error) (list[codeJSON], error) {
	var n names
	if err == nil {
		n, err = c.namesOf(nil, p.Items)
	}
	return pageOf(p, err, n.code)
}
