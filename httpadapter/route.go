package httpadapter

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// route is one line of the table that the mux, the access checks, the OpenAPI document and the
// tests are made from.
type route struct {
	method, path string
	access       access
	summary      string
	query        []param
	status       int
	form         bool // also takes application/x-www-form-urlencoded
	oauth        bool // answers errors as RFC 6749 section 5.2
	signIn       bool // changes who the browser is signed in as, so the origin rule holds without a cookie too
	raw          bool // writes its own answer
	codes        []string
	also         map[int]reflect.Type // other statuses of success, with the types of their answers
	handler
}

// handler is the work of a route, with the types of its body and its answer. They are nil if
// there is none.
type handler struct {
	in, out reflect.Type
	serve   func(c *call, body []byte) (any, error)
}

// param is a query parameter.
type param struct{ name, kind, about string }

// access says who may call a route. It is not the guard: the service that the route calls
// decides for itself, so a mistake here opens nothing. It is there for three things. The
// documents are made from it. A guest who may not call gets 401 before anything else. And a
// caller who may not call is told that, and not what is wrong with the fields of the request.
// TestEveryRouteSaysWhoMayCall proves that it agrees with the services.
type access struct {
	kind   accessKind
	action auth.Action // the action, for kindScope
	user   bool        // the target is the user in the path
	group  bool        // the target is the group in the path
	svc    bool        // the service in the path must exist
	list   bool        // the answer leaves out what the caller's filters do not reach
	shares string      // the target is the resource in the path: shares or read:shares
	asked  bool        // the target is the user in the query, if there is one
	self   bool        // the target is the caller
}

type accessKind uint8

const (
	kindUndeclared accessKind = iota
	kindPublic                // nobody looks at the credential
	kindSignUp                // whoever may make an account; a credential may allow more
	kindAny                   // any credential, or a guest where guests are allowed
	kindSignedIn              // any credential
	kindScope                 // a scope on the target
)

var (
	public   = access{kind: kindPublic}
	signUp   = access{kind: kindSignUp}
	anybody  = access{kind: kindAny}
	signedIn = access{kind: kindSignedIn}
)

// needs is an action on everything.
func needs(a auth.Action) access { return access{kind: kindScope, action: a} }

// onUser is an action on the user in the path.
func onUser(a auth.Action) access { return access{kind: kindScope, action: a, user: true} }

// onGroup is an action on the group in the path.
func onGroup(a auth.Action) access { return access{kind: kindScope, action: a, group: true} }

// onResource is about the shares of the resource in the path.
func onResource(scope string) access { return access{kind: kindScope, shares: scope} }

// onService is an action on everything, in a route with a service in the path.
func onService(a auth.Action) access { return access{kind: kindScope, action: a, svc: true} }

// lists is an action on everything. Callers whose filters reach only a part see only that part.
func lists(a auth.Action) access { return access{kind: kindScope, action: a, list: true} }

// onAsked is an action on the user in the query, or on everything if the query names nobody.
func onAsked(a auth.Action) access { return access{kind: kindScope, action: a, asked: true} }

// onSelf is an action on the caller.
func onSelf(a auth.Action) access { return access{kind: kindScope, action: a, self: true} }

// open reports whether a call without a credential may succeed.
func (a access) open() bool { return a.kind == kindPublic || a.kind == kindSignUp }

// String tells people who may call.
func (a access) String() string {
	switch {
	case a.kind == kindPublic:
		return "public"
	case a.kind == kindSignUp:
		return "public; a credential may allow more"
	case a.kind == kindAny:
		return "any credential, or a guest"
	case a.kind == kindSignedIn:
		return "any credential"
	default:
		return "scope " + strings.Join(a.scopes(), " or ")
	}
}

// scopes returns the scopes of which any one is enough.
func (a access) scopes() []string {
	if a.shares != "" {
		return []string{a.shares}
	}
	return a.action.Scopes()
}

// check returns nil if the caller may call, and otherwise the error that the service would
// return.
func (a access) check(c *call) error {
	switch {
	case a.kind == kindSignedIn && c.p.Kind == auth.PrincipalGuest:
		return auth.ErrUnauthenticated
	case a.kind == kindSignUp:
		return c.h.accounts.AuthorizeSignUp(c.r.Context(), c.p)
	case a.kind != kindScope:
		return nil
	case a.shares != "":
		return c.h.shares.Authorize(c.r.Context(), c.p, c.ref(), a.shares)
	case a.list:
		return c.h.accounts.AuthorizeList(c.p, a.action)
	case a.group:
		return c.h.accounts.Groups.Authorize(c.r.Context(), c.p, a.action, c.r.PathValue("group"))
	case a.svc:
		_, err := c.h.accounts.Services.ServiceAccount(c.r.Context(), c.p, c.r.PathValue("service"))
		return err
	case a.user:
		return c.h.accounts.AuthorizeUser(c.r.Context(), c.p, a.action, c.user())
	case a.self:
		return c.h.accounts.AuthorizeUser(c.r.Context(), c.p, a.action, c.p.User.ID)
	case a.asked && c.asked() != "":
		return c.h.accounts.AuthorizeUser(c.r.Context(), c.p, a.action, c.asked())
	}
	return c.h.accounts.Authorize(c.p, a.action, scopes.Target{})
}

// checkRoutes finds routes that do not declare their access, and other mistakes in the table.
func checkRoutes(list []route) error {
	seen := map[string]bool{}
	for _, rt := range list {
		name := rt.method + " " + rt.path
		if rt.access.kind == kindUndeclared || rt.access.kind == kindScope && rt.access.scopes() == nil {
			return fmt.Errorf("route %s: access is not declared", name)
		}
		if rt.handler.serve == nil || rt.status == 0 || rt.summary == "" || seen[name] {
			return fmt.Errorf("route %s: incomplete, or declared twice", name)
		}
		seen[name] = true
	}
	return nil
}

// call is one request on its way to a service.
type call struct {
	h *Handler
	w http.ResponseWriter
	r *http.Request
	p *auth.Principal // nil for nobody

	status int // of the answer, if it differs from the route's
}

// user returns the user that the path names.
func (c *call) user() auth.UserID { return c.p.Resolve(c.r.PathValue("user")) }

// role returns the role that the path names, by name or id.
func (c *call) role() auth.RoleID { return auth.RoleID(c.r.PathValue("role")) }

// asked returns the user that the query names, or "".
func (c *call) asked() auth.UserID { return c.p.Resolve(c.r.URL.Query().Get("user")) }

// none is the body or the answer of a route that has none.
type none struct{}

// on makes the handler of a route from a function that calls one service method. It decodes and
// encodes, and keeps the order of checks.
func on[In, Out any](f func(c *call, in In) (Out, error)) handler {
	hd := handler{in: typeOf[In](), out: typeOf[Out]()}
	hd.serve = func(c *call, body []byte) (any, error) {
		var in In
		var fields auth.FieldsError
		if hd.in != nil {
			fill(&fields, "", body, reflect.ValueOf(&in).Elem())
		}
		if err := fields.Err(); err != nil {
			return nil, err
		}
		return f(c, in)
	}
	return hd
}

// answers sets the type of the usual answer, for a handler that returns different types.
func answers[T any](hd handler) handler {
	hd.out = typeOf[T]()
	return hd
}

func typeOf[T any]() reflect.Type {
	t := reflect.TypeFor[T]()
	if t == reflect.TypeFor[none]() {
		return nil
	}
	return t
}
