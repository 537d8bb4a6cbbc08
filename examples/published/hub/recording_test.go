package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// recorded is one line of a recording: a call with its answer, or an event between calls.
type recorded struct {
	N             int
	Section, Note string
	Event         string
	Actor         *string
	Request       *sent
	Response      heard
	Captures      map[string]string
}

type sent struct {
	Method, Path, Authorization string
	Body                        *string
	Form                        map[string]string
	Headers                     map[string]string
}

type heard struct {
	Status   int
	JSON     any
	Location *string
	HTML     *struct {
		Title       *string  `json:"title_h1"`
		Permissions []string `json:"permissions"`
		Next        *string  `json:"next_url_shown"`
		Down        bool     `json:"warns_not_running"`
	}
}

// path is the path without its query.
func (c *recorded) path() string {
	path, _, _ := strings.Cut(c.Request.Path, "?")
	return path
}

// query returns the query of the path.
func (c *recorded) query() url.Values {
	_, text, _ := strings.Cut(c.Request.Path, "?")
	q, _ := url.ParseQuery(strings.ReplaceAll(text, " ", "%20"))
	return q
}

func (c *recorded) ok() bool { return c.Response.Status < 400 }

func (c *recorded) reads() bool { return c.Request.Method == "GET" }

// scopes returns the scopes in the body.
func (c *recorded) scopes() (list []string) {
	var body struct{ Scopes []string }
	if c.Request.Body != nil && json.Unmarshal([]byte(*c.Request.Body), &body) == nil {
		list = body.Scopes
	}
	return list
}

// actor returns whose credential was used, or "".
func (c *recorded) actor() string {
	if c.Actor == nil {
		return ""
	}
	return *c.Actor
}

// byToken reports whether a user's token was used, and whose.
func (c *recorded) byToken(r *replay) (user string, is bool) {
	name := c.actor()
	if name == "raw" {
		name = placeholder.FindString(c.Request.Authorization)
	}
	user = r.owners[name]
	return user, user != ""
}

// shares reports whether a call is about shares or codes of one server.
func (c *recorded) shares() bool {
	return strings.HasPrefix(c.path(), api+"/shares/") || strings.HasPrefix(c.path(), api+"/share-codes/")
}

// place finds where a value stands in a recorded answer.
func place(in any, value string) ([]any, bool) {
	switch v := in.(type) {
	case string:
		return nil, v == value
	case map[string]any:
		for name, inner := range v {
			if path, ok := place(inner, value); ok {
				return append([]any{name}, path...), true
			}
		}
	case []any:
		for i, inner := range v {
			if path, ok := place(inner, value); ok {
				return append([]any{i}, path...), true
			}
		}
	}
	return nil, false
}

// at returns the text at a place.
func at(in any, path []any) string {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			m, _ := in.(map[string]any)
			in = m[s]
		case int:
			list, _ := in.([]any)
			if s >= len(list) {
				return ""
			}
			in = list[s]
		}
	}
	text, _ := in.(string)
	return text
}

func texts(v any) (out []string) {
	list, _ := v.([]any)
	for _, x := range list {
		s, _ := x.(string)
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
