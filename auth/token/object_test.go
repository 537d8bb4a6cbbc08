package token

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// slow reads a flat object with the decoder of package json. Function object must agree with
// it.
func slow(doc string) (map[string]value, bool) {
	d := json.NewDecoder(strings.NewReader(doc))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') || !utf8.ValidString(doc) {
		return nil, false
	}
	got := map[string]value{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if _, twice := got[name]; err != nil || !ok || twice || len(got) == maxMembers {
			return nil, false
		}
		t, err = d.Token()
		if err != nil {
			return nil, false
		}
		switch t := t.(type) {
		case string:
			got[name] = value{text: t, isText: true}
		case json.Number:
			n, err := strconv.ParseInt(t.String(), 10, 64)
			if err != nil || t == "-0" {
				return nil, false
			}
			got[name] = value{number: n}
		default:
			return nil, false
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return got, err == io.EOF
}

// FuzzObject checks that object reads exactly the flat objects that package json reads.
func FuzzObject(f *testing.F) {
	for _, doc := range []string{
		"", "{", "}", "{}", " { } ", "{}x", "{}{}", "null", "[]", `""`, `{"a":1}`, `{"a":-1}`, `{"a":-0}`, `{"a":01}`,
		`{"a":-01}`, `{"a":-}`, `{"a":1-1}`, `{"a":--1}`, `{"a":0}`, `{"a":00}`,
		`{"a":1.5}`, `{"a":1e3}`, `{"a":9223372036854775807}`, `{"a":9223372036854775808}`,
		`{"a":-9223372036854775808}`, `{"a":+1}`, `{"a":1,}`, `{,"a":1}`, `{"a":1 "b":2}`,
		`{"a":"b"}`, `{"a":"b","a":"c"}`, `{"a":"b","\u0061":"c"}`, `{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83d"}`,
		`{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\`, `{"a":"\"}`, "{\"a\":\"\n\"}", "{\"a\":\"\x7f\"}",
		"{\"a\":\"\xff\"}", "\ufeff{}", "{\"a\"\t:\r\n1}", "{\"a\"\u00a0:1}", "{\"a\":1\v}", `{"a":null}`, `{"a":true}`,
		`{"a":{}}`, `{"a":[]}`, `{"":""}`, `{1:2}`, `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8}`,
		`{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9}`, `{"a":` + strings.Repeat("[", 20000),
	} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		got := map[string]value{}
		ok := object(doc, func(name string, v value) bool { got[name] = v; return true })
		want, wantOK := slow(doc)
		if ok != wantOK || ok && !maps.Equal(got, want) {
			t.Fatalf("%q: %v, %v; package json: %v, %v", doc, got, ok, want, wantOK)
		}
		if ok && !json.Valid(bytes.TrimSpace([]byte(doc))) {
			t.Fatalf("%q is no JSON", doc)
		}
	})
}

func TestObjectStops(t *testing.T) {
	t.Parallel()
	n := 0
	if object(`{"a":1,"b":2,"c":3}`, func(name string, _ value) bool { n++; return name != "b" }) || n != 2 {
		t.Errorf("read on to %d", n)
	}
}
