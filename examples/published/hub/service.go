package main

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/httpadapter"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
)

// service is the hub. It is safe for concurrent use.
type service struct {
	db       host.Database
	accounts *auth.Service
	shares   *sharing.Service
	servers  servers
	hp       *httpadapter.Handler // finds client addresses and explains errors
	operator *auth.Principal      // looks names up; never used to decide
	schema   *scopes.Schema
	base     string // URL of the hub, without a slash at the end
	secure   bool   // cookies are sent over https only
	origins  *http.CrossOriginProtection
	routes   []route
	now      func() time.Time
}

func newService(
	db host.Database, accounts *auth.Service, table servers, now func() time.Time, log *slog.Logger,
) (*service, error) {
	s := &service{
		db: db, accounts: accounts, servers: table, operator: accounts.Operator("hub"), schema: accounts.Schema(),
		base:    accounts.BaseURL(),
		origins: http.NewCrossOriginProtection(), routes: routes(), now: now,
	}
	s.secure = strings.HasPrefix(s.base, "https://")
	var err error
	if s.shares, err = sharing.New(accounts, db.Sharing(), sharing.Config{Kinds: kinds(table), Now: now}); err != nil {
		return nil, err
	}
	s.hp, err = httpadapter.New(accounts, httpadapter.Rooms{Sharing: s.shares}, httpadapter.Config{Logger: log})
	return s, err
}

// call is one request.
type call struct {
	*service
	w     http.ResponseWriter
	r     *http.Request
	p     *auth.Principal   // nil on public routes
	xsrf  string            // proof of the session; empty without a cookie
	parts map[string]string // of the path
	names *names
}

// reply is what an endpoint answers.
type reply struct {
	status int
	body   any
}

type endpoint func(c *call) (reply, error)

// route is one line of the route table.
type route struct {
	path    string
	methods map[string]endpoint
	public  bool          // takes requests without a credential
	refused endpoint      // answers other methods, before 405; may be nil
	page    func(c *call) // a page for people; replaces methods
}

const api = "/hub/api"

func routes() []route {
	get := func(h endpoint) map[string]endpoint { return map[string]endpoint{http.MethodGet: h} }
	return []route{
		{path: api + "/user", methods: get(whoami)},
		{path: api + "/users", methods: map[string]endpoint{http.MethodGet: listUsers, http.MethodPost: createUsers}},
		{path: api + "/users/{user}", methods: map[string]endpoint{
			http.MethodGet: readUser, http.MethodPost: createUser, http.MethodDelete: deleteUser,
		}},
		{path: api + "/users/{user}/server", methods: map[string]endpoint{
			http.MethodPost: startServer, http.MethodDelete: stopServer,
		}},
		{path: api + "/users/{user}/servers/{server}", methods: map[string]endpoint{
			http.MethodPost: startServer, http.MethodDelete: stopServer,
		}},
		{path: api + "/users/{user}/tokens", public: true, methods: map[string]endpoint{
			http.MethodGet: signedIn(listTokens), http.MethodPost: createToken,
		}},
		{path: api + "/users/{user}/tokens/{token}", methods: map[string]endpoint{
			http.MethodGet: readToken, http.MethodDelete: deleteToken,
		}},
		{path: api + "/users/{user}/shared", methods: get(listReceived)},
		{path: api + "/users/{user}/shared/{owner}/{server}", methods: map[string]endpoint{
			http.MethodGet: readReceived, http.MethodDelete: dropReceived,
		}},
		{path: api + "/groups", methods: get(listGroups)},
		{path: api + "/groups/{group}", methods: map[string]endpoint{
			http.MethodGet: readGroup, http.MethodPost: createGroup, http.MethodDelete: deleteGroup,
		}},
		{path: api + "/groups/{group}/users", methods: map[string]endpoint{
			http.MethodPost: addMembers, http.MethodDelete: removeMembers,
		}},
		{path: api + "/groups/{group}/shared", methods: get(listReceived)},
		{path: api + "/groups/{group}/shared/{owner}/{server}", methods: map[string]endpoint{
			http.MethodGet: readReceived, http.MethodDelete: dropReceived,
		}},
		{path: api + "/shares/{owner}", methods: get(allServers((*call).answerShares)), refused: mayShare},
		{path: api + "/shares/{owner}/{server}", methods: map[string]endpoint{
			http.MethodGet: oneServer((*call).answerShares), http.MethodPost: createShare,
			http.MethodPatch:  patchShares,
			http.MethodDelete: deleteShares}},
		{path: api + "/share-codes/{owner}", methods: get(allServers((*call).answerCodes)), refused: mayShare},
		{path: api + "/share-codes/{owner}/{server}", methods: map[string]endpoint{
			http.MethodGet: oneServer((*call).answerCodes), http.MethodPost: createCode,
			http.MethodDelete: deleteCodes}},
		{path: "/hub/accept-share", page: acceptPage},
		{path: "/hub/login", page: loginPage},
		{path: "/hub/logout", page: logoutPage},
		{path: "/hub/home", page: homePage},
		{path: "/user/{owner}/{rest...}", page: serverPage},
	}
}

// match finds the values in a path. Each is decoded on its own, so a name may contain a slash.
// Only the name of a server may be empty.
func (rt route) match(path string) (map[string]string, bool) {
	want, got := strings.Split(rt.path, "/"), strings.Split(path, "/")
	parts := map[string]string{}
	for i, w := range want {
		if i >= len(got) {
			return nil, false
		}
		name, isPart := strings.CutPrefix(strings.TrimSuffix(w, "}"), "{")
		if rest, all := strings.CutSuffix(name, "..."); isPart && all {
			parts[rest] = strings.Join(got[i:], "/")
			return parts, true
		}
		text, err := url.PathUnescape(got[i])
		if err != nil || !isPart && text != w || isPart && text == "" && name != "server" {
			return nil, false
		}
		if isPart {
			parts[name] = text
		}
	}
	return parts, len(want) == len(got)
}

// ServeHTTP implements http.Handler.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // the URL may contain a code
	c := &call{service: s, w: w, r: r}
	c.names = newNames(c)
	for _, rt := range s.routes {
		parts, ok := rt.match(r.URL.EscapedPath())
		if !ok {
			continue
		}
		c.parts = parts
		if rt.page != nil {
			rt.page(c)
			return
		}
		out, err := c.serve(rt)
		if err != nil {
			c.fail(err)
			return
		}
		writeJSON(w, out.status, out.body)
		return
	}
	c.fail(&failure{http.StatusNotFound, "Not Found"})
}

// serve answers a request to the API.
func (c *call) serve(rt route) (reply, error) {
	if c.r.Method == http.MethodOptions {
		return reply{http.StatusOK, nil}, nil
	}
	if err := c.authenticate(); err != nil && !(rt.public && errors.Is(err, auth.ErrUnauthenticated)) {
		return reply{}, err
	}
	h, ok := rt.methods[c.r.Method]
	if !ok {
		if rt.refused != nil {
			if _, err := rt.refused(c); err != nil {
				return reply{}, err
			}
		}
		allow := []string{http.MethodOptions}
		for m := range rt.methods {
			allow = append(allow, m)
		}
		c.w.Header().Set("Allow", strings.Join(allow, ", "))
		return reply{}, &failure{http.StatusMethodNotAllowed, "Method Not Allowed"}
	}
	return h(c)
}
