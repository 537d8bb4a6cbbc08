package httpadapter_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/httpadapter"
)

func TestFromSetUpToDeletion(t *testing.T) {
	t.Parallel()
	w := setup(t)
	secret, err := w.accounts.SetUp.NewToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.want(
		w.do("POST", "/auth/setup", `{"token":"x","username":"root1","password":"`+pass+`"}`), 401, "bad_setup_token",
	)
	body := `{"token":"` + secret.Reveal() + `","username":"root1","password":"` + pass + `"}`
	w.want(w.do("POST", "/auth/setup", body), 201, "")
	w.want(w.do("POST", "/auth/setup", body), 409, "setup_done")
	admin, _ := w.token("root1")

	a := w.do("POST", "/auth/users", `{"username":"Ada","email":"Ada@example.org","password":"`+pass+
		`","name":"Ada L.","attributes":{"a":[1]}}`)
	w.want(a, 201, "")
	if got := a.get(t, "username"); got != "Ada" {
		t.Errorf("username %v", got)
	}
	for _, field := range []string{"external_id", "last_login_at"} {
		if v := a.get(t, field); v != nil || !strings.Contains(a.body, field) {
			t.Errorf("%s is %v in %s", field, v, a.body)
		}
	}
	id := a.get(t, "id").(string)
	w.want(w.do("POST", "/auth/users", `{"username":"ada","password":"`+pass+`"}`), 409, "username_taken")
	w.want(w.do(
		"POST", "/auth/users", `{"username":"ada2","email":"ada@EXAMPLE.org","password":"`+pass+`"}`,
	), 409, "email_taken")

	c := w.session("ada@example.org")
	a = w.do("GET", "/auth/whoami", "", cookie(c))
	w.want(a, 200, "")
	if a.get(t, "user.id") != id || a.get(t, "kind") != "user" || a.get(t, "session.current") != true {
		t.Errorf("whoami %s", a.body)
	}
	w.want(w.do("PATCH", "/auth/users/me", `{"name":"Countess","attributes":{}}`, cookie(c)), 200, "")
	w.want(w.do("PATCH", "/auth/users/me", `{"status":"active"}`, cookie(c)), 403, "field_forbidden")
	w.want(w.do("PATCH", "/auth/users/"+id, `{"external_id":"x1","email":null}`, bearer(admin)), 200, "")
	w.want(w.do("GET", "/auth/users?q=ad&role=user&status=active&external_id=x1&limit=1", "", bearer(admin)), 200, "")
	w.want(w.do("PUT", "/auth/users/"+id+"/roles/admin", "", bearer(admin)), 204, "")
	w.want(w.do("DELETE", "/auth/users/"+id+"/roles/admin", "", bearer(admin)), 204, "")
	w.want(w.do("DELETE", "/auth/users/"+id+"/roles/none", "", bearer(admin)), 404, "not_found")
	w.want(w.do("DELETE", "/auth/users/me", "", bearer(admin)), 409, "last_admin")

	a = w.do("GET", "/auth/users/me/logins?outcome=success", "", cookie(c))
	w.want(a, 200, "")
	login := a.get(t, "items").([]any)[0].(map[string]any)["id"].(string)
	w.want(w.do("GET", "/auth/users/me/logins/"+login, "", cookie(c)), 200, "")
	w.want(w.do("GET", "/auth/logins/"+login, "", cookie(c)), 200, "")
	w.want(w.do("GET", "/auth/logins?user=me", "", cookie(c)), 200, "")
	w.want(w.do("GET", "/auth/logins", "", cookie(c)), 403, "insufficient_scope")
	w.want(w.do("GET", "/auth/logins?since=2020-01-01T00:00:00Z", "", bearer(admin)), 200, "")

	a = w.do("POST", "/auth/sessions/current/token", "", cookie(c))
	w.want(a, 200, "")
	if strings.Contains(a.body, "refresh_token") {
		t.Errorf("a cookie session gave %s", a.body)
	}
	w.want(w.do("GET", "/auth/whoami", "", bearer(a.get(t, "access_token").(string))), 200, "")
	w.want(w.do(
		"POST", "/auth/users/me/password", `{"current":"wrong password","new":"`+pass+`!"}`, cookie(c),
	), 401, "bad_credentials")
	w.want(w.do("POST", "/auth/users/me/password", `{"current":"`+pass+`","new":"`+pass+`!"}`, cookie(c)), 204, "")
	w.want(w.do("GET", "/auth/users/me/sessions", "", cookie(c)), 200, "")
	w.want(w.do("DELETE", "/auth/users/me/sessions?all=perhaps", "", cookie(c)), 422, "invalid_input")
	w.want(w.do("DELETE", "/auth/users/me/sessions", "", cookie(c)), 204, "")
	w.want(w.do("DELETE", "/auth/sessions/current", "", cookie(c)), 204, "")
	w.want(w.do("GET", "/auth/whoami", "", cookie(c)), 401, "token_invalid")

	w.want(w.do("PATCH", "/auth/settings", `{"session":{"idle":3600},"site_name":"Notes"}`, bearer(admin)), 200, "")
	a = w.do("GET", "/auth/settings", "", bearer(admin))
	if a.get(t, "session.idle") != 3600.0 || a.get(t, "site_name") != "Notes" {
		t.Errorf("settings %s", a.body)
	}
	a = w.do("GET", "/auth/policy", "")
	if a.get(t, "password.min") != 8.0 || a.get(t, "signup") != "open" || a.get(t, "email_proof") != "off" ||
		strings.Contains(a.body, "domains") {
		t.Errorf("policy %s", a.body)
	}
	w.want(w.do("DELETE", "/auth/users/"+id, "", bearer(admin)), 204, "")
	w.want(w.do("GET", "/auth/users/"+id, "", bearer(admin)), 404, "not_found")
	a = w.do("GET", "/auth/audit?target="+id, "", bearer(admin))
	w.want(a, 200, "")
	if n := len(a.get(t, "items").([]any)); n < 5 {
		t.Errorf("%d audit records: %s", n, a.body)
	}
}

