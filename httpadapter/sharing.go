package httpadapter

import (
	"errors"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// ref returns the resource in the path.
func (c *call) ref() auth.ResourceRef {
	return auth.ResourceRef{Kind: c.r.PathValue("kind"), ID: c.r.PathValue("id")}
}

type foundJSON struct {
	ID       auth.UserID `json:"id"`
	Username *string     `json:"username"`
	Name     string      `json:"name"`
}

func listPeople(c *call, _ none) ([]foundJSON, error) {
	q := c.queryReader()
	text := q.text("q")
	if err := q.err(); err != nil {
		return nil, err
	}
	list, err := c.h.accounts.People.Find(c.r.Context(), c.p, text)
	if err != nil {
		return nil, err
	}
	return each(list, func(p auth.Person) foundJSON { return foundJSON{p.ID, orNull(p.Username), p.Name} }), nil
}

func listResources(c *call, _ none) (list[resourceJSON], error) {
	q := c.queryReader()
	kind := q.text("kind")
	if kind == "" {
		q.note("kind", "Name a kind.")
	}
	if err := q.err(); err != nil {
		return list[resourceJSON]{}, err
	}
	page, err := c.page()
	if err != nil {
		return list[resourceJSON]{}, err
	}
	p, err := c.h.shares.Owned(c.r.Context(), c.p, kind, page)
	return listOf(p, err, resourceOf)
}

func putResource(c *call, _ none) (resourceJSON, error) {
	r, created, err := c.h.shares.Put(c.r.Context(), c.p, c.ref())
	if created {
		c.status = http.StatusCreated
	}
	return one(r, err, resourceOf)
}

func readResource(c *call, _ none) (resourceJSON, error) {
	r, err := c.h.shares.Resource(c.r.Context(), c.p, c.ref())
	return one(r, err, resourceOf)
}

func deleteResource(c *call, _ none) (none, error) {
	return none{}, c.h.shares.Delete(c.r.Context(), c.p, c.ref())
}

type newShare struct {
	User      string   `json:"user,omitempty"`
	Username  string   `json:"username,omitempty"`
	Email     string   `json:"email,omitempty"`
	Group     string   `json:"group,omitempty"`
	Scopes    []string `json:"scopes,omitempty"`
	ExpiresIn *int64   `json:"expires_in"`
}

func createShare(c *call, in newShare) (any, error) {
	life, err := lifeOf(in.ExpiresIn)
	if err != nil {
		return nil, err
	}
	if in.Email != "" && in.User+in.Username+in.Group == "" {
		c.status = http.StatusAccepted
		return none{}, c.shareByEmail(in)
	}
	to, err := c.receiver(in)
	if err != nil {
		return nil, err
	}
	v, err := c.h.shares.Create(c.r.Context(), c.p, c.ref(), sharing.ShareInput{
		User: to.User, Group: to.Group, Scopes: in.Scopes, ExpiresIn: life,
	})
	if err != nil {
		return nil, err
	}
	return c.showShare(v)
}

// shareByEmail shares with whoever has the address. The answer does not tell whether that is a
// user.
func (c *call) shareByEmail(in newShare) error {
	if in.ExpiresIn != nil { // a share code can't say how long its share lasts
		return oneField(
			"expires_in", auth.CodeInvalid, "Leave this out. A share by email lasts as long as its kind says.",
		)
	}
	return c.h.shares.CreateByEmail(
		c.r.Context(), c.p, c.ref(), sharing.EmailShareInput{Email: in.Email, Scopes: in.Scopes, From: c.client()},
	)
}

// receiver finds the user or the group to share with. Exactly one of the fields must name it.
func (c *call) receiver(in newShare) (to sharing.Receiver, err error) {
	given := 0
	for _, v := range []string{in.User, in.Username, in.Email, in.Group} {
		if v != "" {
			given++
		}
	}
	switch {
	case given != 1:
		return to, oneField("user", auth.CodeRequired, "Name one receiver: user, username, email or group.")
	case in.User != "":
		to.User = c.p.Resolve(in.User)
		return to, nil
	case in.Group != "":
		to.Group, err = c.h.accounts.Groups.ByName(c.r.Context(), in.Group)
		if errors.Is(err, auth.ErrNotFound) {
			err = oneField("group", auth.CodeUnknown, "There is no such group.")
		}
		return to, err
	}
	to.User, err = c.h.accounts.People.ByName(c.r.Context(), in.Username)
	if errors.Is(err, auth.ErrNotFound) {
		err = oneField("username", auth.CodeUnknown, "There is no such user.")
	}
	return to, err
}

func listShares(c *call, _ none) (list[shareJSON], error) {
	page, err := c.page()
	if err != nil {
		return list[shareJSON]{}, err
	}
	p, err := c.h.shares.Shares(c.r.Context(), c.p, c.ref(), page)
	return c.showShares(p, err)
}

type sharePatch struct {
	Scopes    *[]string `json:"scopes"`
	ExpiresIn *int64    `json:"expires_in"`
}

func updateShare(c *call, in sharePatch) (shareJSON, error) {
	patch := sharing.SharePatch{Scopes: in.Scopes}
	if in.ExpiresIn != nil {
		life, err := lifeOf(in.ExpiresIn)
		if err != nil {
			return shareJSON{}, err
		}
		patch.ExpiresIn = &life
	}
	v, err := c.h.shares.Update(c.r.Context(), c.p, c.ref(), c.r.PathValue("share"), patch)
	if err != nil {
		return shareJSON{}, err
	}
	return c.showShare(v)
}

func revokeShares(c *call, _ none) (none, error) {
	q := c.queryReader()
	which := sharing.Revocation{
		User: c.p.Resolve(q.text("user")), Group: auth.GroupID(q.text("group")), Code: q.text("code"),
		All: q.bool("all"),
	}
	if err := q.err(); err != nil {
		return none{}, err
	}
	if which.Group != "" {
		id, err := c.h.accounts.Groups.ByName(c.r.Context(), string(which.Group))
		if err != nil && !errors.Is(err, auth.ErrNotFound) {
			return none{}, err
		}
		if id != "" {
			which.Group = id // otherwise it is no id, and Revoke says so
		}
	}
	if which == (sharing.Revocation{}) {
		return none{}, c.unselective()
	}
	return none{}, c.h.shares.Revoke(c.r.Context(), c.p, c.ref(), which)
}

// unselective is the answer to a deletion that does not say what to delete, if the caller may
// delete at all.
func (c *call) unselective() error {
	if err := c.h.shares.Authorize(c.r.Context(), c.p, c.ref(), "shares"); err != nil {
		return err
	}
	return errBadRequest
}

func revokeShare(c *call, _ none) (none, error) {
	return none{}, c.h.shares.Revoke(c.r.Context(), c.p, c.ref(), sharing.Revocation{ID: c.r.PathValue("share")})
}

type audienceBody struct {
	Type  sharing.AudienceType `json:"type"`
	Value string               `json:"value,omitempty"`
}

type newCode struct {
	Scopes    []string      `json:"scopes,omitempty"`
	ExpiresIn *int64        `json:"expires_in"`
	MaxUses   *int          `json:"max_uses"`
	Audience  *audienceBody `json:"audience"`
	Label     string        `json:"label,omitempty"`
	Next      string        `json:"next,omitempty"`
}

func createCode(c *call, in newCode) (codeJSON, error) {
	out := sharing.ShareCodeInput{Scopes: in.Scopes, Label: in.Label, Next: in.Next}
	var err error
	if out.ExpiresIn, err = lifeOf(in.ExpiresIn); err != nil {
		return codeJSON{}, err
	}
	if in.MaxUses != nil {
		if out.MaxUses = *in.MaxUses; out.MaxUses == 0 {
			out.MaxUses = -1 // the service refuses it; its 0 means any number
		}
	}
	if in.Audience != nil {
		out.Audience = sharing.Audience(*in.Audience)
	}
	v, secret, err := c.h.shares.CreateShareCode(c.r.Context(), c.p, c.ref(), out)
	if err != nil {
		return codeJSON{}, err
	}
	shown, err := c.showCode(v)
	shown.Code, shown.AcceptURL = secret.Reveal(), c.h.shares.AcceptURL(secret)
	return shown, err
}

func listCodes(c *call, _ none) (list[codeJSON], error) {
	page, err := c.page()
	if err != nil {
		return list[codeJSON]{}, err
	}
	p, err := c.h.shares.ShareCodes(c.r.Context(), c.p, c.ref(), page)
	return c.showCodes(p, err)
}

func revokeCodes(c *call, _ none) (none, error) {
	q := c.queryReader()
	all, with := q.bool("all"), q.bool("with_shares")
	if err := q.err(); err != nil {
		return none{}, err
	}
	if !all {
		return none{}, c.unselective()
	}
	return none{}, c.h.shares.RevokeShareCode(c.r.Context(), c.p, c.ref(), "", with)
}

func revokeCode(c *call, _ none) (none, error) {
	q := c.queryReader()
	with := q.bool("with_shares")
	if err := q.err(); err != nil {
		return none{}, err
	}
	return none{}, c.h.shares.RevokeShareCode(c.r.Context(), c.p, c.ref(), c.r.PathValue("code_id"), with)
}

func listExchanges(c *call, _ none) (list[exchangeJSON], error) {
	page, err := c.page()
	if err != nil {
		return list[exchangeJSON]{}, err
	}
	p, err := c.h.shares.Exchanges(c.r.Context(), c.p, c.ref(), c.r.PathValue("code_id"), page)
	if err != nil {
		return list[exchangeJSON]{}, err
	}
	n, err := c.namesOf(shown{exchanges: p.Items})
	return listOf(p, err, func(e sharing.Exchange) exchangeJSON {
		return exchangeJSON{e.ID, n.who(auth.Holder{User: e.User}), e.Share, e.At}
	})
}

type presentedCode struct {
	Code string `json:"code"`
}

func previewCode(c *call, in presentedCode) (offerJSON, error) {
	o, err := c.h.shares.Preview(c.r.Context(), c.p, in.Code, c.client())
	if err != nil {
		return offerJSON{}, err
	}
	names, err := c.h.accounts.People.Names(
		c.r.Context(), distinct(o.Giver.User, o.Owner), nil, distinct(o.Giver.Service),
	)
	return offerJSON{
		resourceJSON{o.Resource.Kind, o.Resource.ID, string(o.Owner)},
		whoJSON{o.Giver.ID(), orNull(names[o.Giver.ID()])},
		each(o.Scopes, func(s sharing.ScopeLabel) scopeLabelJSON { return scopeLabelJSON(s) }),
		o.ExpiresAt, o.AlreadyHeld,
	}, err
}

func acceptCode(c *call, in presentedCode) (acceptedJSON, error) {
	a, err := c.h.shares.Accept(c.r.Context(), c.p, in.Code, c.client())
	if err != nil {
		return acceptedJSON{}, err
	}
	shown, err := c.showShare(a.Share)
	return acceptedJSON{shown, orNull(a.Next)}, err
}

func revokeByCode(c *call, in presentedCode) (none, error) {
	return none{}, c.h.shares.RevokeByShareCode(c.r.Context(), c.p, in.Code, c.client())
}

// receiverInPath returns the user or the group whose shares the path is about. If it is a user,
// it checks that they exist, and that the caller may do this with what they received.
func (c *call) receiverInPath(a auth.Action) (sharing.Receiver, error) {
	if c.r.PathValue("group") == "" {
		return sharing.Receiver{User: c.user()}, c.h.accounts.AuthorizeUser(c.r.Context(), c.p, a, c.user())
	}
	id, err := c.h.accounts.Groups.ID(c.r.Context(), c.r.PathValue("group"))
	return sharing.Receiver{Group: id}, err
}

func listReceived(c *call, _ none) (list[receivedJSON], error) {
	page, err := c.page()
	if err != nil {
		return list[receivedJSON]{}, err
	}
	r, err := c.receiverInPath(auth.ActReadReceived)
	if err != nil {
		return list[receivedJSON]{}, err
	}
	p, err := c.h.shares.Received(c.r.Context(), c.p, r, page)
	return c.showReceived(p, err)
}

func dropReceived(c *call, _ none) (none, error) {
	r, err := c.receiverInPath(auth.ActDropReceived)
	if err == nil {
		err = c.h.shares.Drop(c.r.Context(), c.p, r, c.r.PathValue("share"))
	}
	return none{}, err
}

type givenJSON struct {
	Shares list[shareJSON] `json:"shares"`
	Codes  list[codeJSON]  `json:"codes"`
}

// listGiven answers with both lists. One cursor works for both, because cursors are ids and
// grow with time.
func listGiven(c *call, _ none) (givenJSON, error) {
	page, err := c.page()
	if err != nil {
		return givenJSON{}, err
	}
	if _, err := c.receiverInPath(auth.ActReadReceived); err != nil {
		return givenJSON{}, err
	}
	shares, err := c.h.shares.GivenShares(c.r.Context(), c.p, c.user(), page)
	out := givenJSON{}
	if out.Shares, err = c.showShares(shares, err); err != nil {
		return givenJSON{}, err
	}
	codes, err := c.h.shares.GivenShareCodes(c.r.Context(), c.p, c.user(), page)
	out.Codes, err = c.showCodes(codes, err)
	return out, err
}
