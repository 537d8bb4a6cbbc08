package host

import (
	"encoding/json"
	"reflect"
	"testing"
)

// objects are texts, and whether each is one JSON object.
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

// A text that ParseObject accepts is one JSON object, and encoding/json reads the same from it.
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
