package main

import (
	"errors"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

var (
	errNoRoute  = host.NewFailure(http.StatusNotFound, "not_found", "There is no such path.")
	errNoMethod = host.NewFailure(
		http.StatusMethodNotAllowed, "method_not_allowed", "The path does not take this method.",
	)
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

// wireNames maps fields of the accounts to members of this API where the names differ.
var wireNames = map[string]string{"roles": "role", "new": "password", "current": "current_password",
	"attributes": "institution", "site_name": "name", "default_roles": "default_role"}

// fail answers with an error.
func (s *service) fail(w http.ResponseWriter, r *http.Request, err error) {
	e := host.Explained(s.hp, w, r, err)
	out := problem{
		Type: "urn:hallpass:problem:" + e.Code, Title: http.StatusText(e.Status), Status: e.Status, Code: e.Code,
		Detail: e.Detail,
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
		w.Header().Set("Allow", s.Allowed(r))
	}
	host.WriteJSON(w, out.Status, out)
}
