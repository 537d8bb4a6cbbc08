package httpadapter_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/httpadapter"
)

// routeOf is what this test reads of the golden document: every route of the table.
func routesOf(t *testing.T) (out [][2]string) {
	t.Helper()
	doc, err := os.ReadFile("testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatal(err)
	}
	for path, methods := range v.Paths {
		for method := range methods {
			out = append(out, [2]string{strings.ToUpper(method), path})
		}
	}
	if len(out) < 30 {
		t.Fatalf("only %d routes", len(out))
	}
	return out
}

func fillPath(path, with string) string {
	for _, name := range []string{
		"{user}", "{login}", "{session}", "{role}", "{flow}", "{invitation}", "{kind}", "{id}", "{share}", "{code_id}",
	} {
		path = strings.ReplaceAll(path, name, with)
	}
	return path
}

var hostileBodies = []string{
	"", "{", "}", "null", "[]", `"x"`, "1", "{}{}", "{} x", `{"a":1,"a":2}`, `{"login":"a","login":"b"}`, "\xff",
	`{"a":"` + "\xff" + `"}`,
	strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), strings.Repeat("[", 10_000), `{"\u0000":1}`,
	`{"username":"a\u0000b","password":"x"}`,

	`{"username":1,"password":[],"login":{},"email":true,"name":null,"attributes":"x","roles":{},"token":1e999,"grant_type":[1]}`,
	`{"username":"` + strings.Repeat("a", 60_000) + `"}`, `{"site_name":"` + "a\\u0001" + `"}`, `{"session":{"idle":1e30}}`, `{"session":{"idle":9223372036854775807}}`,
	`{"session":{"idle":-9223372036854775808}}`, `{"session":null,"password":null}`, `{"password":{"min":1.5}}`, `{"password":{"min":-1,"max":0}}`,
	`{"retention":{"logins":"x","foo":1}}`, `{"domains":["*","a b","<"]}`, `{"sign_in_methods":["magic"]}`, `{"status":"gone"}`, `{"roles":["a","b","\u0000"]}`,
	`{"login":"'; DROP TABLE hallpass_users; --","password":"x"}`, `{"login":"` + strings.Repeat("\u0301", 5000) + `","password":"` + strings.Repeat("\u0301", 5000) + `"}`,
	`{"attributes":{"\u0000":"\ud800"}}`, `{"attributes":{"a":` + strings.Repeat("[", 14) + strings.Repeat("]", 14) + `}}`, `{"grant_type":"password","username":"\u0000","password":"\u0000"}`,
	`{"grant_type":"refresh_token","refresh_token":"hp_ref_` + strings.Repeat("z", 49) + `"}`, `{"external_id":"\u202e","email":"a@b\r\nBcc: c@d"}`, `{"new":"\u0000","current":"\u0000"}`,
}

var hostilePaths = []string{
	"me", "x", "%00", "..", "%2e%2e", "%2F", "a%2Fb", "%ff", "'--", "%27%20OR%201=1", strings.Repeat("a", 5000), "0190d5c0-7a3e-7c1e-8000-00000000000g",
	"{user}", "00000000-0000-0000-0000-000000000000", "%F0%9F%A6%84", "me%20", "ME", "admin",
}

var hostileQueries = []string{
	"limit=0", "limit=-1", "limit=201", "limit=x", "limit=99999999999999999999", "cursor=x", "cursor=%00", "cursor=' OR 1=1", "q=%00", "q=%ff", "q=%25", "status=x",
	"role=%00", "since=x", "since=0000-00-00T00:00:00Z", "until=9999-12-31T23:59:59Z", "since=-0001-01-01T00:00:00Z", "user=%00", "user=x", "outcome=%00", "method=x", "all=x",
	"external_id=%00", "actor=%00", "target=%ff", "action=%00", "q=" + strings.Repeat("a", 5000), ";;;&&&===", "%zz", "group=x",
}

// No wrong, malformed, huge or hostile input gives a 500 or a panic, and none of it leaves a
// trace.
func TestHostileInput(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("root1", "admin")
	root, _ := w.token("root1")
	before := w.do("GET", "/auth/users", "", bearer(root)).body
	audit := w.do("GET", "/auth/audit", "", bearer(root)).body
	try := func(method, path, body string, edit ...with) {
		if method == "DELETE" && strings.Contains(path, "/sessions") {
			return // ends the session that the rest needs
		}
		a := w.send(w.hp, method, path, body, append([]with{bearer(root)}, edit...)...)
		if a.status >= 500 && a.status != 501 {
			t.Errorf("%s %.80s %.80q: %d %s", method, path, body, a.status, a.body)
		}
		if a.status >= 400 && !strings.Contains(a.header.Get("Content-Type"), "json") && method != "HEAD" {
			t.Errorf("%s %.80s: %d as %s", method, path, a.status, a.header.Get("Content-Type"))
		}
		if a.status >= 300 && a.status < 400 {
			t.Errorf("%s %.80s: redirect", method, path)
		}
	}
	for _, rt := range routesOf(t) {
		for _, body := range hostileBodies {
			for _, kind := range []string{"application/json", "application/x-www-form-urlencoded", "text/plain", ""} {
				if body == "" && rt[0] != "GET" || strings.Contains(rt[1], "/sessions/current") ||
					strings.HasSuffix(rt[1], "/revoke") {
					continue
				}
				path := fillPath(rt[1], "0190d5c0-7a3e-7c1e-8000-000000000001")
				try(rt[0], path, body, func(r *http.Request) { r.Header.Set("Content-Type", kind) })
			}
		}
		for _, p := range hostilePaths {
			if p != "me" && strings.Contains(rt[1], "{") {
				try(rt[0], fillPath(rt[1], p), `{}`)
			}
		}
		for _, q := range hostileQueries {
			if rt[0] == "GET" {
				try(rt[0], fillPath(rt[1], "me")+"?"+strings.ReplaceAll(q, " ", "%20"), "")
			}
		}
	}
	if after := w.do("GET", "/auth/users", "", bearer(root)).body; after != before {
		t.Errorf("users before: %s\nafter: %s", before, after)
	}
	if after := w.do("GET", "/auth/audit", "", bearer(root)).body; after != audit {
		t.Errorf("audit after: %s", after)
	}
}

