package httpadapter_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// callers are the statuses that a route answers with, by who calls. The user in the path is
// bob, somebody else, except in the column self.
type callers struct {
	body   string
	nobody int // no credential
	plain  int // a user without rights beyond their own
	self   int // the same, with themselves in the path
	narrow int // an admin's token that is narrowed to list:users
	admin  int
	lead   int // a manager of bob's group, whose rights over users and groups are filtered to it
}

// everybody is a route that does not look at credentials.
func everybody(status int, body string) callers {
	return callers{body, status, status, status, status, status, status}
}

// accessTable says who may call each route, as seen from outside: it is compared with real
// answers. A route without a line fails the test.
var accessTable = map[string]callers{
	"GET /policy":                everybody(200, ""),
	"POST /setup":                everybody(409, `{"token":"x","username":"eve","password":"`+pass+`"}`),
	"GET /whoami":                {"", 401, 200, 200, 200, 200, 200},
	"GET /scopes":                {"", 401, 200, 200, 200, 200, 200},
	"GET /settings":              {"", 401, 403, 403, 403, 200, 403},
	"PATCH /settings":            {`{"site_name":"x"}`, 401, 403, 403, 403, 200, 403},
	"GET /audit":                 {"", 401, 403, 403, 403, 200, 403},
	"GET /.well-known/jwks.json": everybody(200, ""),
	"GET /.well-known/oauth-authorization-server": everybody(200, ""),
	// only managers leave the password out
	"POST /users":                           {`{"username":"newcomer"}`, 422, 422, 422, 422, 201, 422},
	"GET /users":                            {"", 401, 403, 403, 200, 200, 200},
	"GET /users/{user}":                     {"", 401, 404, 200, 403, 200, 200},
	"PATCH /users/{user}":                   {`{"name":"x"}`, 401, 404, 200, 403, 200, 200},
	"DELETE /users/{user}":                  {"", 401, 404, 204, 403, 204, 204},
	"PUT /users/{user}/roles/{role}":        {"", 401, 403, 403, 403, 204, 204},
	"DELETE /users/{user}/roles/{role}":     {"", 401, 403, 403, 403, 204, 204},
	"POST /users/{user}/role-claims/{role}": {"x", 401, 404, 200, 403, 200, 404}, // of a role that is held
	"GET /users/{user}/export":              {"", 401, 404, 200, 403, 200, 200},
	"POST /users/{user}/password": {
		`{"current":"` + pass + `","new":"another horse 43 staple"}`, 401, 404, 204, 403, 403, 403,
	},
	"GET /users/{user}/logins":                {"", 401, 404, 200, 403, 200, 200},
	"GET /users/{user}/logins/{login}":        {"", 401, 404, 200, 403, 200, 200},
	"GET /logins":                             {"", 401, 403, 403, 403, 200, 403},
	"GET /logins/{login}":                     {"", 401, 404, 200, 403, 200, 200},
	"GET /users/{user}/sessions":              {"", 401, 404, 200, 403, 200, 200},
	"DELETE /users/{user}/sessions":           {"", 401, 404, 204, 403, 204, 204},
	"DELETE /users/{user}/sessions/{session}": {"", 401, 404, 204, 403, 204, 204},
	"POST /sessions":                          everybody(201, `{"login":"ada","password":"`+pass+`"}`),
	"DELETE /sessions/current":                {"", 401, 204, 204, 204, 204, 204},
	"POST /sessions/current/reauth":           {`{"password":"` + pass + `"}`, 401, 204, 204, 204, 204, 204},
	"POST /sessions/current/token":            {"", 401, 403, 403, 403, 403, 403}, // for cookies only
	"POST /token": everybody(
		200, `{"grant_type":"password","username":"ada","password":"`+pass+`"}`,
	),
	"POST /token/revoke":     everybody(200, `{"token":"x"}`),
	"POST /token/introspect": {`{"token":"x"}`, 401, 403, 403, 403, 200, 403},
	"POST /check":            {`{"scope":"users"}`, 401, 200, 200, 200, 200, 200},
	"POST /explain":          {`{"scope":"users"}`, 401, 200, 200, 403, 200, 200},
	"GET /roles":             {"", 401, 403, 403, 403, 200, 403},
	// of a role that is built in
	"PUT /roles/{role}":                         {`{"scopes":[]}`, 401, 403, 403, 403, 409, 403},
	"DELETE /roles/{role}":                      {"", 401, 403, 403, 403, 409, 403},
	"GET /groups":                               {"", 401, 403, 403, 403, 200, 200},
	"POST /groups":                              {`{"name":"new"}`, 401, 403, 403, 403, 201, 403},
	"GET /groups/{group}":                       {"", 401, 403, 403, 403, 200, 200},
	"PATCH /groups/{group}":                     {`{"name":"new"}`, 401, 403, 403, 403, 200, 200},
	"DELETE /groups/{group}":                    {"", 401, 403, 403, 403, 204, 204},
	"PUT /groups/{group}/members/{user}":        {"", 401, 403, 403, 403, 204, 204},
	"DELETE /groups/{group}/members/{user}":     {"", 401, 403, 403, 403, 204, 204},
	"PUT /groups/{group}/roles/{role}":          {"", 401, 403, 403, 403, 204, 204},
	"DELETE /groups/{group}/roles/{role}":       {"", 401, 403, 403, 403, 204, 204},
	"GET /services":                             {"", 401, 403, 403, 403, 200, 403},
	"POST /services":                            {`{"name":"new"}`, 401, 403, 403, 403, 201, 403},
	"GET /services/{service}":                   {"", 401, 403, 403, 403, 200, 403},
	"PATCH /services/{service}":                 {`{"name":"new"}`, 401, 403, 403, 403, 200, 403},
	"DELETE /services/{service}":                {"", 401, 403, 403, 403, 204, 403},
	"PUT /services/{service}/roles/{role}":      {"", 401, 403, 403, 403, 204, 403},
	"DELETE /services/{service}/roles/{role}":   {"", 401, 403, 403, 403, 204, 403},
	"GET /services/{service}/tokens":            {"", 401, 403, 403, 403, 200, 403},
	"POST /services/{service}/tokens":           {`{"name":"x","scopes":[]}`, 401, 403, 403, 403, 201, 403},
	"DELETE /services/{service}/tokens":         {"", 401, 403, 403, 403, 204, 403},
	"DELETE /services/{service}/tokens/{token}": {"", 401, 403, 403, 403, 204, 403},
	"GET /users/{user}/tokens":                  {"", 401, 404, 200, 403, 200, 200},
	"POST /users/{user}/tokens":                 {`{"name":"x","scopes":[]}`, 401, 404, 201, 403, 201, 201},
	"DELETE /users/{user}/tokens":               {"", 401, 404, 204, 403, 204, 204},
	"DELETE /users/{user}/tokens/{token}":       {"", 401, 404, 204, 403, 204, 204},
	"GET /openapi.json":                         everybody(200, ""),
	"GET /redoc":                                everybody(200, ""),
	"GET /redocs":                               everybody(200, ""),
	"GET /link":                                 everybody(200, ""),
	"POST /email-codes":                         everybody(202, `{"email":"ada@example.org","purpose":"sign_in"}`),
	"POST /email-codes/{flow}/resend":           everybody(401, `{"flow_secret":"x"}`),
	"POST /users/me/email":                      {`{"email":"new@example.org"}`, 401, 202, 202, 403, 202, 202},
	"POST /email-verifications":                 everybody(401, `{"token":"x"}`),
	"POST /password-resets":                     everybody(401, `{"token":"x","password":"`+pass+`"}`),
	"POST /users/{user}/password-reset":         {"", 401, 403, 403, 403, 409, 409}, // nobody here has an address
	"GET /invitations":                          {"", 401, 403, 403, 403, 200, 403},
	"POST /invitations":                         {`{"email":"new@example.org"}`, 401, 403, 403, 403, 201, 403},
	"DELETE /invitations/{invitation}":          {"", 401, 403, 403, 403, 404, 403},
	"POST /invitations/preview":                 everybody(404, `{"token":"x"}`),
	"POST /invitations/accept":                  everybody(404, `{"token":"x"}`),
	"POST /device/authorize":                    everybody(200, `{"client_name":"cli"}`),
	"POST /device/lookup":                       {`{"user_code":"BCDF-GHJK"}`, 401, 404, 404, 404, 404, 404},
	"POST /device/approve": {
		`{"user_code":"BCDF-GHJK","decision":"allow"}`, 401, 404, 404, 404, 404, 404,
	},

	"GET /people":                        {"", 401, 200, 200, 200, 200, 200},
	"GET /resources":                     {"", 401, 200, 200, 403, 200, 200}, // of a kind
	"PUT /resources/{kind}/{id}":         {"", 401, 409, 200, 403, 409, 409},
	"GET /resources/{kind}/{id}":         {"", 401, 404, 200, 403, 200, 404},
	"DELETE /resources/{kind}/{id}":      {"", 401, 404, 204, 403, 204, 404},
	"GET /resources/{kind}/{id}/shares":  {"", 401, 404, 200, 403, 200, 404},
	"POST /resources/{kind}/{id}/shares": {`{"username":"dan"}`, 401, 404, 201, 403, 201, 404},
	// without saying which
	"DELETE /resources/{kind}/{id}/shares":                       {"", 401, 404, 400, 403, 400, 404},
	"PATCH /resources/{kind}/{id}/shares/{share}":                {`{"expires_in":60}`, 401, 404, 200, 403, 200, 404},
	"DELETE /resources/{kind}/{id}/shares/{share}":               {"", 401, 404, 204, 403, 204, 404},
	"GET /resources/{kind}/{id}/share-codes":                     {"", 401, 404, 200, 403, 200, 404},
	"POST /resources/{kind}/{id}/share-codes":                    {"", 401, 404, 201, 403, 201, 404},
	"DELETE /resources/{kind}/{id}/share-codes":                  {"", 401, 404, 400, 403, 400, 404},
	"DELETE /resources/{kind}/{id}/share-codes/{code_id}":        {"", 401, 404, 204, 403, 204, 404},
	"GET /resources/{kind}/{id}/share-codes/{code_id}/exchanges": {"", 401, 404, 200, 403, 200, 404},
	"POST /share-codes/preview":                                  {`{"code":"x"}`, 401, 404, 404, 404, 404, 404},
	"POST /share-codes/accept":                                   {`{"code":"x"}`, 401, 404, 404, 404, 404, 404},
	"POST /share-codes/revoke":                                   {`{"code":"x"}`, 401, 404, 404, 404, 404, 404},
	"GET /users/{user}/shared":                                   {"", 401, 404, 200, 403, 200, 404},
	"DELETE /users/{user}/shared/{share}":                        {"", 401, 404, 204, 403, 204, 404},
	"GET /users/{user}/given":                                    {"", 401, 404, 200, 403, 200, 404},
	"GET /groups/{group}/shared":                                 {"", 401, 403, 403, 403, 200, 403},
	"DELETE /groups/{group}/shared/{share}":                      {"", 401, 403, 403, 403, 204, 403},
}

