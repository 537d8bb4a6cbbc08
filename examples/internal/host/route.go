package host

import (
	"net/http"
	"path"
)

// methods are those that routes of the examples have.
var methods = []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut}

// Allowed lists the methods that a path takes, apart from what the pattern "/" would catch.
func Allowed(mux *http.ServeMux, r *http.Request) (allow []string) {
	for _, method := range methods {
		probe := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := mux.Handler(probe); pattern != "/" {
			allow = append(allow, method)
		}
	}
	return allow
}

// IsClean tells whether a path is one that a mux serves without a redirect.
func IsClean(p string) bool {
	clean := path.Clean(p)
	return clean == p || clean+"/" == p
}
