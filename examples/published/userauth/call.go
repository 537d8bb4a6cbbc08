package main

import (
	"net/http"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// call is one request.
type call struct {
	*service
	w http.ResponseWriter
	r *http.Request
	p *auth.Principal // nil on public routes
}

// authenticate finds the principal of a request from its bearer token. Cookies do not count, so
// that no other site can act for a user.
func (s *service) authenticate(r *http.Request) (*auth.Principal, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) > 1 {
		return nil, host.ErrTwoCredentials
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

// user is the user in the path: "me" or a UUID.
func (c *call) user() (auth.UserID, error) {
	text := c.r.PathValue("user_id")
	if text == "me" {
		return c.p.User.ID, nil
	}
	var bad host.BadInput
	id := readID(&bad, "path", "user_id", text)
	return auth.UserID(id), bad.Err()
}

// login is the login in the path.
func (c *call) login() (auth.LoginID, error) {
	var bad host.BadInput
	id := readID(&bad, "path", "login_id", c.r.PathValue("login_id"))
	return auth.LoginID(id), bad.Err()
}
