package httpadapter

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

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