func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	ada, _ := w.token("ada")
	for path, want := range map[string]int{
		"/auth//policy": 404, "/auth/./policy": 404, "/auth/../auth/policy": 404, "/auth/policy/": 404, "/auth/policy%00": 404, "/auth/nothing": 404,
		"/auth/users//sessions": 404, "/auth/users/a%2fb": 404, "/auth": 404, "/auth/": 404, "/auth/policy": 200, "/auth/%70olicy": 200,
	} {
		if a := w.send(w.hp, "GET", path, "", bearer(ada)); a.status != want {
			t.Errorf("GET %s: %d %s", path, a.status, a.body)
		}
	}
	w.want(w.do("PUT", "/auth/policy", ""), 405, "method_not_allowed")
	if allow := w.do("PUT", "/auth/policy", "").header.Get("Allow"); allow != "GET" {
		t.Errorf("Allow: %s", allow)
	}
	w.want(w.do("POST", "/auth/settings", ""), 401, "unauthenticated")
	a := w.do("POST", "/auth/settings", "", bearer(ada))
	w.want(a, 405, "method_not_allowed")
	if a.header.Get("Allow") != "GET, PATCH" {
		t.Errorf("Allow: %s", a.header.Get("Allow"))
	}
	if a := w.do("HEAD", "/auth/policy", ""); a.status != 200 {
		t.Errorf("HEAD: %d", a.status)
	}
	root := setup(t, func(_ *authConfig, c *httpadapter.Config) { c.Prefix = "/" })
	if a := root.send(root.hp, "GET", "/policy", ""); a.status != 200 {
		t.Errorf("at the root: %d", a.status)
	}
}

// The order of checks: 401, then 415, 413 and 400, then 403 and 404, then 422, then 409.
func TestOrderOfChecks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("root1", "admin")
	ada := w.user("ada")
	bob := w.user("bob")
	root, _ := w.token("root1")
	token, _ := w.token("ada")
	text := func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }
	unknown := "/auth/users/0190d5c0-7a3e-7c1e-8000-000000000001"
	for _, c := range []struct {
		method, path, body string
		edit               []with
		status             int
		code               string
	}{
		{"PATCH", "/auth/settings", "{", []with{text}, 401, "unauthenticated"},
		{"PATCH", "/auth/settings", "{", []with{text, bearer(token)}, 415, "unsupported_media_type"},
		{"PATCH", "/auth/settings", `{"a":"` + strings.Repeat("x", 70_000) + `"}`, []with{bearer(token)}, 413, "too_large"},
		{"PATCH", "/auth/settings", "{", []with{bearer(token)}, 400, "bad_json"},
		{"PATCH", "/auth/settings", `{"nope":1}`, []with{bearer(token)}, 403, "insufficient_scope"},
		{"PATCH", "/auth/settings", `{"nope":1,"session":{"idle":"x","nope":1}}`, []with{bearer(root)}, 422, "invalid_input"},
		{"PATCH", "/auth/users/" + string(bob.ID), `{"nope":1}`, []with{bearer(token)}, 404, "not_found"},
		{"PATCH", unknown, `{"nope":1}`, []with{bearer(root)}, 404, "not_found"},
		{"PATCH", unknown, `{"username":"a b"}`, []with{bearer(root)}, 404, "not_found"},
		{"PATCH", "/auth/users/" + string(ada.ID), `{"username":"bob","name":7}`, []with{bearer(token)}, 422, "invalid_input"},
		{"PATCH", "/auth/users/" + string(ada.ID), `{"username":"bob"}`, []with{bearer(token)}, 409, "username_taken"},
		{"POST", "/auth/users", `{"username":"bob","password":"short"}`, nil, 422, "invalid_input"},
		{"POST", "/auth/users", `{"username":"bob","password":"` + pass + `","status":"active"}`, nil, 422, "invalid_input"},
		{"POST", "/auth/users", `{"username":"carl","password":"` + pass + `","roles":["admin"]}`, nil, 403, "field_forbidden"},
		{"POST", "/auth/users", `{"username":"carl","password":"` + pass + `"}`, []with{bearer(root)}, 403, "field_forbidden"},
		{"POST", "/auth/users", `{"username":"carl","password":"` + pass + `"}`, []with{bearer("x")}, 401, "token_invalid"},
		{"POST", "/auth/sessions/current/token", "anything", []with{bearer(token)}, 403, "session_required"},
	} {
		a := w.do(c.method, c.path, c.body, c.edit...)
		if a.status != c.status || a.code(t) != c.code {
			t.Errorf("%s %s %.40q: got %d %s, want %d %s", c.method, c.path, c.body, a.status, a.body, c.status, c.code)
		}
	}
}
