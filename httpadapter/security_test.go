package httpadapter_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// sameAnswer compares status, body and headers.
func sameAnswer(t *testing.T, what string, a, b answer) {
	t.Helper()
	if a.status != b.status || a.body != b.body || fmt.Sprint(a.header) != fmt.Sprint(b.header) {
		t.Errorf("%s differs:\n%d %s %v\n%d %s %v", what, a.status, a.body, a.header, b.status, b.body, b.header)
	}
}

func TestSec_EN01_OneAnswerToWrongPasswords(t *testing.T) {
	t.Parallel()
	w := setup(t)
	disabled := auth.StatusDisabled
	for _, name := range []string{"ada", "off", "wait", "locked"} {
		w.user(name)
	}
	if _, err := w.accounts.CreateUser(
		t.Context(), w.accounts.Operator("x"), auth.UserInput{Username: "nopass"}, auth.Client{},
	); err != nil {
		t.Fatal(err)
	}
	pending := auth.StatusPending
	for name, status := range map[string]*auth.Status{"off": &disabled, "wait": &pending} {
		u, err := w.accounts.UserByLogin(t.Context(), w.accounts.Operator("x"), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.accounts.UpdateUser(
			t.Context(), w.accounts.Operator("x"), u.ID, auth.UserPatch{Status: status},
		); err != nil {
			t.Fatal(err)
		}
	}
	session := func(login string) answer {
		return w.do("POST", "/auth/sessions", `{"login":"`+login+`","password":"wrong password"}`)
	}
	grant := func(login string) answer {
		return w.do(
			"POST", "/auth/token", `{"grant_type":"password","username":"`+login+`","password":"wrong password"}`,
		)
	}
	for _, try := range []func(string) answer{session, grant} {
		want := try("ada")
		if want.status != 401 && want.status != 400 {
			t.Fatalf("%d %s", want.status, want.body)
		}
		for _, login := range []string{
			"nobody", "off", "wait", "nopass", "a b", "me", "x@example.org", "\\u0000", strings.Repeat("x", 3000),
		} {
			sameAnswer(t, login, want, try(login))
		}
	}
	for range 60 {
		session("locked")
		session("nobody2")
	}
	retry := regexp.MustCompile(`Retry-After:\[\d+\]`)
	a, b := session("locked"), session("nobody2")
	if a.status != 429 || a.body != b.body ||
		retry.ReplaceAllString(fmt.Sprint(a.header), "") != retry.ReplaceAllString(fmt.Sprint(b.header), "") {
		t.Errorf("throttled: %d %s, %d %s", a.status, a.body, b.status, b.body)
	}
	for login, want := range map[string]string{"off": "account_disabled", "wait": "approval_pending"} {
		w.want(w.do("POST", "/auth/sessions", `{"login":"`+login+`","password":"`+pass+`"}`), 403, want)
		a := w.do("POST", "/auth/token", `{"grant_type":"password","username":"`+login+`","password":"`+pass+`"}`)
		if a.status != 400 || a.get(t, "error") != "invalid_grant" || a.get(t, "error_description") != want {
			t.Errorf("token for %s: %d %s", login, a.status, a.body)
		}
	}
}

func TestSec_EN08_OthersLookAbsent(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	bob := w.user("bob")
	ada, _ := w.token("ada")
	for _, path := range []string{"", "/logins", "/sessions", "/logins/0190d5c0-7a3e-7c1e-8000-000000000001"} {
		theirs := w.do("GET", "/auth/users/"+string(bob.ID)+path, "", bearer(ada))
		absent := w.do("GET", "/auth/users/0190d5c0-7a3e-7c1e-8000-000000000001"+path, "", bearer(ada))
		w.want(theirs, 404, "not_found")
		sameAnswer(t, path, theirs, absent)
	}
	a := w.do("GET", "/auth/logins/0190d5c0-7a3e-7c1e-8000-000000000001", "", bearer(ada))
	list, err := w.accounts.History.Logins(t.Context(), w.accounts.Operator("x"), "", auth.LoginFilter{})
	if err != nil {
		t.Fatal(err)
	}
	w.token("bob")
	list, err = w.accounts.History.Logins(t.Context(), w.accounts.Operator("x"), bob.ID, auth.LoginFilter{})
	if err != nil || len(list.Items) == 0 {
		t.Fatal(err, list)
	}
	sameAnswer(t, "a login", w.do("GET", "/auth/logins/"+string(list.Items[0].ID), "", bearer(ada)), a)
}

func TestSec_EN09_InactiveSaysNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("root1", "admin")
	w.user("ada")
	root, _ := w.token("root1")
	ended, endedRefresh := w.token("ada")
	_, used := w.token("ada")
	next := w.do("POST", "/auth/token", `{"grant_type":"refresh_token","refresh_token":"`+used+`"}`)
	w.want(next, 200, "")
	w.want(w.do("POST", "/auth/token/revoke", `{"token":"`+endedRefresh+`"}`), 200, "")
	ask := func(token string) answer {
		return w.do("POST", "/auth/token/introspect", `{"token":"`+token+`"}`, bearer(root))
	}
	want := ask("unknown")
	if want.body != "{\"active\":false}\n" {
		t.Fatalf("inactive: %s", want.body)
	}
	c := w.session("ada")
	for _, text := range []string{ended, endedRefresh, used, "hp_ref_x", "a.b.c", "", c.Value,
		strings.Repeat("x", 9000), ended[:len(ended)-2] + "AA"} {
		sameAnswer(t, text, want, ask(text))
	}
	a := ask(next.get(t, "access_token").(string))
	if a.get(t, "active") != true || a.get(t, "username") != "ada" || a.get(t, "token_type") != "access_token" {
		t.Errorf("active: %s", a.body)
	}
	if a := ask(next.get(t, "refresh_token").(string)); a.get(t, "active") != true {
		t.Errorf("active: %s", a.body)
	}
	w.want(w.do(
		"POST", "/auth/token/introspect", `{"token":"x"}`, bearer(next.get(t, "access_token").(string)),
	), 403, "insufficient_scope")
}

