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

// PrincipalFrom returns who the request acts as. It finds that behind a middleware of Handler.
func PrincipalFrom(ctx context.Context) (*auth.Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(*auth.Principal)
	return p, ok
}

// Target says which object a request to a route of the host is about.
type Target func(r *http.Request) scopes.Target

// Resource is the resource of a kind whose id is a value of the path pattern. If the kind can
// be shared, its owner and its shares count. If not, nobody knows its owner, and only a scope
// without a filter, or one that is filtered to the resource, covers it.
func Resource(kind, pathValue string) Target {
	return func(r *http.Request) scopes.Target { return scopes.Target{Kind: kind, ID: r.PathValue(pathValue)} }
}

// Everything is the Target of a route about no single object. Only a scope without a filter
// covers it.
func Everything() Target { return func(*http.Request) scopes.Target { return scopes.Target{} } }

// Require lets a request through if its principal holds the scope for the target. It answers
// others as the API does: 401, 403, or 404 if the scope is held but its filter does not cover
// the target. Require panics for a scope that the model does not have, because no request could
// ever pass.
func (h *Handler) Require(scope string, target Target, next http.Handler) http.Handler {
	id, ok := h.accounts.Schema().ID(scope)
	if !ok {
		panic(fmt.Sprintf("httpadapter: Require: unknown scope %q", scope))
	}
	need := []string{scope} // made once, not for each request
	return h.guard(next, func(p *auth.Principal, r *http.Request) error {
		verdict, err := h.decide(r, p, id, target(r))
		if err != nil {
			return err
		}
		return auth.Denied(p, verdict, need...)
	})
}

// decide decides for a route of the host: by roles, and if the target can be shared, also by
// its owner and its shares.
func (h *Handler) decide(r *http.Request, p *auth.Principal, id scopes.ID, t scopes.Target) (scopes.Verdict, error) {
	v := p.Subject().Decide(id, t)
	if v == scopes.Allowed || h.shares == nil || t.ID == "" || !h.shares.HasKind(t.Kind) {
		return v, nil
	}
	return h.shares.Decide(r.Context(), p, h.accounts.Schema().Name(id), auth.ResourceRef{Kind: t.Kind, ID: t.ID})
}

// RequireUser lets a request through if a user makes it with a credential that has no limits of
// its own. API tokens and sessions that were narrowed do only what their scopes allow, and
// Require is the one to ask about that. Here they get 403 session_required.
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

// Optional lets everybody through. Without a credential there is no principal, or the guest if
// the settings allow guests. A bad credential gets 401.
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

// Authenticate returns who a request acts as, for frameworks whose middleware has another form.
// If it returns false, it has written the answer.
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

// WithPrincipal returns a context in which PrincipalFrom finds p. It is for middleware of other
// frameworks around Authenticate, and for tests of handlers.
func WithPrincipal(ctx context.Context, p *auth.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}
