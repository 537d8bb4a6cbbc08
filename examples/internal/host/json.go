package host

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"
)

// MaxBody is the largest size of a body, in bytes.
const MaxBody = 64 << 10

// ReadBody reads a body of at most MaxBody bytes. Its errors are ErrTooLarge and ErrUnreadable.
func ReadBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, ErrTooLarge
	case err != nil:
		return nil, ErrUnreadable
	}
	return text, nil
}

// ReadObject reads a body that is one JSON object. Its errors are those of ReadBody,
// ErrMediaType and ErrBadJSON.
func ReadObject(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	text, err := ReadBody(w, r)
	if err != nil {
		return nil, err
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return nil, ErrMediaType
	}
	object, ok := ParseObject(text)
	if !ok {
		return nil, ErrBadJSON
	}
	return object, nil
}

// ParseObject reads one JSON object with nothing after it. No member may stand twice: two
// readers could take different ones.
func ParseObject(text []byte) (map[string]any, bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') || !utf8.Valid(text) {
		return nil, false
	}
	out := map[string]any{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		var v any
		if _, twice := out[name.(string)]; twice || d.Decode(&v) != nil {
			return nil, false
		}
		out[name.(string)] = v
	}
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return out, err == io.EOF
}

// WriteJSON writes an answer. Caches must not keep it, because it is about a person or holds a
// token.
func WriteJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails only when the client is gone
}
