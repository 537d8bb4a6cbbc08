package httpadapter_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// NUL and control characters end at the edge, as field errors: SQLite and PostgreSQL fail on
// some of them.
func TestSec_ID05_ControlCharactersEndAtTheEdge(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("root1", "admin")
	bob := w.user("bob")
	root, _ := w.token("root1")
	target := "/auth/users/" + string(bob.ID)
	for _, bad := range []string{`\u0000`, `x\u0000y`, `\u0001`, `x\u001f`, `\u007f`, `x\r\ny`} {
		for _, field := range []string{"username", "email", "name", "external_id"} {
			w.want(w.do("PATCH", target, `{"`+field+`":"`+bad+`"}`, bearer(root)), 422, "invalid_input")
		}
		w.want(w.do("PATCH", "/auth/settings", `{"site_name":"`+bad+`"}`, bearer(root)), 422, "invalid_input")
	}
	for _, doc := range []string{`{"a":"\u0000"}`, `{"\u0000":1}`, `{"a":[{"b":"x\u0000"}]}`} {
		w.want(w.do("PATCH", target, `{"attributes":`+doc+`}`, bearer(root)), 422, "invalid_input")
		w.want(w.do(
			"POST", "/auth/users", `{"username":"eve","password":"`+pass+`","attributes":`+doc+`}`,
		), 422, "invalid_input")
	}
	for _, query := range []string{"/audit?actor=", "/audit?target=", "/audit?action=", "/users?q=", "/users?role=",
		"/users?external_id=", "/users?status="} {
		for _, bad := range []string{"%00", "a%00b", "%01", "%ff", "%0a", "%c2%85"} {
			w.want(w.do("GET", "/auth"+query+bad, "", bearer(root)), 422, "invalid_input")
		}
		w.want(w.do("GET", "/auth"+query+url.QueryEscape(""), "", bearer(root)), 200, "")
	}
	w.want(w.do("GET", "/auth/users?cursor=%00", "", bearer(root)), 400, "bad_cursor")
}

// Who may not make an account learns nothing of the fields.
func TestClosedSignUpComesBeforeFields(t *testing.T) {
	t.Parallel()
	w := setup(t, func(c *auth.Config, _ *httpadapter.Config) { c.Settings.SignUp = policy.SignUpClosed })
	w.user("root1", "admin")
	w.user("ada")
	root, _ := w.token("root1")
	ada, _ := w.token("ada")
	for _, body := range []string{
		`{"nope":1}`, `{"username":7}`, `{"username":"a b"}`, `{"username":"ada","password":"` + pass + `"}`,
	} {
		w.want(w.do("POST", "/auth/users", body), 403, "signup_closed")
		w.want(w.do("POST", "/auth/users", body, bearer(ada)), 403, "signup_closed")
	}
	w.want(w.do("POST", "/auth/users", `{"nope":1}`, bearer(root)), 422, "invalid_input")
	w.want(w.do("POST", "/auth/users", `{"nope":`), 400, "bad_json")
}

// A guest is nobody: where guests may not go, that is told before anything about the request.
func TestGuestsAreToldFirst(t *testing.T) {
	t.Parallel()
	w := setup(t, func(c *auth.Config, _ *httpadapter.Config) { c.Settings.AllowGuests = true })
	text := func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }
	w.want(w.do("PATCH", "/auth/settings", "{", text), 401, "unauthenticated")
	w.want(w.do("PATCH", "/auth/users/me", "{", text), 401, "unauthenticated")
	w.want(w.do("POST", "/auth/sessions/current/reauth", "{", text), 401, "unauthenticated")
	w.want(w.do("GET", "/auth/scopes", ""), 401, "unauthenticated")
	a := w.do("GET", "/auth/whoami", "")
	w.want(a, 200, "")
	if a.get(t, "kind") != "guest" || strings.Contains(a.body, `"user"`) {
		t.Errorf("whoami of a guest: %s", a.body)
	}
}

func TestLoginsOfOneUserByQuery(t *testing.T) {
	t.Parallel()
	w := setup(t)
	bob := w.user("bob")
	w.user("ada")
	ada, _ := w.token("ada")
	w.want(w.do("GET", "/auth/logins?user=me&limit=0", "", bearer(ada)), 422, "invalid_input")
	w.want(w.do("GET", "/auth/logins?user="+string(bob.ID)+"&limit=0", "", bearer(ada)), 404, "not_found")
	w.want(w.do("GET", "/auth/logins?limit=0", "", bearer(ada)), 403, "insufficient_scope")
}

