package hosttest

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/store/pgstore/pgtest"
)

// Databases maps each kind of database to a function that makes an empty one for a test and
// returns its address.
var Databases = map[string]func(t testing.TB) string{
	"sqlite":   func(t testing.TB) string { return filepath.Join(t.TempDir(), "app.db") },
	"postgres": func(t testing.TB) string { return pgtest.DSN(t) },
}

// CheapHashing makes password hashing fast.
func CheapHashing(c *auth.Config) {
	c.Hashing = password.Config{
		Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
	}
}

// Client calls a server in a test.
type Client struct {
	T   testing.TB
	URL string
}

// Reply is an answer whose body was read.
type Reply struct {
	T      testing.TB
	Asked  string // method and path
	Status int
	Header http.Header
	Text   string
}

// it follows no redirects, and there should be none
var plain = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// Call sends a JSON body unless it is empty, with a bearer token unless it is empty.
func (c Client) Call(method, path, token, body string) Reply {
	c.T.Helper()
	r := c.Request(method, path, body)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return c.Do(r)
}

// Request makes a request with a JSON body, or without one if it is empty.
func (c Client) Request(method, path, body string) *http.Request {
	c.T.Helper()
	r, err := http.NewRequestWithContext(c.T.Context(), method, c.URL+path, strings.NewReader(body))
	if err != nil {
		c.T.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// Do sends a request.
func (c Client) Do(r *http.Request) Reply {
	c.T.Helper()
	a, err := plain.Do(r)
	if err != nil {
		c.T.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		c.T.Fatal(err)
	}
	return Reply{c.T, r.Method + " " + r.URL.Path, a.StatusCode, a.Header, string(text)}
}

// Want checks the status and, unless it is empty, the error code.
func (r Reply) Want(status int, code string) Reply {
	r.T.Helper()
	if r.Status != status || code != "" && r.Code() != code {
		r.T.Errorf("%s: %d %.300s, want %d %s", r.Asked, r.Status, r.Text, status, code)
	}
	return r
}

// Code returns the error code.
func (r Reply) Code() string {
	var body struct{ Code string }
	_ = json.Unmarshal([]byte(r.Text), &body) // without an object there is no code
	return body.Code
}

// Member returns a string from the answer. Several names are a path into nested objects. It is
// empty if there is no such string.
func (r Reply) Member(names ...string) string {
	var v any
	_ = json.Unmarshal([]byte(r.Text), &v)
	for _, name := range names {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	text, _ := v.(string)
	return text
}

// Read decodes an answer.
func Read[T any](r Reply) (out T) {
	r.T.Helper()
	if err := json.Unmarshal([]byte(r.Text), &out); err != nil {
		r.T.Fatalf("%s: %v: %.300s", r.Asked, err, r.Text)
	}
	return out
}
