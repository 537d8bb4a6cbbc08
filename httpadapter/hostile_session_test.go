package httpadapter_test

import (
	"net/http"
	"strings"
	"testing"
)

// What TestHostileInput leaves out since it may end the session that it needs: each try here
// has a session of its own.
func TestHostileInputToSessions(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	for _, rt := range routesOf(t) {
		if !strings.Contains(rt[1], "/sessions") && !strings.HasSuffix(rt[1], "/revoke") {
			continue
		}
		path := fillPath(rt[1], "me")
		c := w.session("ada")
		for _, body := range hostileBodies {
			for _, kind := range []string{"application/json", "application/x-www-form-urlencoded", "text/plain", ""} {
				a := w.do(rt[0], path, body, cookie(c), func(r *http.Request) { r.Header.Set("Content-Type", kind) })
				if a.status >= 500 || a.status >= 300 && a.status < 400 {
					t.Errorf("%s %s %.80q as %q: %d %s", rt[0], path, body, kind, a.status, a.body)
				}
				if rt[0] == "DELETE" || a.status < 300 {
					c = w.session("ada")
				}
			}
		}
		for _, p := range hostilePaths {
			if a := w.send(
				w.hp, rt[0], fillPath(rt[1], p), "", cookie(c),
			); a.status >= 500 || a.status >= 300 && a.status < 400 {
				t.Errorf("%s %s with %.40q: %d %s", rt[0], rt[1], p, a.status, a.body)
			}
			if rt[0] == "DELETE" {
				c = w.session("ada")
			}
		}
	}
}

// Nor does any other credential than a good one do more than be refused.
func TestHostileCredentials(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("ada")
	access, refresh := w.token("ada")
	c := w.session("ada")
	for _, text := range []string{
		"x", "\x01", "é", "..", "a.b.c", strings.Repeat("a", 8000), strings.Repeat(".", 500), refresh, c.Value,
		c.Value + "x", c.Value[:len(c.Value)-1],
		access + "x", access[:len(access)-4] + "AAAA", "." + access, access + ".", strings.ToUpper(access),
		"eyJhbGciOiJub25lIn0.e30.",
		"hp_ses_" + strings.Repeat("0", 49), "hp_api_" + strings.Repeat("z", 49), `"` + c.Value + `"x`,
	} {
		for _, edit := range []with{bearer(text), header("Cookie", "__Host-hp_session="+text)} {
			r := []with{edit}
			a := w.do("GET", "/auth/whoami", "", r...)
			if a.status == 401 {
				continue
			}
			sent, _ := http.NewRequest("GET", "/", nil)
			edit(sent)
			if got, err := sent.Cookie("__Host-hp_session"); err != nil || got.Value != c.Value {
				t.Errorf("%.40q: %d %s", text, a.status, a.body)
			}
		}
	}
	for _, mark := range []string{
		"x", strings.Repeat("a", 4000), "\x01", c.Value, strings.Repeat("0", 36) + "." + strings.Repeat("A", 43),
	} {
		a := w.do("POST", "/auth/sessions", `{"login":"ada","password":"`+pass+`"}`, header(
			"Cookie", "__Host-hp_device="+mark,
		))
		w.want(a, 201, "")
		if kept := cookieOf(t, a, "__Host-hp_device"); kept.Value == mark || !kept.Secure || !kept.HttpOnly ||
			kept.MaxAge != 365*24*60*60 {
			t.Errorf("device mark %+v", kept)
		}
	}
}
