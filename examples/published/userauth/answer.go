package main

import (
	"errors"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

var (
	errReadOnly = host.NewFailure(
		http.StatusMethodNotAllowed, "read_only", "Only username or role attributes may be modified.",
	)
	errNotSignedIn = host.NewFailure(http.StatusUnauthorized, "unauthenticated", "Not authenticated")
)

// words maps codes to the texts of the published service.
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

// errorJSON is the body of every error. The detail is that of the published service; the code
// is new and stays while texts may change.
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
	case status == http.StatusMethodNotAllowed: // of a route, or of errReadOnly
		w.Header().Set("Allow", s.Allowed(r))
	}
	host.WriteJSON(w, status, body)
}

// explain finds the answer to an error.
func (s *service) explain(w http.ResponseWriter, r *http.Request, err error) (int, errorJSON) {
	var own *host.Failure
	var bad host.BadInput
	var refused *auth.ClaimError
	switch {
	case errors.As(err, &own):
		return own.Status, errorJSON{own.Detail, own.Code}
	case errors.As(err, &bad):
		return http.StatusUnprocessableEntity, errorJSON{bad, "invalid_input"}
	}
	e := host.Explained(s.hp, w, r, err)
	switch text, known := words[e.Code]; {
	case errors.As(err, &refused) && refused.Reason != "":
		e.Detail = refused.Reason
	case known:
		e.Detail = text
	}
	return e.Status, errorJSON{e.Detail, e.Code}
}
