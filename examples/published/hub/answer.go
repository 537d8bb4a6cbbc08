package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// failure is an error that is told as it is.
type failure struct {
	status  int
	message string
}

// Error implements error.
func (f *failure) Error() string { return f.message }

var (
	errHidden = &failure{http.StatusNotFound, "No access to resources or resources not found"}
	errXSRF   = &failure{http.StatusForbidden, "XSRF cookie does not match, or '_xsrf' argument missing"}
	errLarge  = &failure{http.StatusRequestEntityTooLarge, "Body is larger than 64 KiB"}
	errJSON   = &failure{http.StatusBadRequest, "Invalid JSON in body of request"}
)

func bad(message string) error { return &failure{http.StatusBadRequest, message} }

// fail answers with an error in the words of JupyterHub.
func (c *call) fail(err error) {
	f := c.explain(err)
	if f.status == http.StatusUnauthorized {
		c.w.Header().Set("WWW-Authenticate", `Bearer realm="hub"`)
	}
	writeJSON(c.w, f.status, map[string]any{"status": f.status, "message": f.message})
}

// explain finds the answer to an error. What neither this program nor the library knows is in
// the log, and a bare 500 outside.
func (c *call) explain(err error) *failure {
	var own *failure
	var fields *auth.FieldsError
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, auth.ErrNotFound):
		return errHidden
	case errors.Is(err, sharing.ErrShareCodeInvalid):
		return &failure{http.StatusNotFound, "No matching code found"}
	case errors.As(err, &fields):
		return &failure{http.StatusBadRequest, fields.Fields[0].Field + ": " + fields.Fields[0].Detail}
	}
	if need, over := lacking(err); need != nil {
		return &failure{http.StatusForbidden, "Action is not authorized with current scopes; requires any of [" +
			strings.Join(need, ", ") + "]"}
	} else if over != nil {
		return &failure{http.StatusForbidden, "Do not have permission to grant " + strings.Join(
			c.names.show(c.r.Context(), over), ",",
		)}
	}
	e := c.hp.Explain(c.r, err)
	if e.RetryAfter > 0 {
		c.w.Header().Set("Retry-After", strconv.FormatInt(e.RetryAfter, 10))
	}
	return &failure{e.Status, e.Detail}
}

// lacking tells which scopes a caller lacks, or would give without holding them.
func lacking(err error) (need, over []string) {
	var lacks *auth.ScopeError
	var above *auth.CeilingError
	switch {
	case errors.As(err, &lacks):
		return lacks.Need, nil
	case errors.As(err, &above):
		return nil, above.Excess
	}
	return nil, nil
}

// refused tells errors that say that the caller may not, or that there is nothing.
func refused(err error) bool {
	need, over := lacking(err)
	var own *failure
	return need != nil || over != nil || errors.Is(err, auth.ErrNotFound) ||
		errors.As(err, &own) && own.status == http.StatusNotFound
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	if status != http.StatusNoContent {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body) // a client that is gone
	}
}

func ok(body any) (reply, error) { return reply{http.StatusOK, body}, nil }

func none(err error) (reply, error) { return reply{http.StatusNoContent, nil}, err }

// ctx is short for the context of the request.
func (c *call) ctx() context.Context { return c.r.Context() }
