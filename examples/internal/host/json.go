package host

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"
)

// MaxBody is the most that a JSON body may have, in bytes.
const MaxBody = 64 << 10

// The errors of ReadBody.
var (
	ErrTooLarge   = errors.New("the body is larger than 64 KiB")
	ErrUnreadable = errors.New("the body can't be read")
)

// ReadBody reads a body of at most MaxBody bytes.
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

// ParseObject reads one JSON object, and nothing after it, whose members all stand once: who
// reads only one of two must not be who decides.
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

// WriteJSON writes an answer. Nothing of it is for caches: it is about a person, or holds a
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
	_ = json.NewEncoder(w).Encode(body) // a client that is gone
}
