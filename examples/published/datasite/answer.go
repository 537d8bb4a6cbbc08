package main

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// failure is an error that only this program knows.
type failure struct {
	status       int
	code, detail string
}

// Error implements error.
func (f *failure) Error() string { return f.detail }

var (
	errNoRoute = &failure{http.StatusNotFound, "not_found", "There is no such path."}
	errMethod  = &failure{http.StatusMethodNotAllowed, "method_not_allowed", "The path does not take this method."}
	errBadJSON = &failure{
		http.StatusBadRequest, "bad_json", "The body is one JSON object that names each of its members once.",
	}
	errMediaType  = &failure{http.StatusUnsupportedMediaType, "unsupported_media_type", "The body is application/json."}
	errTooLarge   = &failure{http.StatusRequestEntityTooLarge, "too_large", "The body is larger than 64 KiB."}
	errUnreadable = &failure{http.StatusBadRequest, "unreadable", "The body can't be read."}
)

// problem is the body of every error, as in the library's API (RFC 9457).
type problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Code   string       `json:"code"`
	Detail string       `json:"detail"`
	Errors []fieldError `json:"errors,omitempty"`
}

type fieldError struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// wireNames are the members of bodies that the accounts call by another name.
var wireNames = map[string]string{"roles": "role", "new": "password", "current": "current_password",
	"attributes": "institution", "site_name": "name", "default_roles": "default_role"}

// fail answers with an error. What neither this program nor the library knows is in the log,
// and a bare 500 outside.
func (s *service) fail(w http.ResponseWriter, r *http.Request, err error) {
	out := problem{}
	var own *failure
	if errors.As(err, &own) {
		out.Status, out.Code, out.Detail = own.status, own.code, own.detail
	} else {
		e := s.hp.Explain(r, err)
		out.Status, out.Code, out.Detail = e.Status, e.Code, e.Detail
		if e.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.FormatInt(e.RetryAfter, 10))
		}
	}
	var fields *auth.FieldsError
	if errors.As(err, &fields) {
		for _, f := range fields.Fields {
			if wire, other := wireNames[f.Field]; other {
				f.Field = wire
			}
			out.Errors = append(out.Errors, fieldError{f.Field, f.Code, f.Detail})
		}
	}
	switch out.Status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", strings.Join(host.Allowed(s.mux, r), ", "))
	}
	out.Type, out.Title = "urn:hallpass:problem:"+out.Code, http.StatusText(out.Status)
	host.WriteJSON(w, out.Status, out)
}
