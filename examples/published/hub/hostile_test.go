package main

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

func sqliteWorld(t *testing.T) *world {
	t.Helper()
	return newWorld(t, databases["sqlite"](t))
}

// call sends a request to the API with a cookie and the proof of a page, as a page of the hub
// does.
func (w *world) call(name, method, path, body string) answer {
	w.t.Helper()
	cookie := w.cookie(name)
	return w.do(request{
		method: method, path: path, cookie: cookie, body: body, header: map[string]string{"X-XSRFToken": xsrf(cookie)},
	})
}

func (w *world) want(a answer, status int) answer {
	w.t.Helper()
	if a.status != status {
		w.t.Fatalf("%d %s, wanted %d", a.status, a.text, status)
	}
	return a
}

// code makes a code for the default server of a user.
func (w *world) code(by, owner, body string) string {
	w.t.Helper()
	return w.want(w.call(by, "POST", api+"/share-codes/"+owner+"/", body), 200).json(w.t)["code"].(string)
}

// take accepts a code on the page.
func (w *world) take(name, code, next string) answer {
	w.t.Helper()
	cookie := w.cookie(name)
	return w.do(request{
		method: "POST", path: "/hub/accept-share?next=" + url.QueryEscape(next), cookie: cookie, form: url.Values{
			"code": {code}, "_xsrf": {xsrf(cookie)},
		},
	})
}

func (w *world) may(name, path string) bool {
	w.t.Helper()
	return w.do(request{method: "GET", path: path, cookie: w.cookie(name)}).status == 200
}

