package main

import (
	"maps"
	"net/http"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// call is one request.
type call struct {
	*service
	w http.ResponseWriter
	r *http.Request
	p *auth.Principal // nil for nobody
}

// on makes a handler from a function. A success has the given status.
func (s *service) on(status int, handle func(c *call) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{service: s, w: w, r: r}
		c.p, _ = httpadapter.PrincipalFrom(r.Context())
		out, err := handle(c)
		if a, other := out.(answer); other {
			s.Answer(w, r, a.status, a.body, err)
			return
		}
		s.Answer(w, r, status, out, err)
	})
}

// answer is a success with a status of its own.
type answer struct {
	status int
	body   any
}

// user is the user in the path: "me" or an id.
func (c *call) user() auth.UserID { return c.p.Resolve(c.r.PathValue("id")) }

// input holds the members of a body, and what is wrong with them. A member that is null counts
// as missing.
type input struct {
	values map[string]any
	bad    []auth.FieldError
}

// input reads a body. Members that are not known are errors.
func (c *call) input(known ...string) (*input, error) {
	values, err := host.ReadObject(c.w, c.r)
	if err != nil {
		return nil, err
	}
	in := &input{values: values}
	in.onlyKnown(slices.Collect(maps.Keys(in.values)), known)
	return in, nil
}

// onlyKnown adds an error for each name that is not known.
func (in *input) onlyKnown(names, known []string) {
	slices.Sort(names)
	for _, name := range names {
		if !slices.Contains(known, name) && len(in.bad) < host.MostUnknown {
			in.refuse(host.Clip(name), "unknown_field", "There is no such member.")
		}
	}
}

func (in *input) refuse(field, code, detail string) {
	in.bad = append(in.bad, auth.FieldError{Field: field, Code: code, Detail: detail})
}

// text returns a member, or nil if it is missing.
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

// need returns a required member.
func (in *input) need(name string) string {
	text := in.text(name)
	if text == nil {
		in.refuse(name, auth.CodeRequired, "It is required.")
		return ""
	}
	return *text
}

// flag returns a member that is true or false, or nil if it is missing.
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

// role returns a rung of the ladder, or nil if the member is missing.
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

// password returns a new password. Its confirmation may be left out, but must not differ.
func (in *input) password(name string) *string {
	pw, again := in.text(name), in.text("password_verify")
	if again != nil && (pw == nil || *again != *pw) {
		in.refuse("password_verify", "mismatch", "The confirmation is not the same as the password.")
	}
	return pw
}

// alone adds an error for each member that may not change together with the named one.
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

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
