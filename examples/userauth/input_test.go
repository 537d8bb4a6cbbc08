package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
)

// objects are texts with whether they are one object.
var objects = map[string]bool{
	`{}`: true, ` {"a":"b","c":[1,{"d":null}]} `: true, `{"a":1,"A":2}`: true,
	``: false, `[]`: false, `null`: false, `{`: false, `{}{}`: false, `{} x`: false, `{"a":1,"a":2}`: false, `{"a":1,"\u0061":2}`: false, `{"a"}`: false, "{\"a\":\"\xff\"}": false,
}

func TestParseObject(t *testing.T) {
	t.Parallel()
	for text, want := range objects {
		if _, ok := parseObject([]byte(text)); ok != want {
			t.Errorf("%s: %v", text, ok)
		}
	}
}

// What parseObject takes is one JSON object, read as encoding/json reads it.
func FuzzParseObject(f *testing.F) {
	for text := range objects {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := parseObject(text)
		if !ok {
			return
		}
		var want map[string]any
		if err := json.Unmarshal(text, &want); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, want %v (%v)", text, got, want, err)
		}
	})
}

// A form that is read says the same when it is written again.
func FuzzParseForm(f *testing.F) {
	for _, text := range []string{"", "a=b&c=%20", "a=1&a=2", "a=%zz", "a;b", "=", "a"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		values, ok := parseForm(text)
		if ok && len(values) > bytes.Count(text, []byte("&"))+1 {
			t.Errorf("%q: %v", text, values)
		}
	})
}
