package httpadapter

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
)

// serve takes a request through the checks in the order that the contract promises: the
// credential, the form of the request, the right to ask, the fields. The service does the rest.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, rt *route) {
	fail := func(err error) {
		if rt.oauth {
			h.oauthError(w, r, err)
			return
		}
		h.problem(w, r, err)
	}
	c := &call{h: h, w: w, r: r}
	// The body is read first, although problems with it are told later. Reading may take time,
	// and the caller has the rights that they hold at its end.
	var body []byte
	var malformed error
	if rt.in != nil {
		body, malformed = readBody(w, r, rt)
	}
	cookie, err := c.identify(rt)
	if err == nil {
		err = malformed
	}
	if err != nil {
		fail(err)
		return
	}
	if cookie || rt.signIn && !c.bearer() {
		if err := h.checkOrigin(r, cookie || h.hasCookie(r)); err != nil {
			fail(err)
			return
		}
	}
	out, err := rt.handler.serve(c, body)
	if fields := (*auth.FieldsError)(nil); errors.As(err, &fields) && !fields.Forbidden {
		if denied := rt.access.check(c); denied != nil {
			err = denied
		}
	}
	switch {
	case err != nil:
		fail(err)
	case !rt.raw:
		writeJSON(w, cmp.Or(c.status, rt.status), out)
	}
}

// identify finds out who calls, and whether a cookie says so. If the route needs somebody and
// nobody calls, that is told before anything else.
func (c *call) identify(rt *route) (cookie bool, err error) {
	if rt.access.kind == kindPublic {
		return false, nil
	}
	who, err := c.h.credential(c.r)
	if rt.access.kind == kindSignUp && (errors.Is(err, auth.ErrUnauthenticated) ||
		errors.Is(err, auth.ErrTokenInvalid) && who.cookie) {
		who, err = presented{}, nil // an old cookie does not prevent a sign-up
	}
	c.p = who.p
	if err == nil && !rt.access.open() && c.p.Kind == auth.PrincipalGuest && errors.Is(
		rt.access.check(c), auth.ErrUnauthenticated,
	) {
		err = auth.ErrUnauthenticated
	}
	return who.cookie, err
}

// bearer reports whether the caller sent a credential that no browser adds on its own.
func (c *call) bearer() bool {
	return c.p != nil && (c.p.Credential == auth.CredentialAccessToken || c.p.Credential == auth.CredentialAPIToken)
}

// writeJSON writes an answer, or only the status if there is no answer.
func writeJSON(w http.ResponseWriter, status int, out any) {
	if _, nothing := out.(none); nothing || out == nil {
		w.WriteHeader(status)
		return
	}
	doc, err := json.Marshal(out)
	if err != nil { // our types always encode
		http.Error(w, "{}", http.StatusInternalServerError)
		return
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(doc, '\n')) // fails if the client is gone
}
