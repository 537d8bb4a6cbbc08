package httpadapter

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
)

// problem is an answer that is an error (RFC 9457).
type problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Code   string       `json:"code"`
	Detail string       `json:"detail"`
	Errors []fieldError `json:"errors,omitempty"`
	MaxAge int64        `json:"max_age,omitempty"` // of reauth_required, seconds
}

type fieldError struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// problem answers with what the table and the type of err say. An error that is not in the
// table goes to the log, and the client learns nothing of it.
func (h *Handler) problem(w http.ResponseWriter, r *http.Request, err error) {
	k := h.known(r, err)
	out := problem{
		Type: "urn:hallpass:problem:" + k.code, Title: http.StatusText(k.status), Status: k.status, Code: k.code,
		Detail: k.text,
	}
	var fields *auth.FieldsError
	var over *auth.CeilingError
	var stale *auth.ReauthError
	var refused *auth.ClaimError
	var origin *originError
	switch {
	case errors.As(err, &fields):
		for _, f := range fields.Fields {
			out.Errors = append(out.Errors, fieldError{f.Field, f.Code, f.Detail})
		}
	case errors.As(err, &over):
		for _, s := range over.Excess {
			out.Errors = append(out.Errors, fieldError{"scope", "above_ceiling", s})
		}
	case errors.As(err, &refused):
		if refused.Reason != "" {
			out.Detail = refused.Reason
		}
	case errors.As(err, &stale):
		out.MaxAge = int64(stale.MaxAge / time.Second)
	case errors.As(err, &origin):
		out.Detail = "The request comes from origin " + origin.seen + ", expected is " + origin.want + "."
	}
	setErrorHeaders(w, k, err)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff") // behind the middleware, nobody else sets it
	w.WriteHeader(k.status)
	doc, _ := json.Marshal(out) // plain strings and numbers
	_, _ = w.Write(append(doc, '\n'))
}

// Explanation is what clients are told about an error of the services.
type Explanation struct {
	Status     int
	Code       string // stable
	Detail     string // for people
	RetryAfter int64  // seconds; 0 unless Status is 429 or 503
}

// Explain returns what the API would answer to err. It is for routes of the host whose answers
// have another form. Errors that the API does not know, and other faults of our own, go to the
// log, and the explanation tells no more of them than the API would.
func (h *Handler) Explain(r *http.Request, err error) Explanation {
	k := h.known(r, err)
	out := Explanation{Status: k.status, Code: k.code, Detail: k.text}
	if k.status == http.StatusTooManyRequests || k.status == http.StatusServiceUnavailable {
		out.RetryAfter = retryAfter(err)
	}
	return out
}

// known does what lookUp does, and logs faults of our own. If the request is over, that is why
// it failed, and no fault.
func (h *Handler) known(r *http.Request, err error) known {
	k := lookUp(err)
	if end := r.Context().Err(); end != nil && k.status >= 500 {
		return lookUp(end)
	}
	// A flood of requests must not flood the log.
	if k.status >= 500 && k.status != http.StatusNotImplemented && !errors.Is(err, password.ErrBusy) {
		h.cfg.Logger.Error(
			"request failed", "method", r.Method, "path", r.URL.Path, "code", k.code, "error", err.Error(),
		)
	}
	return k
}

// setErrorHeaders sets WWW-Authenticate (RFC 6750 section 3) and Retry-After for the statuses
// that need them.
func setErrorHeaders(w http.ResponseWriter, k known, err error) {
	header := w.Header()
	switch k.status {
	case http.StatusUnauthorized:
		value := `Bearer realm="hallpass"`
		if k.code == "token_invalid" || k.code == "token_expired" {
			value += `, error="invalid_token", error_description="` + k.text + `"`
		}
		header.Set("WWW-Authenticate", value)
	case http.StatusForbidden:
		var lacks *auth.ScopeError
		if errors.As(err, &lacks) {
			header.Set("WWW-Authenticate", `Bearer realm="hallpass", error="insufficient_scope", scope="`+
				strings.Join(lacks.Need, " ")+`"`)
		}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		header.Set("Retry-After", strconv.FormatInt(retryAfter(err), 10))
	}
}

// retryAfter returns whole seconds, rounded up.
func retryAfter(err error) int64 {
	wait := time.Second
	var limit *auth.LimitError
	var busy *password.BusyError
	switch {
	case errors.As(err, &limit):
		wait = limit.RetryAfter
	case errors.As(err, &busy):
		wait = busy.RetryAfter
	}
	return max(1, int64((wait+time.Second-1)/time.Second))
}

// oauthError answers as RFC 6749 section 5.2 asks.
func (h *Handler) oauthError(w http.ResponseWriter, r *http.Request, err error) {
	k := h.known(r, err)
	status, code, text := http.StatusBadRequest, k.code, k.text
	switch {
	case k.status == http.StatusTooManyRequests || k.status >= 500:
		status = k.status
	case errors.Is(err, auth.ErrBadCredentials):
		code = "invalid_grant"
	case errors.Is(err, auth.ErrAccountDisabled), errors.Is(err, auth.ErrApprovalPending),
		errors.Is(err, auth.ErrEmailUnverified):
		code, text = "invalid_grant", k.code
	case errors.Is(err, auth.ErrMethodOff):
		code = "unauthorized_client"
	case errors.Is(err, errTooLarge), errors.Is(err, errMediaType), errors.Is(err, errOrigin):
		status = k.status
	case errors.Is(err, auth.ErrInvalidInput):
		code, text = "invalid_request", fieldNames(err)
	case errors.Is(err, errBadJSON):
		code = "invalid_request"
	}
	setErrorHeaders(w, known{status: status}, err)
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, status, struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}{code, text})
}

// fieldNames says which fields are wrong, with the characters that RFC 6749 allows.
func fieldNames(err error) string {
	var fields *auth.FieldsError
	if !errors.As(err, &fields) {
		return "invalid"
	}
	var names []string
	for _, f := range fields.Fields {
		names = append(names, f.Field+": "+f.Code)
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '?'
		}
		return r
	}, strings.Join(names, ", "))
}
