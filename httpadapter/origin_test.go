package httpadapter_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// Over all routes: a page of a foreign site changes nothing with the person's cookie and signs
// nobody in; the own site and trusted ones may, a bearer token works from anywhere, and reading
// is never a matter of origin.
func TestOriginsOverRoutes(t *testing.T) {
	t.Parallel()
	origins := map[string][]with{
		"own":     {header("Origin", "https://example.com"), header("Sec-Fetch-Site", "same-origin")},
		"trusted": {header("Origin", "https://admin.example"), header("Sec-Fetch-Site", "cross-site")},
		"foreign": {header("Origin", "https://evil.example"), header("Sec-Fetch-Site", "cross-site")},
		"sibling": {header("Origin", "https://evil.example.com"), header("Sec-Fetch-Site", "same-site")},
		"opaque":  {header("Origin", "null"), header("Sec-Fetch-Site", "cross-site")},
		"unsaid":  nil,
	}
	signIn := map[string]bool{
		"POST /auth/sessions": true, "POST /auth/token": true, "POST /auth/users": true, "POST /auth/setup": true,
	}
	for _, path := range mailSignIns {
		signIn["POST /auth"+path] = true
	}
	for _, rt := range routesOf(t) {
		name := rt[0] + " " + rt[1]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t, func(_ *auth.Config, c *httpadapter.Config) { c.TrustedOrigins = []string{"https://admin.example"} })
			w.user("root1", "admin")
			path := fillPath(rt[1], "0190d5c0-7a3e-7c1e-8000-000000000001")
			for origin, say := range origins {
				token, _ := w.token("root1")
				for kind, credential := range map[string]with{
					"cookie": cookie(w.session("root1")), "bearer": bearer(token), "nothing": func(*http.Request) {},
				} {
					a := w.send(w.hp, rt[0], path, `{"x":1}`, append([]with{credential}, say...)...)
					foreign := origin == "foreign" || origin == "sibling" || origin == "opaque"
					guarded := kind == "cookie" && !publicRoute(rt) || signIn[name] && kind != "bearer" ||
						signIn[name] && name != "POST /auth/users"
					want := rt[0] != "GET" && foreign && guarded
					if got := a.status == 403 && strings.Contains(a.body, "cross_origin"); got != want {
						t.Errorf("%s from %s: %d %s", kind, origin, a.status, a.body)
					}
					allowed := a.header.Get("Access-Control-Allow-Origin")
					if (allowed != "") != (origin == "trusted") || allowed == "*" {
						t.Errorf("%s from %s may read as %q", kind, origin, allowed)
					}
				}
			}
			if got := w.send(w.hp, "GET", "/auth/users", "").status; got != 401 {
				t.Error(fmt.Sprint("the store is another one now: ", got))
			}
		})
	}
}

// publicRoute tells the routes that look at no credential.
func publicRoute(rt [2]string) bool {
	switch rt[1] {
	case "/auth/token/revoke", "/auth/sessions", "/auth/token", "/auth/setup", "/auth/invitations/preview":
		return rt[0] == "POST"
	}
	return slices.Contains(mailSignIns, strings.TrimPrefix(rt[1], "/auth"))
}

// mailSignIns are the public routes that sign in, or have mail sent: a page of somebody else
// must not.
var mailSignIns = []string{
	"/email-codes", "/email-codes/{flow}/resend", "/email-verifications", "/password-resets", "/invitations/accept",
	"/device/authorize",
}
