package httpadapter

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

type principalKey struct{}

// PrincipalFrom returns who the request acts as, behind a middleware of Handler.
func PrincipalFrom(ctx context.Context) (*auth.Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(*auth.Principal)
	return p, ok
}

// Target says what a request to a route of the host is about.
type Target func(r *http.Request) scopes.Target

// Resource is the resource of a kind whose id is a value of the path pattern. Of a kind that
// can be shared its owner and its shares count; of another its owner is not known, and a scope
// covers it without a filter or with a filter on the resource itself.
func Resource(kind, pathValue string) Target {
	return func(r *http.Request) scopes.Target { return scopes.Target{Kind: kind, ID: r.PathValue(pathValue)} }
}

// Everything is no resource in particular: only a scope without a filter covers it.
func Everything() Target { return func(*http.Request) scopes.Target { return scopes.Target{} } }

// Require lets requests through that hold the scope for the target, and answers the others with
// the problems of the API: 401, 403, or 404 where a filter misses. It panics for a scope that
// the service does not know, since no request could ever pass.
func (h *Handler) Require(scope string, target Target, next http.Handler) http.Handler {
	id, ok := h.accounts.Schema().ID(scope)
	if !ok {
		panic(fmt.Sprintf("httpadapter: Require: unknown scope %q", scope))
	}
	need := []string{scope} // once, and not for each request
	return h.guard(next, func(p *auth.Principal, r *http.Request) error {
		verdict, err := h.decide(r, p, id, target(r))
		if err != nil {
			return err
		}
		return auth.Denied(p, verdict, need...)
	})
}

// decide is the decision for a route of the host: by roles, and where the target is a resource
// that can be shared, by owning it and by shares.
func (h *Handler) decide(r *http.Request, p *auth.Principal, id scopes.ID, t scopes.Target) (scopes.Verdict, error) {
	v := p.Subject().Decide(id, t)
	if v == scopes.Allowed || h.shares == nil || t.ID == "" || !h.shares.HasKind(t.Kind) {
		return v, nil
	}
	v, err := h.shares.Decide(r.Context(), p, h.accounts.Schema().Name(id), auth.ResourceRef{Kind: t.Kind, ID: t.ID})
	return v, err
}

// RequireUser lets every signed-in user through whose credential has no limits of its own. An
// API token, and a session that was narrowed, allow only what their scopes say, which is for
// Require to ask: here they are answered with 403 session_required.
func (h *Handler) RequireUser(next http.Handler) http.Handler {
	return h.guard(next, func(p *auth.Principal, _ *http.Request) error {
		switch {
		case p.Kind != auth.PrincipalUser:
			return auth.ErrUnauthenticated
		case p.Subject().Ceiling != nil:
			return auth.ErrSessionRequired
		}
		return nil
	})
}

// Optional lets everybody through. A request without a credential has no principal, or the
// guest where the settings allow guests; one with a bad credential is answered with 401.
func (h *Handler) Optional(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := h.principal(r)
		if errors.Is(err, auth.ErrUnauthenticated) {
			next.ServeHTTP(w, r)
			return
		}
		if err != nil {
			h.problem(w, r, err)
			return
		}
		next.ServeHTTP(w, withPrincipal(r, p))
	})
}

// Authenticate says who a request acts as, for frameworks with middleware of another form. If
// it answers false, it has written the answer.
func (h *Handler) Authenticate(w http.ResponseWriter, r *http.Request) (*auth.Principal, bool) {
	p, err := h.principal(r)
	if err != nil {
		h.problem(w, r, err)
		return nil, false
	}
	return p, true
}

func (h *Handler) guard(next http.Handler, check func(*auth.Principal, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := h.principal(r)
		if err == nil {
			err = check(p, r)
		}
		if err != nil {
			h.problem(w, r, err)
			return
		}
		next.ServeHTTP(w, withPrincipal(r, p))
	})
}

func withPrincipal(r *http.Request, p *auth.Principal) *http.Request {
	return r.WithContext(WithPrincipal(r.Context(), p))
}

// WithPrincipal puts a principal where PrincipalFrom finds it: for middleware of other
// frameworks around Authenticate, and for tests of handlers.
func WithPrincipal(ctx context.Context, p *auth.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}