func TestTokenGrants(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	form := header("Content-Type", "application/x-www-form-urlencoded")
	post := func(path, body string, edit ...with) answer {
		return w.do("POST", path, body, append(
			[]with{func(r *http.Request) { r.Header.Del("Content-Type") }, form}, edit...,
		)...)
	}
	a := post("/auth/token", "grant_type=password&username=ada&password=tiny+horse+42+staple&client_id=cli"+
		"&scope=account!user+read:users!user")
	w.want(a, 200, "")
	if a.get(t, "token_type") != "Bearer" || a.get(t, "expires_in") != 900.0 ||
		a.get(t, "scope") != "account!user read:users!user" {
		t.Errorf("token answer %s", a.body)
	}
	refresh := a.get(t, "refresh_token").(string)
	for body, want := range map[string]string{
		"grant_type=password&username=ada&password=wrong":                            "invalid_grant",
		"grant_type=password&username=ada":                                           "invalid_request",
		"username=ada&password=x":                                                    "invalid_request",
		"grant_type=password&username=ada&username=ada&password=x":                   "invalid_request",
		"grant_type=magic":                                                           "unsupported_grant_type",
		"grant_type=refresh_token&refresh_token=x":                                   "invalid_grant",
		"grant_type=refresh_token&refresh_token=" + refresh + "&client_id=x":         "invalid_grant",
		"grant_type=refresh_token&refresh_token=" + refresh + "&scope=users":         "invalid_scope",
		"grant_type=password&username=ada&password=tiny+horse+42+staple&scope=users": "invalid_scope",
		"grant_type=password&username=ada&password=tiny+horse+42+staple&scope=nope":  "invalid_scope",
	} {
		a := post("/auth/token", body)
		if a.status != 400 || a.get(t, "error") != want {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	a = post("/auth/token", "grant_type=refresh_token&client_id=cli&refresh_token="+refresh)
	w.want(a, 200, "")
	access := a.get(t, "access_token").(string)
	a = post("/auth/token/revoke", "token="+a.get(t, "refresh_token").(string)+"&token_type_hint=refresh_token")
	if a.status != 200 || a.body != "" {
		t.Errorf("revoke: %d %q", a.status, a.body)
	}
	w.want(w.do("GET", "/auth/whoami", "", bearer(access)), 401, "token_invalid")
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada", "reader")
	w.user("bob")
	w.user("root1", "admin")
	ok := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		name := "nobody"
		if p, ok := httpadapter.PrincipalFrom(r.Context()); ok {
			name = p.User.Username
		}
		_, _ = rw.Write([]byte(name))
	})
	w.mux.Handle("GET /notes/{id}", w.hp.Require("read:notes", httpadapter.Resource("note", "id"), ok))
	w.mux.Handle("GET /notes", w.hp.Require("read:notes", httpadapter.Everything(), ok))
	w.mux.Handle("/me", w.hp.RequireUser(ok))
	w.mux.Handle("/front", w.hp.Optional(ok))
	ada, _ := w.token("ada")
	bob, _ := w.token("bob")
	root, _ := w.token("root1")
	for _, c := range []struct {
		path, token string
		status      int
		body        string
	}{
		// that of somebody else
		{"/notes/n1", ada, 200, "ada"}, {"/notes/n2", ada, 404, ""}, {"/notes", ada, 403, ""}, {"/notes/n1", bob, 404, ""},

		{"/notes/n2", root, 200, "root1"}, {"/notes", root, 200, "root1"}, {"/notes/n1", "", 401, ""}, {"/me", bob, 200, "bob"},
		{"/me", "", 401, ""}, {"/front", "", 200, "nobody"}, {"/front", bob, 200, "bob"}, {"/front", "x", 401, ""},
	} {
		var edit []with
		if c.token != "" {
			edit = append(edit, bearer(c.token))
		}
		a := w.do("GET", c.path, "", edit...)
		if a.status != c.status || c.body != "" && a.body != c.body {
			t.Errorf("%s %.5s: %d %s", c.path, c.token, a.status, a.body)
		}
	}
	c := w.session("bob")
	w.want(w.do("POST", "/me", "", cookie(c), header("Sec-Fetch-Site", "cross-site")), 403, "cross_origin")
	if a := w.do("POST", "/me", "", cookie(c), header("Sec-Fetch-Site", "same-origin")); a.body != "bob" {
		t.Errorf("same origin: %d %s", a.status, a.body)
	}
	defer func() {
		if recover() == nil {
			t.Error("Require takes a scope that does not exist")
		}
	}()
	w.hp.Require("no-such-scope", httpadapter.Everything(), ok)
}
