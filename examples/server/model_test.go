package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

// The model in the description of the API, as a whole.
const wholeModel = `{"kinds":[{"name":"note","shareable":["read:notes"],"default_scopes":["read:notes"],
 "reshare":true}],
 "scopes":[{"name":"notes","label":"Write notes","implies":["read:notes"],"filters":["note","user","group"]},
           {"name":"read:notes","label":"Read notes","filters":["note","user","group"]}]}`

func TestDecodeModel(t *testing.T) {
	t.Parallel()
	m, err := decodeModel(strings.NewReader(wholeModel))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scopes.Compile(m.scopes); err != nil {
		t.Fatal(err)
	}
	k := m.kinds["note"]
	if len(m.kinds) != 1 || !k.Reshare || len(k.Shareable) != 1 || k.Default[0] != "read:notes" ||
		len(m.scopes.Scopes) != 2 {
		t.Errorf("read %+v", m)
	}
}

// FuzzModel checks that a model that was read says the same as the file.
func FuzzModel(f *testing.F) {
	for _, seed := range []string{
		wholeModel, `{}`, `{"kinds":null}`, `{"kinds":[{}]}`, `{"scopes":[{"name":"a","implies":["a"]}]}`, `{} {}`,
		`[]`, `{"kinds":[{"name":"x","reshare":1}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		m, err := decodeModel(bytes.NewReader(doc))
		if err != nil {
			return
		}
		schema, err := scopes.Compile(m.scopes)
		if err != nil {
			return
		}
		for _, d := range m.scopes.Scopes {
			if _, ok := schema.ID(d.Name); !ok || !json.Valid(doc) {
				t.Errorf("%q: %q is lost", doc, d.Name)
			}
		}
		for name := range m.kinds {
			if _, err := schema.Parse("none!" + name + "=1"); err == nil {
				t.Errorf("%q: a scope that nobody declared", doc)
			}
		}
	})
}
