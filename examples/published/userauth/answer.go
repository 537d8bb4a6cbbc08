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
	errNoRoute  = &failure{http.StatusNotFound, "not_found", "Not Found"}
	errMethod   = &failure{http.StatusMethodNotAllowed, "method_not_allowed", "Method Not Allowed"}
	errReadOnly = &failure{
		http.StatusMethodNotAllowed, "read_only", "Only username or role attributes may be modified.",
	}
	errTooLarge      = &failure{http.StatusRequestEntityTooLarge, "too_large", "The body is larger than 64 KiB."}
	errUnreadable    = &failure{http.StatusBadRequest, "unreadable", "The body can't be read."}
	errNotSignedIn   = &failure{http.StatusUnauthorized, "unauthenticated", "Not authenticated"}
	errTwoCredential = &failure{http.StatusBadRequest, "two_credentials", "The request has two Authorization headers."}
)

// words are those of the published service where it has some for what a code says.
var words = map[string]string{
	"token_invalid":   "Could not validate credentials",
	"token_expired":   "Could not validate credentials",
	"bad_credentials": "Incorrect username or password.",
	"username_taken":  "Username already exist in the server.",
	"email_taken":     "Email already exist in the server.",
	"not_found":       "Resources do not exist or you are not authorized to access them.",
	"evidence_type":   "A photo is image/jpeg or image/png.",
	"too_large":       "A photo has at most 5 MiB.",
	"no_verifier":     "Nobody judges photos here.",
	"verifier_failed": "The photo can't be judged now.",
}

// errorJSON is the body of every error: the detail of the published service, and a code that
// stays while words may change.
type errorJSON struct {
	Detail any    `json:"detail"`
	Code   string `json:"code"`
}

// fail answers with an error.
func (s *service) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, body := s.explain(w, r, err)
	switch {
	case status == http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case status == http.StatusMethodNotAllowed: // for a path, or for what a document asks of it
		w.Header().Set("Allow", strings.Join(host.Allowed(s.mux, r), ", "))
	}
	host.WriteJSON(w, status, body)
}

// explain finds the answer to an error. What neither this program nor the library knows is in
// the log, and a bare 500 outside.
func (s *service) explain(w http.ResponseWriter, r *http.Request, err error) (int, errorJSON) {
	var own *failure
	var bad badInput
	var refused *auth.ClaimError
	switch {
	case errors.As(err, &own):
		return own.status, errorJSON{own.detail, own.code}
	case errors.As(err, &bad):
		return http.StatusUnprocessableEntity, errorJSON{bad, "invalid_input"}
	}
	e := s.hp.Explain(r, err)
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(e.RetryAfter, 10))
	}
	switch text, known := words[e.Code]; {
	case errors.As(err, &refused) && refused.Reason != "":
		e.Detail = refused.Reason
	case known:
		e.Detail = text
	}
	return e.Status, errorJSON{e.Detail, e.Code}
}
