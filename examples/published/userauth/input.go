package main

import (
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// item says what is wrong with one value of a request, and where it stands. A value is repeated
// only where it can't be a secret.
type item struct {
	Type  string         `json:"type"`
	Loc   []string       `json:"loc"`
	Msg   string         `json:"msg"`
	Input any            `json:"input"`
	Ctx   map[string]any `json:"ctx,omitempty"`
}

// badInput is everything wrong with a request.
type badInput []item

// Error implements error.
func (b badInput) Error() string { return fmt.Sprintf("%d values are not valid", len(b)) }

// err is nil if nothing is wrong.
func (b badInput) err() error {
	if len(b) == 0 {
		return nil
	}
	return b
}

func (b *badInput) add(kind, where, name, msg string) {
	*b = append(*b, item{Type: kind, Loc: []string{where, name}, Msg: msg})
}

// input is what a request gives, and what is wrong with it.
type input struct {
	badInput
	query url.Values
	body  map[string]any // texts of a form, values of a JSON object
	json  bool
}

// input reads the body as far as it is a form or JSON; of a JSON object it knows the members
// named. What is no body leaves all of its members missing.
func (c *call) input(known ...string) (*input, error) {
	in := &input{query: c.r.URL.Query()}
	text, err := host.ReadBody(c.w, c.r)
	switch {
	case errors.Is(err, host.ErrTooLarge):
		return nil, errTooLarge
	case err != nil:
		return nil, errUnreadable
	}
	kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	var ok bool
	switch kind {
	case formURL:
		if in.body, ok = parseForm(text); !ok {
			return nil, badInput{
				{Type: "form_invalid", Loc: []string{"body"}, Msg: "A form names each of its fields once."},
			}
		}
	case "application/json":
		in.json = true
		if in.body, ok = host.ParseObject(text); !ok {
			return nil, badInput{{Type: "json_invalid", Loc: []string{"body"},
				Msg: "The body is one JSON object that names each of its members once."}}
		}
		for _, name := range slices.Sorted(maps.Keys(in.body)) {
			if !slices.Contains(known, name) && len(in.badInput) < 10 { // an answer is not many times the request
				in.add("extra_forbidden", "body", clip(name), "There is no such member.")
			}
		}
	}
	return in, nil
}

// parseForm reads a form whose fields all stand once.
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

// text is a value that has to be there and to be text.
func (in *input) text(where, name string) string {
	v, ok := in.value(where, name)
	if !ok {
		in.add("missing", where, name, "Field required")
		return ""
	}
	text, ok := v.(string)
	switch {
	case !ok:
		in.add("string_type", where, name, "Input should be a valid string")
	case !utf8.ValidString(text):
		in.add("string_unicode", where, name, "Input should be a valid string, in UTF-8")
	}
	return text
}

// optional is a value of the body that may be missing.
func (in *input) optional(name string) (text string, ok bool) {
	if _, ok := in.body[name]; !ok {
		return "", false
	}
	return in.text("body", name), true
}

// refuse notes a value that is none of those allowed; ctx is what its message is made of.
func (in *input) refuse(kind, name, value, msg string, ctx map[string]any) {
	in.badInput = append(in.badInput, item{kind, []string{"body", name}, msg, clip(value), ctx})
}

// id reads a UUID, of whatever version.
func (in *badInput) id(where, name, text string) string {
	id, err := uuid.Parse(text)
	if err == nil {
		return id.String()
	}
	*in = append(*in, item{"uuid_parsing", []string{where, name}, "Input should be a valid UUID", clip(text),
		map[string]any{"error": "not a UUID"}})
	return ""
}

// located turns what the accounts find wrong with fields into items. at says where a field
// stood that is not in the body, or has another name there.
func located(err error, at map[string][2]string) error {
	var fields *auth.FieldsError
	if !errors.As(err, &fields) || fields.Forbidden {
		return err
	}
	var bad badInput
	for _, f := range fields.Fields {
		loc, moved := at[f.Field]
		if !moved {
			loc = [2]string{"body", f.Field}
		}
		kind := f.Code
		if kind == auth.CodeRequired {
			kind = "missing"
		}
		bad.add(kind, loc[0], loc[1], f.Detail)
	}
	return bad
}

// clip shortens what a client sent to what an answer repeats.
func clip(s string) string {
	const most = 64
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}
