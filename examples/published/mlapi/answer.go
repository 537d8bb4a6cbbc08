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
	status        int
	code, message string
	userID        auth.UserID
}

// Error implements error.
func (f *failure) Error() string { return f.message }

var (
	errNoRoute = &failure{status: http.StatusNotFound, code: "not_found", message: "Not Found"}
	errMethod  = &failure{
		status: http.StatusMethodNotAllowed, code: "method_not_allowed", message: "Method Not Allowed",
	}
	errBadJSON = &failure{status: http.StatusBadRequest, code: "bad_json",
		message: "The body is one JSON object that names each of its members once."}
	errMediaType = &failure{status: http.StatusUnsupportedMediaType, code: "unsupported_media_type",
		message: "The body is application/json."}
	errTooLarge = &failure{
		status: http.StatusRequestEntityTooLarge, code: "too_large", message: "The body is larger than 64 KiB.",
	}
	errUnreadable    = &failure{status: http.StatusBadRequest, code: "unreadable", message: "The body can't be read."}
	errTwoCredential = &failure{
		status: http.StatusBadRequest, code: "two_credentials", message: "The request has two Authorization headers.",
	}
)

// errorJSON is the body of every error: the member that the published service has in its place,
// and a code that stays while words may change.
type errorJSON struct {
	Message string      `json:"message,omitempty"`
	Error   string      `json:"error,omitempty"`  // of what /predict says to who is nobody
	Detail  any         `json:"detail,omitempty"` // what is wrong with values, and of what no route says
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
		w.Header().Set("Allow", strings.Join(host.Allowed(s.mux, r), ", "))
	}
	host.WriteJSON(w, status, body)
}

// explain finds the answer to an error. What neither this program nor the library knows is in
// the log, and a bare 500 outside.
func (s *service) explain(w http.ResponseWriter, r *http.Request, err error) (int, errorJSON) {
	var own *failure
	var bad badInput
	var fields *auth.FieldsError
	switch {
	case err == errNoRoute || err == errMethod:
		own = err.(*failure)
		return own.status, errorJSON{Detail: own.message, Code: own.code}
	case errors.As(err, &own):
		return own.status, errorJSON{Message: own.message, UserID: own.userID, Code: own.code}
	case errors.As(err, &bad):
		return http.StatusUnprocessableEntity, errorJSON{Detail: bad, Code: "invalid_input"}
	case errors.As(err, &fields) && !fields.Forbidden:
		for _, f := range fields.Fields {
			bad = append(bad, item{Type: f.Code, Loc: []string{"body", f.Field}, Msg: f.Detail})
		}
		return http.StatusUnprocessableEntity, errorJSON{Detail: bad, Code: "invalid_input"}
	}
	e := s.hp.Explain(withoutSecret(r), err)
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(e.RetryAfter, 10))
	}
	if e.Code == "bad_credentials" {
		e.Detail = "Invalid credentials"
	}
	return e.Status, errorJSON{Message: e.Detail, Code: e.Code}
}

// withoutSecret is the request as the log may know it: there may be a token in its path.
func withoutSecret(r *http.Request) *http.Request {
	if !strings.HasPrefix(r.URL.Path, "/token_status/") {
		return r
	}
	r = r.Clone(r.Context())
	r.URL.Path, r.URL.RawPath = "/token_status/…", ""
	return r
}
