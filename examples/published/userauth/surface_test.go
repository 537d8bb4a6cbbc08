package main

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hallpass-go/hallpass/auth"
)

// Tools can read the description of the API, and it has every route.
func TestOpenAPIIsValid(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(s.call("GET", "/openapi.json", "", "").text))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	for _, rt := range s.service.routes {
		for _, path := range rt.paths {
			item := doc.Paths.Value(path)
			if item == nil || item.GetOperation(rt.method) == nil {
				t.Errorf("%s %s is not described", rt.method, path)
				continue
			}
			op := item.GetOperation(rt.method)
			if op.Responses.Status(rt.status) == nil || (op.Security != nil) == rt.public ||
				(op.RequestBody != nil) != (rt.body != "") {
				t.Errorf("%s %s is described as %+v", rt.method, path, op)
			}
		}
	}
}

// The pages run only scripts that their policy names, and load nothing from other sites.
func TestPages(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	for _, path := range []string{"/docs", "/docs/", "/docs/oauth2-redirect", "/redoc", "/redocs", "/openapi.json"} {
		got := s.call("GET", path, "", "")
		policy := got.header.Get("Content-Security-Policy")
		if got.status != 200 || !strings.HasPrefix(policy, "default-src 'none'") ||
			got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, policy %q", path, got.status, policy)
		}
		scripts := strings.Count(got.text, "<script>")
		if _, rest, _ := strings.Cut(policy, "script-src"); strings.Count(rest, "'sha256-") < scripts ||
			strings.Contains(strings.Split(rest, ";")[0], "unsafe") {
			t.Errorf("%s: %d scripts, policy %q", path, scripts, policy)
		}
		if regexp.MustCompile(`(?i)(src|href)="(https?:)?//|\son[a-z]+="`).MatchString(got.text) {
			t.Errorf("%s loads from elsewhere", path)
		}
	}
	page := s.call("GET", "/redocs", "", "").text
	for _, rt := range s.service.routes {
		if !strings.Contains(page, rt.method+" "+rt.paths[0]+"<") {
			t.Errorf("the reference lacks %s %s", rt.method, rt.paths[0])
		}
	}
}

// Unknown paths and methods are 404 and 405 in the form of all errors, and never a redirect.
func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	for path, want := range map[string]string{
		"GET /": "404 not_found", "GET /nope": "404 not_found", "GET /users/": "404 not_found",
		"GET //users": "404 not_found", "GET /users/../users": "404 not_found",
		"GET /user/me/logins/": "404 not_found", "PUT /users/me": "405 method_not_allowed",
		"GET /token": "405 method_not_allowed", "POST /logins": "405 method_not_allowed",
		"POST /docs": "405 method_not_allowed", "GET /auth/nope": "404 not_found",
		"DELETE /token": "405 method_not_allowed",
	} {
		method, path, _ := strings.Cut(path, " ")
		got := s.call(method, path, "", "")
		code, _ := whatIsWrong(got)
		if fmt.Sprint(got.status, " ", code) != want || (got.header.Get("Allow") != "") != (got.status == 405) ||
			got.header.Get("WWW-Authenticate") != "" {
			t.Errorf("%s %s: %d %s %v", method, path, got.status, got.text, got.header)
		}
	}
	if allow := s.call("PUT", "/user/me", "", "").header.Get("Allow"); allow != "DELETE, GET, PATCH" {
		t.Errorf("Allow %q", allow)
	}
}

// Only a bearer token counts. A cookie, which the page of another site could send, does not,
// and neither does a second header.
func TestCredentials(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	s.register("ada", "Ada", "Lovelace")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	r := s.request("POST", "/auth/sessions", "", "application/json", `{"login":"ada","password":"`+pass+`"}`)
	in, err := browser.Do(r)
	if err != nil || in.StatusCode != 201 || len(jar.Cookies(r.URL)) == 0 {
		t.Fatal(in, err)
	}
	_ = in.Body.Close()
	for path, want := range map[string]int{"/auth/whoami": 200, "/users/me": 401} {
		got, err := browser.Do(s.request("GET", path, "", "", ""))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, got.Body)
		_ = got.Body.Close()
		if got.StatusCode != want {
			t.Errorf("%s with a cookie: %d", path, got.StatusCode)
		}
	}
	two := s.request("GET", "/users/me", s.token("ada"), "", "")
	two.Header.Add("Authorization", "Bearer x")
	s.want(s.do(two), 400, "two_credentials")
	got := s.call("POST", "/token", "", `{"username":"ada","password":"`+pass+`"}`)
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", got.header)
	}
	if life := read[tokenJSON](s, got); life.ExpiresIn != 1800 || life.Type != "bearer" {
		t.Errorf("%+v", life)
	}
	// The refresh token is used on the library's own route, as is signing out.
	got = s.call("POST", "/auth/token", "", `{"grant_type":"refresh_token","refresh_token":"`+
		read[tokenJSON](s, got).Refresh+`"}`)
	s.want(got, 200, "")
	fresh := read[tokenJSON](s, got).Access
	s.want(s.call("GET", "/users/me", fresh, ""), 200, "")
	s.want(s.call("DELETE", "/auth/sessions/current", fresh, ""), 204, "")
	s.want(s.call("GET", "/users/me", fresh, ""), 401, "token_invalid")
}

