package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// recorded is one line of a recording: a call with its answer, or the result of a command line,
// a race or a look into a token.
type recorded struct {
	Name    string
	Request *struct {
		Method, Path string
		Headers      map[string]string
		Body         struct {
			JSON      any
			Form      map[string]string
			Multipart map[string]struct {
				Filename    string
				ContentType string `json:"content_type"`
				Bytes       int
			}
		}
	}
	Response struct {
		Status int
		JSON   any
		Text   *string
	}
	Stdout   *string        // of a command line
	RC       int            // its status
	Statuses []int          // of a race of registrations
	Claims   map[string]any // of a token
	Lifetime int            `json:"lifetime_s"`
}

// path is the path without its query.
func (c *recorded) path() string {
	path, _, _ := strings.Cut(c.Request.Path, "?")
	return path
}

// is reports whether the call has a method and a path, of the published code or of its
// documentation.
func (c *recorded) is(method, path string) bool {
	return c.Request != nil && c.Request.Method == method &&
		(c.path() == path || c.path() == strings.Replace(path, "/users", "/user", 1))
}

// isRegistration reports whether a call makes an account.
func (c *recorded) isRegistration() bool { return c.is(http.MethodPost, "/users") }

// unsafe reports whether a call may change something.
func (c *recorded) unsafe() bool { return c.Request.Method != http.MethodGet }

// bearer returns the placeholder of the token in the call, or "".
func (c *recorded) bearer() string {
	scheme, token, _ := strings.Cut(c.Request.Headers["Authorization"], " ")
	if !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(token, "<jwt") {
		return ""
	}
	return token
}

// detail returns the text of a recorded error, or "".
func (c *recorded) detail() string {
	body, _ := c.Response.JSON.(map[string]any)
	text, _ := body["detail"].(string)
	return text
}

// items returns the types in a recorded list of errors.
func (c *recorded) items() (types []string) {
	body, _ := c.Response.JSON.(map[string]any)
	list, _ := body["detail"].([]any)
	for _, v := range list {
		if item, ok := v.(map[string]any); ok {
			types = append(types, item["type"].(string))
		}
	}
	return types
}

// member returns a string from the recorded answer, or "".
func (c *recorded) member(name string) string {
	body, _ := c.Response.JSON.(map[string]any)
	text, _ := body[name].(string)
	return text
}

// draft is a request to send: the recorded one with all placeholders replaced.
type draft struct {
	method, path, auth, kind string
	query                    url.Values
	form                     map[string]string
	json                     any // nil for none
	body                     string
}

// field is a value that people choose. set changes it.
func (d *draft) field(name string) (value string, set func(string), ok bool) {
	if object, isJSON := d.json.(map[string]any); isJSON {
		value, ok = object[name].(string)
		return value, func(v string) { object[name] = v }, ok
	}
	if v, there := d.form[name]; there {
		return v, func(v string) { d.form[name] = v }, true
	}
	if d.query.Has(name) {
		return d.query.Get(name), func(v string) { d.query.Set(name, v) }, true
	}
	return "", nil, false
}

// draft copies the request of a call. fill replaces the placeholders in a text.
func (c *recorded) draft(t *testing.T, fill func(string) string) *draft {
	t.Helper()
	path, query, _ := strings.Cut(c.Request.Path, "?")
	d := &draft{method: c.Request.Method, path: fill(path), auth: fill(
		c.Request.Headers["Authorization"],
	), kind: c.Request.Headers["Content-Type"]}
	var err error
	if d.query, err = url.ParseQuery(query); err != nil {
		t.Fatal(err)
	}
	b := c.Request.Body
	d.form, d.json = maps.Clone(b.Form), filled(b.JSON, fill)
	if b.Multipart != nil {
		d.body = photoForm(t, c, d.kind)
	}
	return d
}

// filled replaces the placeholders in a JSON value.
func filled(v any, fill func(string) string) any {
	switch v := v.(type) {
	case string:
		return fill(v)
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			out[name] = filled(member, fill)
		}
		return out
	default:
		return v
	}
}

// photoForm is a form with files of the recorded sizes. Their content was not recorded; they
// show nobody.
func photoForm(t *testing.T, c *recorded, kind string) string {
	t.Helper()
	var out bytes.Buffer
	m := multipart.NewWriter(&out)
	_, params, err := mime.ParseMediaType(kind)
	if err == nil {
		err = m.SetBoundary(params["boundary"])
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Request.Body.Multipart)) {
		file := c.Request.Body.Multipart[name]
		part, err := m.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {
				`form-data; name="` + name + `"; filename="` + file.Filename + `"`,
			}, "Content-Type": {file.ContentType},
		})
		if err == nil {
			_, err = part.Write(append([]byte("\xff\xd8\xff"), make([]byte, max(0, file.Bytes-3))...))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// request makes an HTTP request from the draft.
func (d *draft) request(s *serving) *http.Request {
	path, body := d.path, d.body
	if len(d.query) > 0 {
		path += "?" + d.query.Encode()
	}
	if d.form != nil {
		values := url.Values{}
		for name, v := range d.form {
			values.Set(name, v)
		}
		body = values.Encode()
	}
	if d.json != nil {
		doc, err := json.Marshal(d.json)
		if err != nil {
			s.t.Fatal(err)
		}
		body = string(doc)
	}
	r := s.request(d.method, path, "", d.kind, body)
	if d.auth != "" {
		r.Header.Set("Authorization", d.auth)
	}
	return r
}
