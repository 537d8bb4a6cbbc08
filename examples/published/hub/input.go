package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// input is a JSON object from a client. An empty body counts as an empty object, and so does
// every value that is false in Python.
type input map[string]json.RawMessage

// input reads the body. Its Content-Type does not matter, because the published clients send
// none. With allowed, other members are refused.
func (c *call) input(allowed ...string) (input, error) {
	text, err := host.ReadBody(c.w, c.r)
	switch {
	case err == host.ErrTooLarge:
		return nil, errLarge
	case err != nil:
		return nil, errJSON
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return input{}, nil
	}
	var value any
	if json.Unmarshal(text, &value) != nil {
		return nil, errJSON
	}
	in := input{}
	switch v := value.(type) {
	case map[string]any:
		_ = json.Unmarshal(text, &in) // it is an object
	case nil:
	case []any:
		err = objectWanted(len(v) == 0)
	case string:
		err = objectWanted(v == "")
	case float64:
		err = objectWanted(v == 0)
	case bool:
		err = objectWanted(!v)
	}
	for name := range in {
		if len(allowed) > 0 && !slices.Contains(allowed, name) {
			err = bad("Extra inputs are not permitted: " + strconv.Quote(name))
		}
	}
	return in, err
}

func objectWanted(empty bool) error {
	if empty {
		return nil
	}
	return bad("The body is a JSON object")
}

// has reports whether a member is there and not null.
func (in input) has(name string) bool {
	text, ok := in[name]
	return ok && string(text) != "null"
}

// text returns a member that is a string, or "" if it is missing.
func (in input) text(name string) (out string, err error) {
	if in.has(name) && json.Unmarshal(in[name], &out) != nil {
		return "", bad(name + ": Input should be a valid string")
	}
	return out, nil
}

// list returns a member that is a list of strings.
func (in input) list(name string) (out []string, err error) {
	if !in.has(name) {
		return nil, nil
	}
	var list []*string
	if json.Unmarshal(in[name], &list) != nil || slices.Contains(list, nil) {
		return nil, bad(name + ": Input should be a list of strings")
	}
	for _, v := range list {
		out = append(out, *v)
	}
	return out, nil
}

// truth returns a member that is true or false.
func (in input) truth(name string) (out bool, err error) {
	if in.has(name) && json.Unmarshal(in[name], &out) != nil {
		return false, bad(name + ": Input should be a valid boolean")
	}
	return out, nil
}

// life returns how long a code lives. The member is a whole number of seconds, or a string with
// one. It may be missing, which is zero, but not null.
func (in input) life() (time.Duration, error) {
	raw, ok := in["expires_in"]
	if !ok {
		return 0, nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil && string(raw) != "null" {
		if text = strings.TrimSpace(text); strings.ContainsAny(text, "eE") {
			text = ""
		}
	} else if text = string(raw); text == "" || !strings.Contains("-0123456789", text[:1]) {
		text = ""
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != float64(int64(n)) || strings.ContainsAny(text, "xXpP_nN") {
		return 0, bad("expires_in: Input should be a valid integer")
	}
	if n < 60 || n > 31536000 {
		return 0, bad("expires_in: Input should be from 60 to 31536000")
	}
	return time.Duration(n) * time.Second, nil
}
