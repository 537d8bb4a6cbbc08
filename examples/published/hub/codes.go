package main

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// codeID is the prefix of the ids of codes in answers.
const codeID = "sc_"

type codeJSON struct {
	Server          serverJSON `json:"server"`
	Scopes          []string   `json:"scopes"`
	ID              string     `json:"id"`
	CreatedAt       *string    `json:"created_at"`
	ExpiresAt       *string    `json:"expires_at"`
	ExchangeCount   int        `json:"exchange_count"`
	LastExchangedAt *string    `json:"last_exchanged_at"`
}

// newCodeJSON is the only answer that contains the secret.
type newCodeJSON struct {
	codeJSON
	Code          string  `json:"code"`
	AcceptURL     string  `json:"accept_url"`
	FullAcceptURL *string `json:"full_accept_url"`
}

func (n *names) codeJSON(x sharing.ShareCode) codeJSON {
	return codeJSON{
		n.serverJSON(x.Resource.ID), n.onServer(x.Resource.ID, x.Scopes), codeID + x.ID, moment(x.CreatedAt),
		moment(x.ExpiresAt), x.Exchanges,
		moment(x.LastExchangedAt),
	}
}

func (c *call) answerCodes(of ...server) (reply, error) {
	var list []sharing.ShareCode
	var ids []string
	for _, v := range of {
		found, err := all(func(q auth.PageQuery) (auth.Page[sharing.ShareCode], error) {
			return c.shares.ShareCodes(c.ctx(), c.p, v.ref(), q)
		})
		if err != nil {
			return reply{}, err
		}
		list, ids = append(list, found...), append(ids, v.id)
	}
	if err := c.names.learnServers(c.ctx(), ids); err != nil {
		return reply{}, err
	}
	return paged(c, list, c.names.codeJSON)
}

func createCode(c *call) (reply, error) {
	v, err := c.guarded("shares")
	if err != nil {
		return reply{}, err
	}
	in, err := c.input("scopes", "expires_in")
	if err != nil {
		return reply{}, err
	}
	life, err := in.life()
	if err != nil {
		return reply{}, err
	}
	list, err := in.list("scopes")
	if err == nil {
		list, err = c.wanted(v, list)
	}
	if err != nil {
		return reply{}, err
	}
	x, secret, err := c.shares.CreateShareCode(
		c.ctx(), c.p, v.ref(), sharing.ShareCodeInput{Scopes: list, ExpiresIn: life},
	)
	if err != nil {
		return reply{}, err
	}
	code := secret.Reveal()
	return ok(newCodeJSON{c.names.codeJSON(x), code, "/hub/accept-share?code=" + url.QueryEscape(code), nil})
}

// deleteCodes ends the code with the secret or the id in the query, or all codes of the server
// without either. An empty secret or id is an error, and does not mean all.
func deleteCodes(c *call) (reply, error) {
	v, err := c.guarded("shares")
	if err != nil {
		return reply{}, err
	}
	q := c.r.URL.Query()
	switch {
	case q.Get("code") != "":
		x, err := c.shares.ShareCodeBySecret(c.ctx(), c.p, v.ref(), q.Get("code"))
		if err != nil {
			return reply{}, err
		}
		return none(c.shares.RevokeShareCode(c.ctx(), c.p, v.ref(), x.ID, false))
	case q.Get("id") != "":
		id, isID := strings.CutPrefix(q.Get("id"), codeID)
		if !isID || id == "" {
			return reply{}, &failure{http.StatusNotFound, "No matching code found"}
		}
		return none(c.shares.RevokeShareCode(c.ctx(), c.p, v.ref(), id, false))
	case q.Has("code") || q.Has("id"):
		return reply{}, bad("code or id is empty: leave both out to delete all codes of the server")
	}
	return none(c.shares.RevokeShareCode(c.ctx(), c.p, v.ref(), "", false))
}