// RFC 6749 section 3.2: what a client sends beyond what we read, or without a value, does not
// matter.
func TestFormsMayHoldMore(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	form := func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
	good := "grant_type=password&username=ada&password=tiny+horse+42+staple"
	for body, want := range map[string]int{
		good: 200, good + "&client_secret=x&resource=y": 200, good + "&scope=&client_id=": 200,
		good + "&password=x": 400, good + "&client_secret=a&client_secret=b": 400, "grant_type=": 400,
		good + "&client_id=%00": 400, good + "&x=%zz": 400,
	} {
		a := w.do("POST", "/auth/token", body, form)
		if a.status != want || want == 400 && a.get(t, "error") != "invalid_request" {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	w.want(w.do("POST", "/auth/users", "username=eve&password=x", form), 415, "unsupported_media_type")
	a := w.do("POST", "/auth/token", `{"grant_type":"password","username":"ada","password":"`+pass+`","nope":1}`)
	if a.status != 400 || a.get(t, "error_description") != "nope: unknown_field" {
		t.Errorf("JSON: %d %s", a.status, a.body)
	}
}

// A number that a reader can't hold would break every list that shows it.
func TestNumbersBeyondReadersAreRefused(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	ada, _ := w.token("ada")
	for number, want := range map[string]int{"1e400": 400, "-1e9999999": 400, strings.Repeat("9", 400): 400,
		"1e308": 200, "1e-400": 200, "12345678901234567890": 200} {
		if a := w.do("PATCH", "/auth/users/me", `{"attributes":{"a":[`+number+`]}}`, bearer(ada)); a.status != want {
			t.Errorf("%.20s: %d %s", number, a.status, a.body)
		}
	}
}

// No browser adds a bearer token by itself, so the origin rule has nothing to guard; a cookie,
// dead or alive, is another matter.
func TestOriginRuleOfSignUpAndSignIn(t *testing.T) {
	t.Parallel()
	w := setup(t, func(_ *auth.Config, c *httpadapter.Config) { c.StrictOrigin = true })
	w.user("root1", "admin")
	root, _ := w.token("root1")
	cross := []with{header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://elsewhere.example")}
	w.want(w.do("POST", "/auth/users", `{"username":"eve"}`, append(cross, bearer(root))...), 201, "")
	w.want(w.do("POST", "/auth/users", `{"username":"eva","password":"`+pass+`"}`, cross...), 403, "cross_origin")
	ended := cookie(&http.Cookie{Name: "__Host-hp_session", Value: "ended"})
	for path, body := range map[string]string{
		"/auth/sessions": `{"login":"root1","password":"` + pass + `"}`,
		"/auth/users":    `{"username":"eva","password":"` + pass + `"}`,
	} {
		w.want(w.do("POST", path, body, ended), 403, "cross_origin")
		w.want(w.do("POST", path, body, ended, header("Sec-Fetch-Site", "same-origin")), 201, "")
	}
}

func TestRefusalsBehindTheMiddleware(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.mux.Handle("/page", w.hp.RequireUser(http.NotFoundHandler()))
	a := w.do("GET", "/page", "")
	w.want(a, 401, "unauthenticated")
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Type": "application/problem+json",
		"WWW-Authenticate": `Bearer realm="hallpass"`,
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestConfigIsCheckedAndCopied(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for name, c := range map[string]httpadapter.Config{
		"slash at the end": {Prefix: "/auth/"}, "no slash": {Prefix: "auth"}, "wildcard": {Prefix: "/{x}"},
		"unclean": {Prefix: "/a/../b"},
		"origin":  {TrustedOrigins: []string{"admin.example"}}, "path": {TrustedOrigins: []string{"https://admin.example/x"}}, "star": {TrustedOrigins: []string{"*"}},
		"proxy": {TrustedProxies: []netip.Prefix{{}}},
	} {
		if _, err := httpadapter.New(w.accounts, httpadapter.Rooms{}, c); err == nil {
			t.Errorf("%s: %+v is accepted", name, c)
		}
	}
	if _, err := httpadapter.New(nil, httpadapter.Rooms{}, httpadapter.Config{}); err == nil {
		t.Error("no service is accepted")
	}
	origins := []string{"https://admin.example"}
	hp, err := httpadapter.New(
		w.accounts, httpadapter.Rooms{}, httpadapter.Config{Prefix: "/auth", TrustedOrigins: origins},
	)
	if err != nil {
		t.Fatal(err)
	}
	origins[0] = "https://evil.example"
	if a := w.send(
		hp, "GET", "/auth/policy", "", header("Origin", origins[0]),
	); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("the configuration changed from outside")
	}
}