// Looking at a code does not accept it, and neither does the page of another site.
func TestOnlyOwnPageAccepts(t *testing.T) {
	t.Parallel()
	w := sqliteWorld(t)
	code := w.code("sharer", "sharer", "")
	cookie := w.cookie("third")
	proof := xsrf(cookie)
	w.want(w.do(request{method: "GET", path: "/hub/accept-share?code=" + code, cookie: cookie}), 200)
	w.want(w.do(request{method: "HEAD", path: "/hub/accept-share?code=" + code, cookie: cookie}), 405)
	form := func(proof string) url.Values { return url.Values{"code": {code}, "_xsrf": {proof}} }
	for name, q := range map[string]request{
		"no proof":             {form: url.Values{"code": {code}}},
		"wrong proof":          {form: form("x")},
		"proof of somebody":    {form: form(xsrf(w.cookie("noshare")))},
		"proof in the address": {form: url.Values{"code": {code}}, path: "/hub/accept-share?_xsrf=" + proof},
		"another origin":       {form: form(proof), header: map[string]string{"Origin": "https://evil.example"}},
		"another site":         {form: form(proof), header: map[string]string{"Sec-Fetch-Site": "cross-site"}},
		"a subdomain":          {form: form(proof), header: map[string]string{"Sec-Fetch-Site": "same-site"}},
		"code in the address":  {form: url.Values{"_xsrf": {proof}}, path: "/hub/accept-share?code=" + code},
		"JSON":                 {body: `{"code":"` + code + `"}`},
	} {
		q.method, q.cookie = "POST", cookie
		if q.path == "" {
			q.path = "/hub/accept-share"
		}
		if got := w.do(q); got.status != 403 && got.status != 400 {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	w.want(w.do(request{method: "POST", path: "/hub/accept-share", form: form(proof)}), 403)
	w.want(w.do(
		request{method: "POST", path: "/hub/accept-share", form: form(proof), auth: "token " + w.session("third")},
	), 403)
	if w.may("third", "/user/sharer/") {
		t.Fatal("accepted")
	}
	got := w.do(request{method: "GET", path: "/hub/accept-share?code=" + code, auth: "token " + w.session("third")})
	if got.status != 302 || !strings.HasPrefix(
		got.header.Get("Location"), "/hub/login?next=%2Fhub%2Faccept-share%3Fcode%3D",
	) {
		t.Errorf("%d %s", got.status, got.header.Get("Location"))
	}
	w.want(w.take("third", code, ""), 302)
	if !w.may("third", "/user/sharer/") {
		t.Error("an own page accepts nothing")
	}
}

// The page of another site can do nothing with a cookie.
func TestCookieNeedsProof(t *testing.T) {
	t.Parallel()
	w := sqliteWorld(t)
	cookie := w.cookie("sharer")
	for name, header := range map[string]map[string]string{
		"no proof": {}, "wrong": {"X-XSRFToken": "x"}, "evil": {"X-XSRFToken": xsrf(cookie), "Origin": "https://evil.example"},
		"form": {"X-XSRFToken": xsrf(cookie), "Content-Type": "text/plain"},
	} {
		got := w.do(request{method: "POST", path: api + "/share-codes/sharer/", cookie: cookie, header: header})
		if got.status != 403 && got.status != 401 {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	w.want(w.do(request{method: "POST", path: "/hub/logout", cookie: cookie, form: url.Values{}}), 403)
	w.want(w.do(request{method: "GET", path: "/hub/logout", cookie: cookie}), 405)
	w.want(w.do(request{method: "GET", path: api + "/user", cookie: cookie}), 200)
	w.want(w.do(request{
		method: "POST", path: "/hub/login", form: url.Values{"username": {"noshare"}, "password": {pass}}, header: map[string]string{"Origin": "https://evil.example"},
	}), 403)
	w.want(w.do(
		request{method: "POST", path: "/hub/logout", cookie: cookie, form: url.Values{"_xsrf": {xsrf(cookie)}}},
	), 302)
	w.want(w.do(request{method: "GET", path: api + "/user", cookie: cookie}), 401)
}

// Whatever next says, the browser stays on this site.
func TestNextStaysHere(t *testing.T) {
	t.Parallel()
	w := sqliteWorld(t)
	code := w.code("sharer", "sharer", "")
	for next, where := range map[string]string{
		"/user/sharer/lab?a=b": "/user/sharer/lab?a=b", myself + "/hub/home": "/hub/home", "": "", "//evil.example": "", "///evil.example": "", "https://evil.example": "",
		`/\evil.example`: "", `\\evil.example`: "", "/\t/evil.example": "", "/ /evil.example": "", "/\n": "",
		"javascript:alert(1)": "", "evil.example": "",
		myself + ".evil.example/": "", myself + "@evil.example/": "", myself + "//evil.example": "",
		"/%2F/evil.example": "", "/%5Cevil.example": "", "/é": "",
		"/" + strings.Repeat("a", 5000): "",
	} {
		in := w.do(request{method: "POST", path: "/hub/login?next=" + url.QueryEscape(next), form: url.Values{
			"username": {"third"}, "password": {pass},
		}})
		out := w.take("third", code, next)
		for at, got := range map[string]answer{"/hub/home": in, "/user/sharer/": out} {
			want := where
			if want == "" {
				want = at
			}
			if to := got.header.Get("Location"); got.status != 302 || to != want {
				t.Errorf("next %q: %d to %q, wanted %q", next, got.status, to, want)
			}
		}
	}
}

// What people choose is shown as text on every page, and is one name in every path and scope.
func TestOddNames(t *testing.T) {
	t.Parallel()
	w := sqliteWorld(t)
	const odd = `a/b c?d#e&"<script>alert(1)</script>é!server=other/%2F..`
	path := "/sharer/" + url.PathEscape(odd)
	w.want(w.call("sharer", "POST", api+"/users/sharer/servers/"+url.PathEscape(odd), ""), 201)
	filter := "access:servers!server=sharer/" + odd
	made := w.want(w.call("sharer", "POST", api+"/share-codes"+path, ""), 200).json(t)
	if got := texts(made["scopes"]); len(got) != 1 || got[0] != filter {
		t.Errorf("scopes %q", got)
	}
	code := made["code"].(string)
	page := w.want(w.do(request{
		method: "GET", path: "/hub/accept-share?code=" + code + "&next=" + url.QueryEscape(
			`/"><script>alert(1)</script>`,
		), cookie: w.cookie("third"),
	}), 200)
	if strings.Contains(page.text, "<script") || !strings.Contains(
		page.text, html.EscapeString("<script>alert(1)</script>"),
	) {
		t.Errorf("page %s", page.text)
	}
	if csp := page.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") ||
		!strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("policy %s", csp)
	}
	got := w.want(w.take("third", code, ""), 302).header.Get("Location")
	if !w.may("third", got) || w.may("noshare", got) || w.may("third", "/user/sharer/") ||
		w.may("third", "/user/other/") {
		t.Errorf("third goes to %s", got)
	}
	if home := w.do(
		request{method: "GET", path: "/hub/home", cookie: w.cookie("third")},
	); strings.Contains(home.text, "<script") || !strings.Contains(home.text, html.EscapeString(got)) {
		t.Errorf("home %s", home.text)
	}
	list := w.want(w.call("sharer", "GET", api+"/shares"+path, ""), 200).json(t)["items"].([]any)
	if len(list) != 1 {
		t.Fatalf("%v", list)
	}
	w.want(w.call("third", "GET", api+"/users/third/shared"+path, ""), 200)
	narrow := w.want(w.call("sharer", "POST", api+"/users/sharer/tokens", `{"scopes":["shares!server=sharer/`+
		strings.ReplaceAll(odd, `"`, `\"`)+`"]}`), 201).json(t)["token"].(string)
	w.want(w.do(request{method: "GET", path: api + "/shares" + path, auth: "token " + narrow}), 200)
	w.want(w.do(request{method: "GET", path: api + "/shares/sharer/", auth: "token " + narrow}), 404)
	for _, bad := range []string{"\x00", "\n", strings.Repeat("x", 256), "\xff"} {
		w.want(w.call("sharer", "POST", api+"/users/sharer/servers/"+url.PathEscape(bad), ""), 400)
	}
	// A server that is made again is a new one.
	w.want(w.call("sharer", "DELETE", api+"/users/sharer/servers/"+url.PathEscape(odd), `{"remove":true}`), 204)
	w.want(w.call("sharer", "POST", api+"/users/sharer/servers/"+url.PathEscape(odd), ""), 201)
	if w.may("third", got) {
		t.Error("what was shared of a server that is gone opens another one of its name")
	}
	w.want(w.take("noshare", code, ""), 400)
}

// Only exact names count: ids, other spellings and addresses do not, in paths and in scopes.
// Nobody learns who exists.
func TestNamesOnly(t *testing.T) {
	t.Parallel()
	w := sqliteWorld(t)
	id := string(w.users["sharer"].ID)
	group, err := w.accounts.Groups.ID(t.Context(), "team")
	w.must(err)
	robot := "token " + w.program("robot")
	for _, path := range []string{
		"/shares/" + id + "/", "/shares/SHARER/", "/shares/%20sharer/", "/users/" + id + "/shared",
		"/groups/" + string(group) + "/shared", "/groups/TEAM/shared",
		"/shares/sharer@/", "/users/me/shared", "/shares/sharer/" + w.server("sharer", "").id,
	} {
		if got := w.do(request{method: "GET", path: api + path, auth: robot}); got.status != 404 {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
	for _, text := range []string{
		"shares!server=" + w.server("sharer", "").id, "read:users!user=" + id, "shares!server=sharer",
	} {
		w.want(w.call("sharer", "POST", api+"/users/sharer/tokens", `{"scopes":["`+text+`"]}`), 400)
	}
	for _, path := range []string{"/shares/%s/", "/share-codes/%s/", "/users/%s/shared", "/users/%s",
		"/users/%s/tokens", "/shares/%s", "/users/%s/shared/other/"} {
		there := w.call("third", "GET", api+strings.ReplaceAll(path, "%s", "sharer"), "")
		gone := w.call("third", "GET", api+strings.ReplaceAll(path, "%s", "nosuch"), "")
		if there.status != gone.status || there.text != gone.text {
			t.Errorf("%s: %d %s, without such a user %d %s", path, there.status, there.text, gone.status, gone.text)
		}
	}
	for _, body := range []string{`{"user":"third"}`, `{"user":"nosuch"}`} {
		w.want(w.call("sharer", "POST", api+"/shares/sharer/", body), 403)
	}
}

// What somebody passed on ends when they lose the right to share, and so do their codes.
func TestCascade(t *testing.T) {
	t.Parallel()
	w := sqliteWorld(t)
	w.want(w.take("third", w.code("sharer", "sharer", `{"scopes":["shares"]}`), ""), 302)
	passedOn := w.code("third", "sharer", "")
	w.want(w.take("noshare", passedOn, ""), 302)
	if !w.may("third", "/user/sharer/") || !w.may("noshare", "/user/sharer/") {
		t.Fatal("a share does not open the server")
	}
	if got := w.want(
		w.call("noshare", "GET", api+"/users/noshare/shared", ""), 200,
	).json(t)["items"].([]any); len(got) != 1 {
		t.Errorf("%v", got)
	}
	w.want(w.call("sharer", "PATCH", api+"/shares/sharer/", `{"user":"third"}`), 200)
	if w.may("third", "/user/sharer/") || w.may("noshare", "/user/sharer/") {
		t.Error("what was passed on outlives the one who passed it on")
	}
	if got := w.want(
		w.call("noshare", "GET", api+"/users/noshare/shared", ""), 200,
	).json(t)["items"].([]any); len(got) != 0 {
		t.Errorf("%v", got)
	}
	w.want(w.take("shared-with", passedOn, ""), 400)
	// it can still be given back
	w.want(w.call("noshare", "DELETE", api+"/users/noshare/shared/sharer/", ""), 204)
	w.want(w.call("noshare", "DELETE", api+"/users/noshare/shared/sharer/", ""), 404)
}

// Giving the same again adds nothing, and still needs the right to give it.
func TestGivingAgain(t *testing.T) {
	t.Parallel()
	w := sqliteWorld(t)
	path, body := api+"/shares/other/", `{"user":"third","scopes":["access:servers","servers"]}`
	for range 3 {
		w.want(w.call("other", "POST", path, body), 200)
		w.want(w.call("other", "POST", path, `{"user":"third"}`), 200)
	}
	rows, err := w.service.shares.Shares(t.Context(), w.operator, w.server("other", "").ref(), auth.PageQuery{})
	if err != nil || len(rows.Items) != 1 {
		t.Errorf("%d rows, %v", len(rows.Items), err)
	}
	more := w.want(w.call("other", "POST", path, `{"user":"third","scopes":["access:servers","shares"]}`), 200).json(t)
	if got := texts(more["scopes"]); len(got) != 3 {
		t.Errorf("%v", got)
	}
	w.must(w.accounts.RemoveRole(t.Context(), w.operator, w.users["other"].ID, roleSharer))
	w.want(w.call("other", "POST", path, body), 403)
	if w.may("third", "/user/other/") {
		t.Error("a share counts although its giver may not share any more")
	}
}

// A code of another server can't be used on this one, whoever asks.
func TestCodeOfAnotherServer(t *testing.T) {
	t.Parallel()
	w := sqliteWorld(t)
	code, robot := w.code("sharer", "sharer", ""), "token "+w.program("robot")
	w.want(w.do(request{method: "DELETE", path: api + "/share-codes/other/?code=" + code, auth: robot}), 404)
	for _, query := range []string{"?code=", "?id=", "?id=&code="} {
		w.want(w.do(request{method: "DELETE", path: api + "/share-codes/sharer/" + query, auth: robot}), 400)
	}
	for _, query := range []string{"?id=sc_", "?id=sc_1", "?id=1", "?code=x", "?id=sc_99999999999999999999999"} {
		w.want(w.do(request{method: "DELETE", path: api + "/share-codes/sharer/" + query, auth: robot}), 404)
	}
	w.want(w.do(request{method: "GET", path: "/hub/accept-share?code=" + code, cookie: w.cookie("third")}), 200)
	w.want(
		w.do(request{method: "DELETE", path: api + "/share-codes/sharer/?code=" + code + "&id=sc_1", auth: robot}), 204,
	)
	w.want(w.do(request{method: "GET", path: "/hub/accept-share?code=" + code, cookie: w.cookie("third")}), 404)
}

// A token can't make one that may do more than itself.
func TestNarrowTokenMintsNoWider(t *testing.T) {
	t.Parallel()
	w := sqliteWorld(t)
	path := api + "/users/sharer/tokens"
	narrow := w.want(w.call("sharer", "POST", path, `{"scopes":["tokens!user"]}`), 201).json(t)["token"].(string)
	for body, status := range map[string]int{`{}`: 400, `{"scopes":["inherit"]}`: 400,
		`{"scopes":["shares!user"]}`: 400, `{"scopes":["tokens!user"]}`: 201, `{"scopes":[]}`: 201} {
		if got := w.do(
			request{method: "POST", path: path, auth: "Bearer " + narrow, body: body},
		); got.status != status {
			t.Errorf("%s: %d %s", body, got.status, got.text)
		}
	}
}

// Logs and errors contain no secrets, even when the database fails, and secrets in the URL are
// not read.
func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	w := sqliteWorld(t)
	code, token := w.code("sharer", "sharer", ""), w.session("sharer")
	w.want(w.do(request{method: "GET", path: api + "/user?token=" + token}), 401)
	w.want(w.do(request{method: "GET", path: api + "/user?access_token=" + token}), 401)
	for _, path := range []string{"/hub/accept-share?code=" + code, "/hub/accept-share?code=" + code + "x"} {
		got := w.do(request{method: "GET", path: path, cookie: w.cookie("sharer")})
		if got.status == 200 || strings.Contains(got.text, code) {
			t.Errorf("%d %s", got.status, got.text)
		}
	}
	w.want(w.do(request{method: "POST", path: api + "/share-codes/sharer/", auth: "token " + token,
		body: `{"scopes":["` + strings.Repeat("x", host.MaxBody) + `"]}`}), 413)
	cookie := w.cookie("third")
	w.db.Close()
	got := w.do(request{method: "GET", path: "/hub/accept-share?code=" + code, cookie: cookie})
	if got.status < 500 {
		t.Errorf("%d %s", got.status, got.text)
	}
	if w.log.String() == "" {
		t.Error("nothing is logged when the database fails")
	}
	for _, secret := range []string{code, token, cookie, pass, "hp_shr_", "hp_ses_"} {
		if strings.Contains(w.log.String(), secret) || strings.Contains(got.text, secret) {
			t.Errorf("%.12s is told: %s %s", secret, w.log, got.text)
		}
	}
}

// Deleting an account deletes its servers. Whoever takes the name next starts with nothing.
func TestNameOfSomebodyGone(t *testing.T) {
	t.Parallel()
	w := sqliteWorld(t)
	w.want(w.take("third", w.code("other", "other", ""), ""), 302)
	robot := "token " + w.program("robot")
	w.want(w.do(request{method: "DELETE", path: api + "/users/other", auth: robot}), 403)
	keeper := w.keeper()
	w.want(w.do(request{method: "DELETE", path: api + "/users/other", cookie: keeper,
		header: map[string]string{"X-XSRFToken": xsrf(keeper)}}), 204)
	w.want(w.do(request{method: "GET", path: api + "/shares/other/", auth: robot}), 404)
	if got := w.want(
		w.call("third", "GET", api+"/users/third/shared", ""), 200,
	).json(t)["items"].([]any); len(got) != 0 {
		t.Errorf("%v", got)
	}
	w.want(w.do(request{method: "POST", path: api + "/users/somebody", auth: robot}), 201)
	if got := w.want(
		w.do(request{method: "POST", path: api + "/share-codes/somebody/", auth: robot}), 200,
	).json(t); got["server"].(map[string]any)["ready"] != false {
		t.Errorf("%v", got)
	}
	w.want(w.do(request{method: "POST", path: api + "/groups/new", auth: robot, body: `{"users":["third"]}`}), 201)
	w.want(
		w.do(request{method: "DELETE", path: api + "/groups/new/users", auth: robot, body: `{"users":["third"]}`}), 200,
	)
	w.want(w.do(request{method: "DELETE", path: api + "/groups/new", auth: robot}), 204)
	w.want(w.call("third", "POST", api+"/users/x", ""), 403)
	w.want(w.call("third", "POST", api+"/groups/x", ""), 403)
}
