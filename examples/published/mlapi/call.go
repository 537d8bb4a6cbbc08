package main

import (
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// call is one request on its way to the accounts.
type call struct {
	*service
	w http.ResponseWriter
	r *http.Request
	p *auth.Principal // nil for nobody
}

// authenticate tells who a request acts as: the holder of the token in the header, which stands
// there alone, as published, or after "Bearer". No cookie counts, so that no other site can act
// as anybody.
func (s *service) authenticate(r *http.Request) (*auth.Principal, error) {
	headers := r.Header.Values("Authorization")
	switch {
	case len(headers) > 1:
		return nil, errTwoCredential
	case len(headers) == 0:
		return nil, auth.ErrUnauthenticated
	}
	token := headers[0]
	if scheme, rest, ok := strings.Cut(token, " "); ok && strings.EqualFold(scheme, "Bearer") {
		token = rest
	}
	return s.accounts.Authenticate(r.Context(), token)
}

// item says what is wrong with one value of a request, and where it stands. A value is repeated
// only where it can't be a secret.
type item struct {
	Type  string   `json:"type"`
	Loc   []string `json:"loc"`
	Msg   string   `json:"msg"`
	Input any      `json:"input"`
}

// badInput is everything wrong with a request.
type badInput []item

// Error implements error.
func (b badInput) Error() string { return fmt.Sprintf("%d values are not valid", len(b)) }

// input reads the body: one JSON object.
func (c *call) input() (map[string]any, error) {
	text, err := host.ReadBody(c.w, c.r)
	switch {
	case errors.Is(err, host.ErrTooLarge):
		return nil, errTooLarge
	case err != nil:
		return nil, errUnreadable
	}
	if kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); kind != "application/json" {
		return nil, errMediaType
	}
	in, ok := host.ParseObject(text)
	if !ok {
		return nil, errBadJSON
	}
	return in, nil
}

// texts reads a body that has just these members, all of them texts.
func (c *call) texts(names ...string) (map[string]string, error) {
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	out, bad := map[string]string{}, badInput{}
	for _, name := range names {
		v, there := in[name]
		text, ok := v.(string)
		switch {
		case !there:
			bad = append(bad, item{Type: "missing", Loc: []string{"body", name}, Msg: "Field required"})
		case !ok:
			bad = append(
				bad, item{Type: "string_type", Loc: []string{"body", name}, Msg: "Input should be a valid string"},
			)
		}
		out[name] = text
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if !slices.Contains(names, name) && len(bad) < 10 { // an answer is not many times the request
			bad = append(
				bad, item{Type: "extra_forbidden", Loc: []string{"body", clip(name)}, Msg: "There is no such member."},
			)
		}
	}
	if len(bad) > 0 {
		return nil, bad
	}
	return out, nil
}

// clip shortens what a client sent to what an answer repeats.
func clip(s string) string {
	const most = 64
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}
