package host

import (
	"net/http"
	"path"
	"strings"
)

// Mux is a ServeMux that leaves every error to its program. Paths that are not clean are
// unknown paths; a ServeMux would redirect them.
type Mux struct {
	*http.ServeMux
	fail              func(w http.ResponseWriter, r *http.Request, err error)
	noRoute, noMethod error
}

// NewMux makes a Mux. It calls fail with noRoute for an unknown path, and with noMethod for a
// method that the path does not take.
func NewMux(
	fail func(w http.ResponseWriter, r *http.Request, err error), noRoute, noMethod error,
) *Mux {
	m := &Mux{http.NewServeMux(), fail, noRoute, noMethod}
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if m.Allowed(r) == "" {
			m.fail(w, r, m.noRoute)
			return
		}
		m.fail(w, r, m.noMethod)
	})
	return m
}

// ServeHTTP implements http.Handler.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isClean(r.URL.Path) {
		m.fail(w, r, m.noRoute)
		return
	}
	m.ServeMux.ServeHTTP(w, r)
}

// Answer writes an answer, or the error if there is one.
func (m *Mux) Answer(w http.ResponseWriter, r *http.Request, status int, body any, err error) {
	if err != nil {
		m.fail(w, r, err)
		return
	}
	WriteJSON(w, status, body)
}

// methods are the methods that the examples have routes for.
var methods = []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut}

// Allowed is the value of the header Allow for the path of a request. It is empty for an
// unknown path.
func (m *Mux) Allowed(r *http.Request) string {
	var allow []string
	for _, method := range methods {
		probe := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := m.Handler(probe); pattern != "/" {
			allow = append(allow, method)
		}
	}
	return strings.Join(allow, ", ")
}

// CleanPaths serves clean paths with mux, and all other paths with rest. A ServeMux alone would
// redirect the others.
func CleanPaths(mux, rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isClean(r.URL.Path) {
			mux.ServeHTTP(w, r)
		} else {
			rest.ServeHTTP(w, r)
		}
	})
}

// isClean reports whether a ServeMux serves a path without a redirect.
func isClean(p string) bool {
	clean := path.Clean(p)
	return clean == p || clean+"/" == p
}
