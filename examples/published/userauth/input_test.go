package main

import (
	"bytes"
	"testing"
)

// A form that was read is the same after writing and reading it again.
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
