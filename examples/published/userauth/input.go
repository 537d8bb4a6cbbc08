package main

import (
	"errors"
	"maps"
	"mime"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// input holds the values of a request, and what is wrong with them.
type input struct {
	host.BadInput
	query url.Values
	body  map[string]any // strings of a form, or values of a JSON object
	json  bool
}

// input reads the query and a body that is a form or a JSON object. Members of the object that
// are not known are errors. With another body, all members are missing.
func (c *call) input(known ...string) (*input, error) {
	in := &input{query: c.r.URL.Query()}
	text, err := host.ReadBody(c.w, c.r)
	if err != nil {
		return nil, err
	}
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	var ok bool
	switch kind {
	case formURL:
		if in.body, ok = parseForm(text); !ok {
			return nil, host.BadInput{
				{Type: "form_invalid", Loc: []string{"body"}, Msg: "A form names each of its fields once."},
			}
		}
	case "application/json":
		in.json = true
		if in.body, ok = host.ParseObject(text); !ok {
			return nil, host.BadInput{{Type: "json_invalid", Loc: []string{"body"},
				Msg: "The body is one JSON object that names each of its members once."}}
		}
		for _, name := range slices.Sorted(maps.Keys(in.body)) {
			if !slices.Contains(known, name) && len(in.BadInput) < host.MostUnknown {
				in.Add("extra_forbidden", "body", host.Clip(name), "There is no such member.")
			}
		}
	}
	return in, nil
}

// parseForm reads a form. No field may stand twice.
func parseForm(text []byte) (map[string]any, bool) {
	values, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, false
	}
	out := map[string]any{}
	for name, v := range values {
		if len(v) != 1 {
			return nil, false
		}
		out[name] = v[0]
	}
	return out, true
}

// value finds a value in the query or the body.
func (in *input) value(where, name string) (any, bool) {
	if where == "query" {
		v, ok := in.query[name]
		if !ok || len(v) != 1 {
			return nil, false
		}
		return v[0], true
	}
	v, ok := in.body[name]
	return v, ok
}

// text returns a required string.
func (in *input) text(where, name string) string {
	v, ok := in.value(where, name)
	if !ok {
		in.Add("missing", where, name, "Field required")
		return ""
	}
	text, ok := v.(string)
	switch {
	case !ok:
		in.Add("string_type", where, name, "Input should be a valid string")
	case !utf8.ValidString(text):
		in.Add("string_unicode", where, name, "Input should be a valid string, in UTF-8")
	}
	return text
}

// optional returns a string of the body. ok is false if it is missing.
func (in *input) optional(name string) (text string, ok bool) {
	if _, ok := in.body[name]; !ok {
		return "", false
	}
	return in.text("body", name), true
}

// refuse adds an error for a value that is not allowed. ctx is what the message is made of.
func (in *input) refuse(kind, name, value, msg string, ctx map[string]any) {
	in.BadInput = append(in.BadInput, host.BadValue{
		Type: kind, Loc: []string{"body", name}, Msg: msg, Input: host.Clip(value), Ctx: ctx,
	})
}

// readID reads a UUID of any version.
func readID(in *host.BadInput, where, name, text string) string {
	id, err := uuid.Parse(text)
	if err == nil {
		return id.String()
	}
	*in = append(*in, host.BadValue{
		Type: "uuid_parsing", Loc: []string{where, name}, Msg: "Input should be a valid UUID",
		Input: host.Clip(text), Ctx: map[string]any{"error": "not a UUID"},
	})
	return ""
}

// located turns field errors of the accounts into those of this API. at says where a field
// stood if it was not in the body or has another name there.
func located(err error, at map[string][2]string) error {
	var fields *auth.FieldsError
	if !errors.As(err, &fields) || fields.Forbidden {
		return err
	}
	var bad host.BadInput
	for _, f := range fields.Fields {
		loc, moved := at[f.Field]
		if !moved {
			loc = [2]string{"body", f.Field}
		}
		kind := f.Code
		if kind == auth.CodeRequired {
			kind = "missing"
		}
		bad.Add(kind, loc[0], loc[1], f.Detail)
	}
	return bad
}