// cacheable are the routes whose answers are the same for everybody.
var cacheable = []string{"/.well-known/jwks.json", "/openapi.json", "/redoc", "/redocs"}

func TestEveryRouteSaysWhoMayCall(t *testing.T) {
	t.Parallel()
	var there []string
	for _, rt := range routesOf(t) {
		method, path := rt[0], strings.TrimPrefix(rt[1], "/auth")
		there = append(there, method+" "+path)
		row, ok := accessTable[method+" "+path]
		if !ok {
			t.Errorf("%s %s has no line in the access table", method, path)
			continue
		}
		t.Run(method+" "+path, func(t *testing.T) {
			t.Parallel()
			for who, want := range map[string]int{
				"nobody": row.nobody, "plain": row.plain, "self": row.self, "narrow": row.narrow, "admin": row.admin,
				"lead": row.lead,
			} {
				a := callAs(t, who, method, path, row.body)
				if a.status != want {
					t.Errorf("%s: got %d %s, want %d", who, a.status, a.body, want)
				}
				store := "no-store"
				if slices.Contains(cacheable, path) {
					store = "public, max-age=300"
				}
				if a.header.Get("Cache-Control") != store || a.header.Get("X-Content-Type-Options") != "nosniff" {
					t.Errorf("%s: headers %v", who, a.header)
				}
			}
		})
	}
	for name := range accessTable {
		if !slices.Contains(there, name) {
			t.Errorf("%s is in the access table and not in the API", name)
		}
	}
}