// Registration accepts JSON, with everything in the body and nothing else. Nobody can choose a
// role.
func TestRegistrationByJSON(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	good := `"username":"ada","name":"Ada","surname":"Lovelace","email":"ada@example.com","password":"` + pass + `"`
	for body, want := range map[string]int{
		`{` + good + `,"role":"admin user"}`: 422, `{` + good + `,"roles":["admin"]}`: 422, `{` + good + `} {}`: 422,
		`{` + good + `,"username":"eve"}`: 422,
		`{"username":"ada"}`:              422,
		`{"username":1,"name":"A","surname":"B","email":"a@example.com","password":"x"}`: 422, `null`: 422, ``: 422,
		"{\"username\":\"\xff\"}": 422,
	} {
		s.want(s.do(s.request("POST", "/user", "", "application/json", body)), want, "invalid_input")
	}
	got := s.call("POST", "/user", "", `{`+good+`}`)
	s.want(got, 201, "")
	if u := read[userJSON](s, got); u.Role != "normal user" || u.Surname != "Lovelace" {
		t.Errorf("%+v", u)
	}
	s.want(s.call("POST", "/users", "", strings.Replace(`{`+good+`}`, `"ada"`, `"ADA"`, 1)), 409, "username_taken")
	s.want(s.call("POST", "/users", "", strings.Replace(`{`+good+`}`, `"ada"`, `"ada2"`, 1)), 409, "email_taken")
	many := s.call("POST", "/user", "", `{`+strings.Repeat(`"x`, 1)+strings.Repeat("y", 5000)+`":1}`)
	if s.want(many, 422, "invalid_input"); len(many.text) > 1000 {
		t.Errorf("%d bytes of answer", len(many.text))
	}
}

// The rules about profiles hold on the library's own routes as well.
func TestProfileRulesHoldEverywhere(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	sign := func(attributes string) reply {
		return s.call("POST", "/auth/users", "", `{"username":"eve","email":"eve@example.com","password":"`+pass+
			`","attributes":`+attributes+`}`)
	}
	for _, attributes := range []string{
		`{"surname":5}`, `{"surname":null}`, `{"surname":"a\nb"}`, `{"surname":"` + strings.Repeat("x", 129) + `"}`,
	} {
		s.want(sign(attributes), 422, "invalid_input")
	}
	s.want(s.do(s.request(
		"POST", "/users?username=eve&name=E&surname=a%0Ab", "", formURL, "email=eve@example.com&password="+pass,
	)), 422, "invalid_input")
	s.want(s.do(s.request(
		"POST", "/users?username=eve&name=E&surname=%FF", "", formURL, "email=eve@example.com&password="+pass,
	)), 422, "invalid_input")
	s.want(s.do(s.request("POST", "/users?username=eve&name=E&surname="+
		strings.Repeat("x", 15000), "", formURL, "email=eve@example.com&password="+pass)), 422, "invalid_input")
	// an address is required here
	s.want(s.call("POST", "/auth/users", "", `{"username":"eve","password":"`+pass+`"}`), 422, "invalid_input")
	s.want(sign(`{"Surname":"Adams","surname":"Evans"}`), 201, "")
	token := s.token("eve")
	if me := read[userJSON](
		s, s.call("GET", "/user/me", token, ""),
	); me.Surname != "Evans" || me.Role != "normal user" {
		t.Errorf("%+v", me)
	}
	s.want(s.call("PATCH", "/auth/users/me", token, `{"attributes":{"surname":[]}}`), 422, "invalid_input")
	s.want(s.call("PATCH", "/auth/users/me", token, `{"attributes":{}}`), 200, "")
	if me := read[userJSON](s, s.call("GET", "/user/me", token, "")); me.Surname != "" {
		t.Errorf("%+v", me)
	}
}

// A list is an array with a maximum length and a link to what follows. With a limit it is a
// page.
func TestListsHaveAnEnd(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	boss := s.tokenOfAdmin()
	var rows iter.Seq2[auth.ImportUser, error] = func(yield func(auth.ImportUser, error) bool) {
		for i := range maxItems + 4 {
			name := fmt.Sprintf("user%04d", i)
			if !yield(auth.ImportUser{Username: name, Email: name + "@example.com"}, nil) {
				return
			}
		}
	}
	if sum, err := s.accounts.ImportUsers(t.Context(), s.operator, rows, nil); err != nil || sum.Created != maxItems+4 {
		t.Fatal(sum, err)
	}
	got := s.call("GET", "/users", boss, "")
	all := map[string]bool{}
	for _, u := range read[[]userJSON](s, got) {
		all[u.Username] = true
	}
	link := regexp.MustCompile(`^<(/users\?[^>]+)>; rel="next"$`).FindStringSubmatch(got.header.Get("Link"))
	if len(all) != maxItems || link == nil {
		t.Fatalf("%d users, Link %q", len(all), got.header.Get("Link"))
	}
	rest := read[pageJSON[userJSON]](s, s.call("GET", link[1], boss, ""))
	for _, u := range rest.Items {
		all[u.Username] = true
	}
	if len(rest.Items) != 5 || len(all) != maxItems+5 || rest.Next != nil {
		t.Errorf("%d more users, %d in all", len(rest.Items), len(all))
	}
	page := read[pageJSON[userJSON]](s, s.call("GET", "/user?limit=2", boss, ""))
	if len(page.Items) != 2 || page.Next == nil {
		t.Errorf("%+v", page)
	}
	for query, want := range map[string]int{
		"limit=0": 422, "limit=201": 422, "limit=x": 422, "cursor=x": 400, "cursor=": 200,
	} {
		s.want(s.call("GET", "/users?"+query, boss, ""), want, "")
	}
}
