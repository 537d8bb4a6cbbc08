package host

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/hallpass-go/hallpass/httpadapter"
)

// Failure is an error that says how it is answered.
type Failure struct {
	Status       int
	Code, Detail string
}

// NewFailure makes a Failure.
func NewFailure(status int, code, detail string) *Failure { return &Failure{status, code, detail} }

// Error implements error.
func (f *Failure) Error() string { return f.Detail }

// The failures that more than one program has.
var (
	ErrNoRoute    = &Failure{http.StatusNotFound, "not_found", "Not Found"}
	ErrNoMethod   = &Failure{http.StatusMethodNotAllowed, "method_not_allowed", "Method Not Allowed"}
	ErrTooLarge   = &Failure{http.StatusRequestEntityTooLarge, "too_large", "The body is larger than 64 KiB."}
	ErrUnreadable = &Failure{http.StatusBadRequest, "unreadable", "The body can't be read."}
	ErrMediaType  = &Failure{
		http.StatusUnsupportedMediaType, "unsupported_media_type", "The body is application/json.",
	}
	ErrTwoCredentials = &Failure{http.StatusBadRequest, "two_credentials", "The request has two Authorization headers."}
	ErrBadJSON        = &Failure{
		http.StatusBadRequest, "bad_json", "The body is one JSON object that names each of its members once.",
	}
)

// Explained finds the answer to an error. An error that neither the program nor the library
// knows goes to the log, and its answer is a bare 500. Explained sets the header Retry-After
// where the client should wait.
func Explained(hp *httpadapter.Handler, w http.ResponseWriter, r *http.Request, err error) Failure {
	var own *Failure
	if errors.As(err, &own) {
		return *own
	}
	e := hp.Explain(r, err)
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(e.RetryAfter, 10))
	}
	return Failure{e.Status, e.Code, e.Detail}
}