// callAs calls a route in a world of its own, since many change it.
func callAs(t *testing.T, who, method, path, body string) answer {
	t.Helper()
	w := setup(t, func(c *auth.Config, _ *httpadapter.Config) { c.Mailer = mail.NewMemory() })
	w.user("root1", "admin")
	ada, bob := w.user("ada"), w.user("bob")
	root, _ := w.token("root1")
	narrow, _ := w.token("root1", "list:users")
	plain, _ := w.token("ada")
	w.token("bob")
	group := w.aGroup(bob.ID)
	w.lead("cal", group)
	lead, _ := w.token("cal")
	target, name := bob, string(bob.ID)
	if who == "self" {
		target, name = ada, "me"
	}
	owner := auth.Holder{User: target.ID}
	service := ""
	if strings.Contains(path, "{service}") {
		service = w.aService()
		owner = auth.Holder{Service: auth.ServiceID(service)}
	}
	if strings.Contains(path, "{token}") {
		path = strings.ReplaceAll(path, "{token}", w.aToken(owner))
	}
	path = w.fillSharing(path, target, group)
	path = strings.NewReplacer("{user}", name, "{group}", group, "{service}", service, "{role}", "user", "{login}",
		w.aLogin(target.ID), "{session}", w.aSession(target.ID),
		"{flow}", string(target.ID), "{invitation}", string(target.ID)).Replace(path)
	var edit []with
	if token := map[string]string{
		"plain": plain, "self": plain, "narrow": narrow, "admin": root, "lead": lead,
	}[who]; token != "" {
		edit = append(edit, bearer(token))
	}
	return w.do(method, "/auth"+path, body, edit...)
}

