package host

import (
	"encoding/json"
	"reflect"
	"testing"
)

// objects are texts with whether they are one object.
var objects = map[string]bool{
	`{}`: true, ` {"a":"b","c":[1,{"d":null}]} `: true, `{"a":1,"A":2}`: true,
	``: false, `[]`: false, `null`: false, `{`: false, `{}{}`: false, `{} x`: false, `{"a":1,"a":2}`: false,
	`{"a":1,"\u0061":2}`: false, `{"a"}`: false, "{\"a\":\"\xff\"}": false,
}

func TestParseObject(t *testing.T) {
	t.Parallel()
	for text, want := range objects {
		if _, ok := ParseObject([]byte(text)); ok != want {
			t.Errorf("%s: %v", text, ok)
		}
	}
}

// What ParseObject takes is one JSON object, read as encoding/json reads it.
func FuzzParseObject(f *testing.F) {
	for text := range objects {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := ParseObject(text)
		if !ok {
			return
		}
		var want map[string]any
		if err := json.Unmarshal(text, &want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, want %v (%v)", text, got, want, err)
		}
	})
}
