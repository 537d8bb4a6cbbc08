package main

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// call is one request.
type call struct {
	*service
	w http.ResponseWriter
	r *http.Request
	p *auth.Principal // nil for nobody
}

// authenticate finds the principal of a request from the token in the header Authorization. The
// token stands there alone, as in the published service, or after "Bearer". Cookies do not
// count, so that no other site can act for a user.
func (s *service) authenticate(r *http.Request) (*auth.Principal, error) {
	headers := r.Header.Values("Authorization")
	switch {
	case len(headers) > 1:
		return nil, host.ErrTwoCredentials
	case len(headers) == 0:
		return nil, auth.ErrUnauthenticated
	}
	token := headers[0]
	if scheme, rest, ok := strings.Cut(token, " "); ok && strings.EqualFold(scheme, "Bearer") {
		token = rest
	}
	return s.accounts.Authenticate(r.Context(), token)
}

// input reads a body that is one JSON object.
func (c *call) input() (map[string]any, error) { return host.ReadObject(c.w, c.r) }

// texts reads a body that has exactly these members, all of them strings.
func (c *call) texts(names ...string) (map[string]string, error) {
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	out, bad := map[string]string{}, host.BadInput{}
	for _, name := range names {
		v, there := in[name]
		text, ok := v.(string)
		switch {
		case !there:
			bad.Add("missing", "body", name, "Field required")
		case !ok:
			bad.Add("string_type", "body", name, "Input should be a valid string")
		}
		out[name] = text
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if !slices.Contains(names, name) && len(bad) < host.MostUnknown {
			bad.Add("extra_forbidden", "body", host.Clip(name), "There is no such member.")
		}
	}
	return out, bad.Err()
}