func (w *world) aLogin(id auth.UserID) string {
	w.t.Helper()
	list, err := w.accounts.History.Logins(w.t.Context(), w.accounts.Operator("test"), id, auth.LoginFilter{})
	if err != nil || len(list.Items) == 0 {
		w.t.Fatal(err, list)
	}
	return string(list.Items[0].ID)
}

func (w *world) aSession(id auth.UserID) string {
	w.t.Helper()
	list, err := w.accounts.Sessions.List(w.t.Context(), w.accounts.Operator("test"), id, auth.PageQuery{})
	if err != nil || len(list.Items) == 0 {
		w.t.Fatal(err, list)
	}
	return string(list.Items[0].ID)
}

// aGroup is a group with one member.
func (w *world) aGroup(id auth.UserID) string {
	w.t.Helper()
	op := w.accounts.Operator("test")
	g, err := w.accounts.Groups.Create(w.t.Context(), op, auth.GroupInput{Name: "team"})
	if err == nil {
		err = w.accounts.Groups.AddMember(w.t.Context(), op, "team", id)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return string(g.ID)
}

// lead makes a user who manages a group and its members.
func (w *world) lead(name, group string) {
	w.t.Helper()
	op := w.accounts.Operator("test")
	var list []string
	for _, s := range []string{"users", "delete:users", "read:logins", "sessions", "tokens", "groups"} {
		list = append(list, s+"!group="+group)
	}
	if _, _, err := w.accounts.Roles.Put(w.t.Context(), op, "lead", auth.RoleInput{Scopes: list}); err != nil {
		w.t.Fatal(err)
	}
	w.user(name, "lead")
}

func (w *world) aService() string {
	w.t.Helper()
	v, err := w.accounts.Services.Create(w.t.Context(), w.accounts.Operator("test"), auth.ServiceInput{Name: "bot"})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(v.ID)
}

func (w *world) aToken(o auth.Holder) string {
	w.t.Helper()
	v, _, err := w.accounts.APITokens.Create(
		w.t.Context(), w.accounts.Operator("test"), o, auth.APITokenInput{Name: "x"},
	)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(v.ID)
}
