package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const maxBody = 64 << 10

// input is a JSON object from a client. An empty body is an empty one, and so is anything that
// Python takes for false.
type input map[string]json.RawMessage

// input reads the body, whatever its Content-Type says: the published clients send none.
// Members that are not among allowed are refused; without allowed, all are taken.
func (c *call) input(allowed ...string) (input, error) {
	text, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
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
		_ = json.Unmarshal(text, &in) // it is one
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

// has tells whether a member is there and not null.
func (in input) has(name string) bool {
	text, ok := in[name]
	return ok && string(text) != "null"
}

// text is a member that is a text; empty if it is not there.
func (in input) text(name string) (out string, err error) {
	if in.has(name) && json.Unmarshal(in[name], &out) != nil {
		return "", bad(name + ": Input should be a valid string")
	}
	return out, nil
}

// list is a member that is a list of texts.
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

// truth is a member that is true or false.
func (in input) truth(name string) (out bool, err error) {
	if in.has(name) && json.Unmarshal(in[name], &out) != nil {
		return false, bad(name + ": Input should be a valid boolean")
	}
	return out, nil
}

// life is how long a code lives, in seconds: a whole number, or a text that is one. Zero for
// none given, which null is not.
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
