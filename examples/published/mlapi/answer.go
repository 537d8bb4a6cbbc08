package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// takenError is the answer that an account is there already. It names the account only to
// those who may see it.
type takenError struct {
	host.Failure
	userID auth.UserID
}

// errorJSON is the body of every error. The published service puts its text in one of the first
// three members; the code is new and stays while texts may change.
type errorJSON struct {
	Message string      `json:"message,omitempty"`
	Error   string      `json:"error,omitempty"`  // of /predict without a credential
	Detail  any         `json:"detail,omitempty"` // wrong values, or an unknown path
	UserID  auth.UserID `json:"user_id,omitempty"`
	Code    string      `json:"code"`
}

// fail answers with an error.
func (s *service) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, body := s.explain(w, r, err)
	switch {
	case status == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
		if r.URL.Path == "/predict" {
			body.Message, body.Error = "", "Unauthorized"
		}
	case status == http.StatusMethodNotAllowed:
		w.Header().Set("Allow", s.Allowed(r))
	}
	host.WriteJSON(w, status, body)
}

// explain finds the answer to an error.
func (s *service) explain(w http.ResponseWriter, r *http.Request, err error) (int, errorJSON) {
	var own *host.Failure
	var taken *takenError
	var bad host.BadInput
	var fields *auth.FieldsError
	switch {
	case err == host.ErrNoRoute || err == host.ErrNoMethod:
		own = err.(*host.Failure)
		return own.Status, errorJSON{Detail: own.Detail, Code: own.Code}
	case errors.As(err, &taken):
		return taken.Status, errorJSON{Message: taken.Detail, UserID: taken.userID, Code: taken.Code}
	case errors.As(err, &bad):
		return http.StatusUnprocessableEntity, errorJSON{Detail: bad, Code: "invalid_input"}
	case errors.As(err, &fields) && !fields.Forbidden:
		for _, f := range fields.Fields {
			bad.Add(f.Code, "body", f.Field, f.Detail)
		}
		return http.StatusUnprocessableEntity, errorJSON{Detail: bad, Code: "invalid_input"}
	}
	e := host.Explained(s.hp, w, withoutSecret(r), err)
	if e.Code == "bad_credentials" {
		e.Detail = "Invalid credentials"
	}
	return e.Status, errorJSON{Message: e.Detail, Code: e.Code}
}

// withoutSecret is the request for the log. The path may hold a token, which must not be
// logged.
func withoutSecret(r *http.Request) *http.Request {
	if !strings.HasPrefix(r.URL.Path, "/token_status/") {
		return r
	}
	r = r.Clone(r.Context())
	r.URL.Path, r.URL.RawPath = "/token_status/…", ""
	return r
}
