package httpadapter

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"unicode/utf8"
)

// readBody returns the body as one clean JSON object (see cleanJSON).
func readBody(w http.ResponseWriter, r *http.Request, rt *route) ([]byte, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	isJSON := err == nil && kind == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8"))
	isForm := err == nil && rt.form && kind == "application/x-www-form-urlencoded"
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case !isJSON && !isForm && (len(body) > 0 || errors.As(err, &large) || !allOptional(rt.in)):
		return nil, errMediaType
	case errors.As(err, &large):
		return nil, errTooLarge
	case err != nil:
		return nil, errBadJSON
	case isForm:
		return formObject(body, rt.in)
	case len(bytes.TrimLeft(body, " \t\r\n")) == 0 && allOptional(rt.in):
		return []byte("{}"), nil
	}
	if !cleanJSON(body) {
		return nil, errBadJSON
	}
	return body, nil
}

// formObject turns a form into the JSON object that it stands for. As RFC 6749 section 3.2
// says, it refuses a field that appears twice, and ignores fields without a value and fields
// that it does not know.
func formObject(body []byte, in reflect.Type) ([]byte, error) {
	known := map[string]bool{}
	for i := range in.NumField() {
		name, _ := jsonName(in.Field(i))
		known[name] = true
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errBadJSON
	}
	object := map[string]string{}
	for name, v := range values {
		if len(v) != 1 || !utf8.ValidString(name+v[0]) {
			return nil, errBadJSON
		}
		if known[name] && v[0] != "" {
			object[name] = v[0]
		}
	}
	return json.Marshal(object)
}

// cleanJSON reports whether a body is one JSON object in UTF-8, with no member twice, not
// nested too deep, with no number that is out of range, and with nothing after it. So no two
// parsers read it differently. Package json accepts all of these.
func cleanJSON(body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	if !cleanValue(d, '{', 1) {
		return false
	}
	_, err := d.Token()
	return err == io.EOF
}

// cleanValue reads to the end of an object or array that has been opened.
func cleanValue(d *json.Decoder, open json.Delim, depth int) bool {
	if depth > maxDepth {
		return false
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil || seen[name.(string)] {
				return false
			}
			seen[name.(string)] = true
		}
		t, err := d.Token()
		if err != nil {
			return false
		}
		switch v := t.(type) {
		case json.Delim:
			if !cleanValue(d, v, depth+1) {
				return false
			}
		case json.Number:
			if _, err := v.Float64(); err != nil {
				return false
			}
		}
	}
	_, err := d.Token()
	return err == nil
}
