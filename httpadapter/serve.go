package httpadapter

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
)

// serve takes one request through the checks in the order that the contract promises:
// credential, form of the request, right to ask, fields; the rest is the service's.
func (h *Handler) serve(w http.ResponseWriter, r *http.Request, rt *route) {
	fail := func(err error) {
		if rt.oauth {
			h.oauthError(w, r, err)
			return
		}
		h.problem(w, r, err)
	}
	c := &call{h: h, w: w, r: r}
	// The body is read first, though what is wrong with it is told later: it may take its time,
	// and who calls has the rights of the end of that.
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

// identify finds out who calls, and whether a cookie says so. Who can be nobody, and may not
// be, is told before anything else.
func (c *call) identify(rt *route) (cookie bool, err error) {
	if rt.access.kind == kindPublic {
		return false, nil
	}
	who, err := c.h.credential(c.r)
	if rt.access.kind == kindSignUp && (errors.Is(err, auth.ErrUnauthenticated) ||
		errors.Is(err, auth.ErrTokenInvalid) && who.cookie) {
		who, err = presented{}, nil // a cookie that has ended says nothing against a sign-up
	}
	c.p = who.p
	if err == nil && !rt.access.open() && c.p.Kind == auth.PrincipalGuest && errors.Is(
		rt.access.check(c), auth.ErrUnauthenticated,
	) {
		err = auth.ErrUnauthenticated
	}
	return who.cookie, err
}

// bearer tells whether the caller sent a credential that no browser adds by itself.
func (c *call) bearer() bool {
	return c.p != nil && (c.p.Credential == auth.CredentialAccessToken || c.p.Credential == auth.CredentialAPIToken)
}

// writeJSON writes an answer; nothing but the status for 204 and for routes without one.
func writeJSON(w http.ResponseWriter, status int, out any) {
	if _, nothing := out.(none); nothing || out == nil {
		w.WriteHeader(status)
		return
	}
	doc, err := json.Marshal(out)
	if err != nil { // types of ours always encode
		http.Error(w, "{}", http.StatusInternalServerError)
		return
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(doc, '\n')) // a client that is gone
}
