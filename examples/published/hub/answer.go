package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/sharing"
)

// failure is an error whose text is shown to the client.
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

// explain finds the answer to an error.
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
	e := host.Explained(c.hp, c.w, c.r, err)
	return &failure{e.Status, e.Detail}
}

// lacking finds the scopes that an error is about: those that the caller lacks, or those that
// the caller would give without holding them.
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

// refused reports whether an error says that the caller may not, or that there is no such
// thing.
func refused(err error) bool {
	need, over := lacking(err)
	var own *failure
	return need != nil || over != nil || errors.Is(err, auth.ErrNotFound) ||
		errors.As(err, &own) && own.status == http.StatusNotFound
}

// writeJSON writes an answer. An answer without a body is empty, and not null.
func writeJSON(w http.ResponseWriter, status int, body any) {
	if body != nil || status == http.StatusNoContent {
		host.WriteJSON(w, status, body)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
}

func ok(body any) (reply, error) { return reply{http.StatusOK, body}, nil }

func none(err error) (reply, error) { return reply{http.StatusNoContent, nil}, err }

// ctx returns the context of the request.
func (c *call) ctx() context.Context { return c.r.Context() }
