package main

import (
	"errors"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// call is one request on its way to the accounts.
type call struct {
	*service
	w http.ResponseWriter
	r *http.Request
	p *auth.Principal // nil for nobody
}

// on makes a handler of a function; status is that of a success.
func (s *service) on(status int, handle func(c *call) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{service: s, w: w, r: r}
		c.p, _ = httpadapter.PrincipalFrom(r.Context())
		out, err := handle(c)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if a, other := out.(answer); other {
			status, out := a.status, a.body
			host.WriteJSON(w, status, out)
			return
		}
		host.WriteJSON(w, status, out)
	})
}

// answer is a success with another status than the usual one.
type answer struct {
	status int
	body   any
}

// user is the user that the path names: me, or an id.
func (c *call) user() auth.UserID { return c.p.Resolve(c.r.PathValue("id")) }

// input is what a body gives, and what is wrong with it. A member that is null counts as not
// given.
type input struct {
	values map[string]any
	bad    []auth.FieldError
}

// input reads a body that has no other members than those that are known.
func (c *call) input(known ...string) (*input, error) {
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
	in := &input{}
	var ok bool
	if in.values, ok = host.ParseObject(text); !ok {
		return nil, errBadJSON
	}
	in.onlyKnown(slices.Collect(maps.Keys(in.values)), known)
	return in, nil
}

// onlyKnown notes names that are not known.
func (in *input) onlyKnown(names, known []string) {
	slices.Sort(names)
	for _, name := range names {
		if !slices.Contains(known, name) && len(in.bad) < 10 { // an answer is not many times the request
			in.refuse(clip(name), "unknown_field", "There is no such member.")
		}
	}
}

func (in *input) refuse(field, code, detail string) {
	in.bad = append(in.bad, auth.FieldError{Field: field, Code: code, Detail: detail})
}

// text is a member that may be missing: nil then.
func (in *input) text(name string) *string {
	v := in.values[name]
	if v == nil {
		return nil
	}
	text, ok := v.(string)
	if !ok {
		in.refuse(name, auth.CodeInvalid, "It has to be text.")
	}
	return &text
}

// need is a member that has to be there.
func (in *input) need(name string) string {
	text := in.text(name)
	if text == nil {
		in.refuse(name, auth.CodeRequired, "It is required.")
		return ""
	}
	return *text
}

// flag is a member that is true or false, or missing: nil then.
func (in *input) flag(name string) *bool {
	v := in.values[name]
	if v == nil {
		return nil
	}
	flag, ok := v.(bool)
	if !ok {
		in.refuse(name, auth.CodeInvalid, "It has to be true or false.")
	}
	return &flag
}

// role is a rung of the ladder, or missing: nil then.
func (in *input) role(name string) *rung {
	text := in.text(name)
	if text == nil {
		return nil
	}
	r, ok := parseRung(*text)
	if !ok {
		in.refuse(name, auth.CodeUnknown, "Use one of: NONE, GUEST, DATA_SCIENTIST, DATA_OWNER, ADMIN.")
	}
	return &r
}

// password is a new password with its confirmation, which may be left out but not differ.
func (in *input) password(name string) *string {
	pw, again := in.text(name), in.text("password_verify")
	if again != nil && (pw == nil || *again != *pw) {
		in.refuse("password_verify", "mismatch", "The confirmation is not the same as the password.")
	}
	return pw
}

// alone notes members that stand beside one that is a change by itself.
func (in *input) alone(name string, with ...string) {
	for _, other := range slices.Sorted(maps.Keys(in.values)) {
		if other != name && in.values[other] != nil && !slices.Contains(with, other) {
			in.refuse(other, auth.CodeInvalid, "It can't change together with "+name+".")
		}
	}
}

// err is nil if nothing is wrong.
func (in *input) err() error {
	if len(in.bad) == 0 {
		return nil
	}
	return &auth.FieldsError{Fields: in.bad}
}

// clip shortens what a client sent to what an answer repeats.
func clip(s string) string {
	const most = 64
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
