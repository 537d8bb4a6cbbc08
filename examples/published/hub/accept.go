package main

import (
	"errors"
	"net/http"

	"github.com/hallpass-go/hallpass/sharing"
)

// acceptPage shows what a code offers (GET), and accepts it (POST). Accepting needs the sign-in
// of a browser and the form of this page; a form on another site can't accept.
func acceptPage(c *call) {
	if !c.methods(http.MethodGet, http.MethodPost) {
		return
	}
	if c.r.Method == http.MethodPost {
		c.accept()
		return
	}
	if !c.visitor() {
		return
	}
	code := c.r.URL.Query().Get("code")
	if code == "" {
		c.errorPage(http.StatusBadRequest, "The link has no code.")
		return
	}
	offer, err := c.shares.Preview(c.ctx(), c.p, code, c.hp.Client(c.r))
	if err != nil {
		c.refuse(err, http.StatusNotFound, http.StatusForbidden)
		return
	}
	if err := c.names.learnServers(c.ctx(), []string{offer.Resource.ID}); err != nil {
		c.wrong(err)
		return
	}
	v := c.names.rows[offer.Resource.ID]
	name := c.names.filter(v)
	var may []string
	for _, s := range offer.Scopes {
		may = append(may, s.Label+". Applies to server "+name+".")
	}
	c.page(http.StatusOK, "accept", map[string]any{
		"Owner": c.names.known[v.owner], "Server": name, "Permissions": may, "Held": offer.AlreadyHeld,
		"Ready": v.ready(), "Code": code, "XSRF": c.xsrf,
		"Next": c.ownPlace(c.r.URL.Query().Get("next"), c.names.path(v)),
	})
}

// accept accepts the code in the form. The check that the form is our own comes first.
func (c *call) accept() {
	form, ok := c.form()
	if !ok {
		return
	}
	if err := c.signedIn(); err != nil && c.explain(err).status != http.StatusUnauthorized {
		c.wrong(err)
		return
	}
	if err := c.ownPage(form.Get("_xsrf")); err != nil {
		c.wrong(err)
		return
	}
	got, err := c.shares.Accept(c.ctx(), c.p, form.Get("code"), c.hp.Client(c.r))
	if err != nil {
		c.refuse(err, http.StatusBadRequest, http.StatusBadRequest)
		return
	}
	if err := c.names.learnServers(c.ctx(), []string{got.Share.Resource.ID}); err != nil {
		c.wrong(err)
		return
	}
	c.redirect(c.ownPlace(c.r.URL.Query().Get("next"), c.names.path(c.names.rows[got.Share.Resource.ID])))
}

// refuse answers for a code that gives nothing. It does not repeat the code.
func (c *call) refuse(err error, invalid, own int) {
	switch {
	case errors.Is(err, sharing.ErrShareCodeInvalid):
		c.errorPage(invalid, "Sharing code is not valid.")
	case errors.Is(err, sharing.ErrOwnCode):
		c.errorPage(own, "The server is your own.")
	default:
		c.wrong(err)
	}
}
