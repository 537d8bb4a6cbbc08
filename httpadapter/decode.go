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
	"time"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/auth"
)

const (
	maxBody  = 64 << 10 // bytes
	maxDepth = 16

	maxUnknown = 10 // members that an answer names, so that it is not many times as long as the request
)

// Reason codes of field errors that this package finds itself.
const (
	codeUnknownField = "unknown_field"
	codeWrongType    = "wrong_type"
)

// opt is a member of a PATCH that may be absent, null or a value.
type opt[T any] struct {
	set   bool
	value T // zero for null
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *opt[T]) UnmarshalJSON(b []byte) error {
	o.set = true
	if string(b) == "null" {
		return nil
	}
	return json.Unmarshal(b, &o.value)
}

// ptr returns nil for an absent member, and the zero value for null.
func (o opt[T]) ptr() *T {
	if !o.set {
		return nil
	}
	return &o.value
}

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

// fill puts the members of a clean JSON object into the fields of a struct, by exact name. It
// notes what does not fit, unknown members too.
func fill(bad *auth.FieldsError, prefix string, body []byte, to reflect.Value) {
	note := func(field, code, detail string) { bad.Add(prefix+field, code, detail) }
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		note("", codeWrongType, "An object is expected.")
		return
	}
	for i := range to.NumField() {
		name, optional := jsonName(to.Type().Field(i))
		raw, there := members[name]
		delete(members, name)
		field := to.Field(i)
		null := string(raw) == "null" && !isOpt(field.Type())
		switch {
		case !there && !optional:
			note(name, auth.CodeRequired, "This field is required.")
		case !there || null && optional:
		case field.Kind() == reflect.Pointer && field.Type().Elem().Kind() == reflect.Struct && raw[0] == '{':
			field.Set(reflect.New(field.Type().Elem()))
			fill(bad, prefix+name+".", raw, field.Elem())
		case null || json.Unmarshal(raw, field.Addr().Interface()) != nil:
			note(name, codeWrongType, "The value has the wrong type.")
		}
	}
	for i, name := range sortedKeys(members) {
		if i == maxUnknown {
			break
		}
		note(clip(name), codeUnknownField, "There is no such field.")
	}
}

// jsonName reads the tag of a field. A field is optional if it has omitempty or is a pointer or
// an opt.
func jsonName(f reflect.StructField) (name string, optional bool) {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name, options == "omitempty" || f.Type.Kind() == reflect.Pointer || isOpt(f.Type)
}

func isOpt(t reflect.Type) bool {
	return strings.HasPrefix(t.Name(), "opt[")
}

// allOptional reports whether {} is a valid body.
func allOptional(t reflect.Type) bool {
	for i := range t.NumField() {
		if _, optional := jsonName(t.Field(i)); !optional {
			return false
		}
	}
	return true
}

// oneField returns an error about one field.
func oneField(field, code, detail string) error {
	return auth.FieldError{Field: field, Code: code, Detail: detail}.Err()
}

// lifeOf returns a number of seconds as a duration, or 0 if there is none. The service checks
// how long it may be.
func lifeOf(seconds *int64) (time.Duration, error) {
	const most = int64(100 * 365 * 24 * time.Hour / time.Second) // fits into a duration
	switch {
	case seconds == nil:
		return 0, nil
	case *seconds < 1 || *seconds > most:
		return 0, oneField("expires_in", auth.CodeInvalid, "Use a number of seconds, at least 1.")
	}
	return time.Duration(*seconds) * time.Second, nil
}

// clip shortens something that a client sent and an answer repeats.
func clip(s string) string {
	const most = 64
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}