func TestSec_RL06_ClientAddress(t *testing.T) {
	t.Parallel()
	proxied := func(_ *auth.Config, c *httpadapter.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	}
	for i, c := range []struct {
		proxy bool
		peer  string
		xff   []string
		want  string
	}{
		{false, "192.0.2.7:1", nil, "192.0.2.7"},
		{false, "192.0.2.7:1", []string{"203.0.113.9"}, "192.0.2.7"},
		{true, "192.0.2.7:1", []string{"203.0.113.9"}, "192.0.2.7"},
		{true, "10.0.0.1:1", nil, "10.0.0.1"},
		{true, "10.0.0.1:1", []string{"203.0.113.9"}, "203.0.113.9"},
		{true, "10.0.0.1:1", []string{"1.1.1.1, 203.0.113.9"}, "203.0.113.9"},
		{true, "10.0.0.1:1", []string{"1.1.1.1, 203.0.113.9, 10.9.9.9"}, "203.0.113.9"},
		{true, "10.0.0.1:1", []string{"1.1.1.1", "203.0.113.9"}, "203.0.113.9"},
		{true, "10.0.0.1:1", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		{true, "[fd00::1]:1", []string{"[2001:db8::5]:443"}, "2001:db8::5"},
		{true, "10.0.0.1:1", []string{"203.0.113.9, garbage"}, "10.0.0.1"},
		{true, "10.0.0.1:1", []string{"10.1.1.1, 10.2.2.2"}, "10.1.1.1"},
		{true, "[::ffff:10.0.0.1]:1", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{false, "garbage", nil, ""},
	} {
		w := setup(t)
		if c.proxy {
			w = setup(t, proxied)
		}
		u := w.user("ada")
		edit := []with{from(c.peer)}
		for _, x := range c.xff {
			edit = append(edit, header("X-Forwarded-For", x))
		}
		edit = append(edit, header("X-Real-IP", "9.9.9.9"), header("Forwarded", "for=9.9.9.9"))
		w.want(w.do("POST", "/auth/sessions", `{"login":"ada","password":"`+pass+`"}`, edit...), 201, "")
		list, err := w.accounts.History.Logins(t.Context(), w.accounts.Operator("x"), u.ID, auth.LoginFilter{})
		if err != nil || list.Items[0].IP != c.want {
			t.Errorf("case %d: %v %q, want %q", i, err, list.Items[0].IP, c.want)
		}
	}
}

func TestSec_RL07_RetryAfter(t *testing.T) {
	t.Parallel()
	w := setup(t, func(c *auth.Config, _ *httpadapter.Config) {
		c.Limits.Pair = limit.Limit{Burst: 1, Interval: time.Minute}
	})
	w.user("ada")
	for path, body := range map[string]string{
		"/auth/sessions": `{"login":"ada","password":"wrong password"}`,
		"/auth/token":    `{"grant_type":"password","username":"ada","password":"wrong password"}`,
	} {
		w.do("POST", path, body)
		a := w.do("POST", path, body)
		if a.status != 429 || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "too_many_attempts") {
			t.Errorf("%s: %d %s %v", path, a.status, a.body, a.header)
		}
	}
}

func TestSec_TK03_SecretsShownOnceAndHashed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	secret, err := w.accounts.SetUp.NewToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.user("ada")
	_, refresh := w.token("ada")
	c := w.session("ada")
	dump := fmt.Sprintf("%+v", *w.st)
	for _, text := range []string{secret.Reveal(), refresh, c.Value, pass} {
		if strings.Contains(dump, text) || strings.Contains(w.log.String(), text) {
			t.Errorf("%.10s… is kept in the clear", text)
		}
	}
	found := regexp.MustCompile(token.Pattern)
	for _, path := range []string{
		"/auth/whoami", "/auth/users/me", "/auth/users/me/sessions", "/auth/users/me/logins",
	} {
		if a := w.do("GET", path, "", cookie(c)); a.status != 200 || found.MatchString(a.body) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestSec_TK07_OneCredentialNeverInTheQuery(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	access, refresh := w.token("ada")
	c := w.session("ada")
	w.want(w.do("GET", "/auth/whoami?access_token="+access, ""), 401, "unauthenticated")
	w.want(w.do(
		"GET", "/auth/whoami", "", bearer(access), header("Authorization", "Bearer "+access),
	), 400, "two_credentials")
	w.want(w.do("GET", "/auth/whoami", "", bearer("x"), cookie(c)), 401, "token_invalid")
	for _, text := range []string{"Basic YTpi", "Bearer", "Bearer ", "Bearer  " + access, access, "Bearer " + access +
		" x", "Bearer " + refresh, "Bearer " + c.Value} {
		w.want(w.do("GET", "/auth/whoami", "", header("Authorization", text)), 401, "token_invalid")
	}
	w.want(w.do("GET", "/auth/whoami", "", header("Authorization", "bearer "+access)), 200, "")
	w.want(w.do("GET", "/auth/whoami", "", cookie(&http.Cookie{Name: c.Name, Value: refresh})), 401, "token_invalid")
	w.want(w.do(
		"GET", "/auth/whoami", "", cookie(&http.Cookie{Name: "hp_session", Value: c.Value}),
	), 401, "unauthenticated")
}

func TestSec_TK08_Challenges(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	access, _ := w.token("ada")
	for _, c := range []struct {
		a    answer
		want string
	}{
		{w.do("GET", "/auth/whoami", ""), `Bearer realm="hallpass"`},
		{w.do("GET", "/auth/whoami", "", bearer("x")), `error="invalid_token"`},
		{w.do("GET", "/auth/settings", "", bearer(access)), `error="insufficient_scope", scope="settings"`},
		{w.do("POST", "/auth/sessions", `{"login":"ada","password":"wrong password"}`), `Bearer realm="hallpass"`},
	} {
		if got := c.a.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") ||
			!strings.Contains(got, c.want) {
			t.Errorf("%d: WWW-Authenticate %q, want %q", c.a.status, got, c.want)
		}
	}
}

func TestSec_TK10_NoStore(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	c := w.session("ada")
	for _, a := range []answer{
		w.do(
			"POST", "/auth/sessions", `{"login":"ada","password":"`+pass+`"}`,
		), w.do("POST", "/auth/token", `{"grant_type":"password","username":"ada","password":"`+pass+`"}`),
		w.do(
			"POST", "/auth/sessions/current/token", "", cookie(c),
		), w.do("GET", "/auth/whoami", "", cookie(c)), w.do("POST", "/auth/token", `{}`),
	} {
		if a.header.Get("Cache-Control") != "no-store" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%d: %v", a.status, a.header)
		}
	}
	if a := w.do(
		"GET", "/.well-known/jwks.json", "",
	); a.header.Get("Cache-Control") != "public, max-age=300" || strings.Contains(a.body, `"d"`) {
		t.Errorf("keys: %v %s", a.header, a.body)
	}
}

func TestSec_TK11_RevocationIsIdempotent(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	access, refresh := w.token("ada")
	other, _ := w.token("ada")
	for _, text := range []string{"unknown", refresh, refresh, access, "hp_api_x"} {
		if a := w.do("POST", "/auth/token/revoke", `{"token":"`+text+`"}`); a.status != 200 || a.body != "" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	w.want(w.do("GET", "/auth/whoami", "", bearer(access)), 401, "token_invalid")
	w.want(w.do("GET", "/auth/whoami", "", bearer(other)), 200, "")
	w.want(w.do("POST", "/auth/token/revoke", `{"token":"`+other+`"}`), 200, "")
	w.want(w.do("GET", "/auth/whoami", "", bearer(other)), 401, "token_invalid")
}

func TestSec_CK01_CookieAttributes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	for remember, persistent := range map[string]bool{"": false, `,"remember":true`: true} {
		a := w.do("POST", "/auth/sessions", `{"login":"ada","password":"`+pass+`"`+remember+`}`)
		c := cookieOf(t, a, "__Host-hp_session")
		if !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode ||
			(c.MaxAge > 0) != persistent {
			t.Errorf("cookie %+v", c)
		}
	}
	local := setup(t, func(c *auth.Config, _ *httpadapter.Config) { c.BaseURL = "http://127.0.0.1:8080" })
	local.user("ada")
	c := cookieOf(t, local.do("POST", "/auth/sessions", `{"login":"ada","password":"`+pass+`"}`), "hp_session")
	if c.Secure || !c.HttpOnly || !strings.HasPrefix(c.Value, "hp_ses_") {
		t.Errorf("loopback cookie %+v", c)
	}
	s, err := auth.New(w.st.Auth(), auth.Config{Secret: []byte("a secret for tests only, 32 bytes"), BaseURL: "http://app.example"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := httpadapter.New(s, httpadapter.Rooms{}, httpadapter.Config{}); err == nil {
		t.Error("cookies over plain http to another host")
	}
	if _, err := httpadapter.New(s, httpadapter.Rooms{}, httpadapter.Config{AllowInsecureCookies: true}); err != nil {
		t.Error(err)
	}
}

func TestSec_CK02_NewSecretAtEachSignIn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	fixed := w.session("ada")
	a := w.do("POST", "/auth/sessions", `{"login":"ada","password":"`+pass+`"}`, cookie(fixed))
	w.want(a, 201, "")
	if c := cookieOf(t, a, "__Host-hp_session"); c.Value == fixed.Value {
		t.Error("the secret survived the sign-in")
	}
	a = w.do("POST", "/auth/sessions/current/reauth", `{"password":"`+pass+`"}`, cookie(fixed))
	w.want(a, 204, "")
	w.want(w.do("GET", "/auth/whoami", "", cookie(fixed)), 401, "token_invalid")
	w.want(w.do("GET", "/auth/whoami", "", cookie(cookieOf(t, a, "__Host-hp_session"))), 200, "")
}

func TestSec_CK03_OriginRule(t *testing.T) {
	t.Parallel()
	w := setup(t, func(_ *auth.Config, c *httpadapter.Config) { c.TrustedOrigins = []string{"https://admin.example"} })
	w.user("ada")
	access, _ := w.token("ada")
	c := w.session("ada")
	for _, site := range []string{"", "same-origin", "none", "same-site", "cross-site", "garbage"} {
		for _, origin := range []string{"", "https://example.com", "http://example.com", "https://evil.example", "https://admin.example", "null"} {
			var edit []with
			if site != "" {
				edit = append(edit, header("Sec-Fetch-Site", site))
			}
			if origin != "" {
				edit = append(edit, header("Origin", origin))
			}
			ok := site == "same-origin" || site == "none" || origin == "https://admin.example" || site == "" && (origin == "" || strings.HasSuffix(origin, "//example.com"))
			a := w.do("PATCH", "/auth/users/me", `{"name":"x"}`, append(edit, cookie(c))...)
			if (a.status == 200) != ok || !ok && a.code(t) != "cross_origin" {
				t.Errorf("site %q origin %q: %d %s", site, origin, a.status, a.body)
			}
			w.want(w.do("PATCH", "/auth/users/me", `{"name":"x"}`, append(edit, bearer(access))...), 200, "")
			w.want(w.do("GET", "/auth/users/me", "", append(edit, cookie(c))...), 200, "")
		}
	}
}

func TestSec_CK04_StrictOrigin(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		w := setup(t, func(_ *auth.Config, c *httpadapter.Config) { c.StrictOrigin = strict })
		w.user("ada")
		c := w.session("ada")
		a := w.do("PATCH", "/auth/users/me", `{"name":"x"}`, cookie(c))
		if (a.status == 200) == strict {
			t.Errorf("strict %v: %d", strict, a.status)
		}
		w.want(w.do("GET", "/auth/users/me", "", cookie(c)), 200, "")
		w.want(w.do(
			"PATCH", "/auth/users/me", `{"name":"x"}`, cookie(c), header("Sec-Fetch-Site", "same-origin"),
		), 200, "")
	}
}

func TestSec_CK05_LoginCSRF(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	for path, body := range map[string]string{
		"/auth/sessions": `{"login":"ada","password":"` + pass + `"}`,
		"/auth/users":    `{"username":"eve","password":"` + pass + `"}`,
		"/auth/token":    `{"grant_type":"password","username":"ada","password":"` + pass + `"}`,
		"/auth/setup":    `{"token":"x","password":"y"}`,
	} {
		a := w.do("POST", path, body, header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://evil.example"))
		if a.status != 403 || !strings.Contains(a.body, "cross_origin") || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	w.want(w.do("POST", "/auth/users", `{"username":"eve","password":"`+pass+`"}`), 201, "")
}

func TestSec_CK10_CORSClosed(t *testing.T) {
	t.Parallel()
	w := setup(t, func(_ *auth.Config, c *httpadapter.Config) { c.TrustedOrigins = []string{"https://admin.example"} })
	closed := setup(t)
	for _, origin := range []string{"https://evil.example", "null", "https://admin.example.evil.example", "http://admin.example", "HTTPS://ADMIN.EXAMPLE"} {
		for _, x := range []*world{w, closed} {
			for _, method := range []string{"GET", "OPTIONS"} {
				a := x.do(method, "/auth/policy", "", header("Origin", origin), header(
					"Access-Control-Request-Method", "POST",
				))
				if got := a.header.Get("Access-Control-Allow-Origin"); got != "" {
					t.Errorf("%s may read: %s", origin, got)
				}
			}
		}
	}
	a := w.do("OPTIONS", "/auth/users/me", "", header("Origin", "https://admin.example"), header("Access-Control-Request-Method", "PATCH"))
	if a.status != 204 || a.header.Get("Access-Control-Allow-Origin") != "https://admin.example" || a.header.Get("Access-Control-Allow-Credentials") != "true" || a.header.Get("Vary") != "Origin" {
		t.Errorf("preflight: %d %v", a.status, a.header)
	}
}

func TestSec_AZ01_UndeclaredRouteIsAnError(t *testing.T) {
	t.Parallel()
	if err := httpadapter.CheckRoutesWith("GET", "/x"); err == nil {
		t.Error("a route without declared access is accepted")
	}
}

func TestSec_AZ08_NoMassAssignment(t *testing.T) {
	t.Parallel()
	w := setup(t)
	u := w.user("ada")
	access, _ := w.token("ada")
	for _, member := range []string{
		`"id":"0190d5c0-7a3e-7c1e-8000-000000000001"`, `"email_verified":true`, `"created_at":"2020-01-01T00:00:00Z"`,
		`"password":"x"`, `"password_hash":"x"`,
		`"groups":["admin"]`, `"is_admin":true`, `"Name":"x"`, `"NAME":"x"`, `"last_login_at":null`,
	} {
		a := w.do("PATCH", "/auth/users/me", `{`+member+`}`, bearer(access))
		w.want(a, 422, "invalid_input")
		if !strings.Contains(a.body, "unknown_field") {
			t.Errorf("%s: %s", member, a.body)
		}
	}
	for _, member := range []string{
		`"roles":["admin"]`, `"status":"active"`, `"email":"x@example.org"`, `"external_id":"x"`,
	} {
		w.want(w.do("PATCH", "/auth/users/me", `{`+member+`,"name":"x"}`, bearer(access)), 403, "field_forbidden")
	}
	now, err := w.accounts.User(t.Context(), w.accounts.Operator("x"), u.ID)
	if err != nil || fmt.Sprint(now.Roles) != "[user]" || now.Name != "" || now.EmailVerified {
		t.Errorf("%v %+v", err, now)
	}
}

func TestSec_IO01_BodyLimits(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for body, want := range map[string]int{
		`{"login":"` + strings.Repeat("x", 64<<10) + `"}`: 413, `{"login":"a","password":"b"} x`: 400,
		`{"login":"a","password":"b"}{}`:           400,
		`{"login":"a","login":"a","password":"b"}`: 400, strings.Repeat(`{"x":`, 20) + "1" +
			strings.Repeat("}", 20): 400, "\xef\xbb\xbf{}": 400,
	} {
		if a := w.do("POST", "/auth/sessions", body); a.status != want {
			t.Errorf("%.30q: %d, want %d", body, a.status, want)
		}
	}
	for kind, want := range map[string]int{
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, "multipart/form-data": 415,
		"application/json; charset=latin1": 415,
		"application/json; charset=UTF-8":  401, "Application/JSON": 401,
	} {
		a := w.do("POST", "/auth/sessions", `{"login":"a","password":"b"}`, func(r *http.Request) {
			r.Header.Set("Content-Type", kind)
		})
		if a.status != want {
			t.Errorf("%q: %d, want %d", kind, a.status, want)
		}
	}
}

func TestSec_PW03_LongPasswords(t *testing.T) {
	t.Parallel()
	w := setup(t)
	long := strings.Repeat("é", 512)
	w.want(w.do("POST", "/auth/users", `{"username":"ada","password":"`+long+`"}`), 201, "")
	w.want(w.do("POST", "/auth/sessions", `{"login":"ada","password":"`+long+`"}`), 201, "")
	w.want(w.do("POST", "/auth/users", `{"username":"bob","password":"`+long+`x"}`), 422, "invalid_input")
	w.want(w.do("POST", "/auth/sessions", `{"login":"ada","password":"`+long+`x"}`), 422, "invalid_input")
	w.want(w.do("POST", "/auth/users", `{"username":"bob","password":"`+strings.Repeat("x", 64)+`"}`), 201, "")
}
