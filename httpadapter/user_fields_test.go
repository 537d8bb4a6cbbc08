package httpadapter

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// The fields of users are listed by hand in userJSON, newUser and userPatch. These tests fail
// if one of auth's fields is missing there, or is not passed on.

// sample is a value of a type. It fails the test if it does not know the type.
func sample(t *testing.T, typ reflect.Type) any {
	t.Helper()
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return time.Unix(1, 0).UTC()
	case typ == reflect.TypeFor[json.RawMessage]():
		return json.RawMessage(`{"a":1}`)
	case typ == reflect.TypeFor[[]auth.GroupRef]():
		return []auth.GroupRef{{Name: "text"}}
	case typ.Kind() == reflect.String:
		return "text"
	case typ.Kind() == reflect.Bool:
		return true
	case typ.Kind() == reflect.Slice && typ.Elem().Kind() == reflect.String:
		return reflect.Append(reflect.MakeSlice(typ, 0, 1), reflect.ValueOf("text").Convert(typ.Elem())).Interface()
	case typ.Kind() == reflect.Pointer:
		return sample(t, typ.Elem())
	}
	t.Fatalf("give a sample of %s", typ)
	return nil
}

var humps = regexp.MustCompile(`([a-z])([A-Z])`)

// snake is the name of a field in JSON.
func snake(name string) string { return strings.ToLower(humps.ReplaceAllString(name, "${1}_$2")) }

func members(t *testing.T, u auth.User) map[string]string {
	t.Helper()
	text, err := json.Marshal(userOf(u))
	var raw map[string]json.RawMessage
	if err == nil {
		err = json.Unmarshal(text, &raw)
	}
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for name, v := range raw {
		out[name] = string(v)
	}
	return out
}

func TestUserJSONHasEveryField(t *testing.T) {
	t.Parallel()
	bare := auth.User{Attributes: json.RawMessage(`{}`)}
	none := members(t, bare)
	typ := reflect.TypeOf(bare)
	for i := range typ.NumField() {
		f := typ.Field(i)
		if f.Name == "Grants" { // these only name the roles
			continue
		}
		u := bare
		field := reflect.ValueOf(&u).Elem().Field(i)
		field.Set(reflect.ValueOf(sample(t, f.Type)).Convert(f.Type))
		for name, v := range members(t, u) {
			if changed := v != none[name]; changed != (name == snake(f.Name)) {
				t.Errorf("%s of a user: the member %s is %s, and %s without it", f.Name, name, v, none[name])
			}
		}
		if _, ok := none[snake(f.Name)]; !ok {
			t.Errorf("%s of a user is not in its JSON", f.Name)
		}
	}
}

// takesEveryField checks that a body with one member gives an input in which just the field of
// that name is set.
func takesEveryField[Body, Input any](t *testing.T, input func(Body) Input) {
	t.Helper()
	typ := reflect.TypeFor[Input]()
	for i := range typ.NumField() {
		f := typ.Field(i)
		text, err := json.Marshal(map[string]any{snake(f.Name): sample(t, f.Type)})
		if err != nil {
			t.Fatal(err)
		}
		var body Body
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&body); err != nil {
			t.Errorf("%s of %s: %v", f.Name, typ, err)
			continue
		}
		in := reflect.ValueOf(input(body))
		for j := range typ.NumField() {
			if in.Field(j).IsZero() == (i == j) {
				t.Errorf("%s of %s is %v for %s", typ.Field(j).Name, typ, in.Field(j), text)
			}
		}
	}
}

func TestBodiesOfUsersTakeEveryField(t *testing.T) {
	t.Parallel()
	takesEveryField(t, newUser.input)
	takesEveryField(t, userPatch.patch)
}
