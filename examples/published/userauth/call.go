package main

import (
	"net/http"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
)

// call is one request on its way to the accounts.
type call struct {
	*service
	w http.ResponseWriter
	r *http.Request
	p *auth.Principal // nil on public routes
}

// authenticate tells who a request acts as: the holder of a bearer token. No cookie counts
// here, so that no other site can act as anybody.
func (s *service) authenticate(r *http.Request) (*auth.Principal, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) > 1 {
		return nil, errTwoCredential
	}
	if len(headers) == 0 {
		return nil, errNotSignedIn
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, errNotSignedIn
	}
	return s.accounts.Authenticate(r.Context(), token)
}

// user is the user that the path names: me, or a UUID.
func (c *call) user() (auth.UserID, error) {
	text := c.r.PathValue("user_id")
	if text == "me" {
		return c.p.User.ID, nil
	}
	var bad badInput
	id := bad.id("path", "user_id", text)
	return auth.UserID(id), bad.err()
}

// login is the login that the path names.
func (c *call) login() (auth.LoginID, error) {
	var bad badInput
	id := bad.id("path", "login_id", c.r.PathValue("login_id"))
	return auth.LoginID(id), bad.err()
}
