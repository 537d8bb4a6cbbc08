package httpadapter_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/httpadapter"
	"github.com/hallpass-go/hallpass/sharing"
)

// shareWorld is a world in which ada has a note and bob has none.
func shareWorld(t *testing.T, edit ...func(*auth.Config, *httpadapter.Config)) (w *world, ada, bob string) {
	t.Helper()
	w = setup(t, edit...)
	w.user("ada")
	w.user("bob")
	ada, _ = w.token("ada")
	bob, _ = w.token("bob")
	w.want(w.do("PUT", "/auth/resources/note/n1", "", bearer(ada)), 201, "")
	return w, ada, bob
}

const n1 = "/auth/resources/note/n1"

// A resource is registered, shared by code and by name, looked at from all sides, and taken
// back.
func TestSharingFromBeginningToEnd(t *testing.T) {
	t.Parallel()
	w, ada, bob := shareWorld(t)
	w.want(w.do("PUT", n1, "", bearer(ada)), 200, "")
	w.want(w.do("PUT", n1, "", bearer(bob)), 409, "resource_taken")
	owned := w.do("GET", "/auth/resources?kind=note", "", bearer(ada))
	if list := owned.items(w, "items"); len(list) != 1 || list[0]["id"] != "n1" {
		t.Errorf("owned: %s", owned.body)
	}
	made := w.do("POST", n1+"/share-codes", `{"expires_in":3600,"max_uses":2,"label":"for the team",`+
		`"audience":{"type":"signed_in"},"next":"/notes/n1?x=1#top"}`, bearer(ada))
	w.want(made, 201, "")
	secret, _ := made.get(t, "code").(string)
	if !regexp.MustCompile(`^hp_shr_[0-9A-Za-z]{49}$`).MatchString(secret) ||
		made.get(t, "accept_url") != "https://app.example/share#token="+secret+"&for=share" ||
		made.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v %s", made.header, made.body)
	}
	if made.get(t, "max_uses") != 2.0 || made.get(t, "exchange_count") != 0.0 ||
		made.get(t, "last_exchanged_at") != nil || made.get(t, "label") != "for the team" ||
		made.get(t, "audience.type") != "signed_in" {
		t.Errorf("code: %s", made.body)
	}
	code := `{"code":"` + secret + `"}`
	offer := w.do("POST", "/auth/share-codes/preview", code, bearer(bob))
	w.want(offer, 200, "")
	if offer.get(t, "resource.id") != "n1" || offer.get(t, "giver.username") != "ada" ||
		offer.get(t, "already_held") != false ||
		fmt.Sprint(offer.items(w, "scopes")) != "[map[label:Read notes scope:read:notes!note=n1]]" {
		t.Errorf("offer: %s", offer.body)
	}
	w.want(w.do("POST", "/auth/share-codes/accept", code, bearer(ada)), 409, "own_code")
	taken := w.do("POST", "/auth/share-codes/accept", code, bearer(bob))
	w.want(taken, 200, "")
	if again := w.do("POST", "/auth/share-codes/accept", code, bearer(bob)); again.body != taken.body {
		t.Errorf("again: %s\nfirst: %s", again.body, taken.body)
	}
	id := made.get(t, "id").(string)
	if taken.get(t, "next") != "/notes/n1?x=1#top" || taken.get(t, "share.code_id") != id ||
		taken.get(t, "share.kind") != "user" || taken.get(t, "share.user.username") != "bob" ||
		taken.get(t, "share.group") != nil || taken.get(t, "share.giver.username") != "ada" ||
		fmt.Sprint(taken.get(t, "share.scopes")) != "[read:notes!note=n1]" {
		t.Errorf("accepted: %s", taken.body)
	}
	listed := w.do("GET", n1+"/share-codes", "", bearer(ada))
	if c := listed.items(w, "items"); len(c) != 1 || c[0]["exchange_count"] != 1.0 ||
		c[0]["last_exchanged_at"] == nil || strings.Contains(listed.body, secret) ||
		strings.Contains(listed.body, "accept_url") {
		t.Errorf("codes: %s", listed.body)
	}
	x := w.do("GET", n1+"/share-codes/"+id+"/exchanges", "", bearer(ada)).items(w, "items")
	if len(x) != 1 || fmt.Sprint(x[0]["user"]) != fmt.Sprint(taken.get(t, "share.user")) {
		t.Errorf("exchanges: %v", x)
	}
	for who, kept := range map[string][3]int{ada: {1, 1, 0}, bob: {0, 0, 1}} { // what an export has of it
		a := w.do("GET", "/auth/users/me/export", "", bearer(who))
		w.want(a, 200, "")
		if len(a.items(w, "resources")) != kept[0] || len(a.items(w, "share_codes")) != kept[1] ||
			len(a.items(w, "given")) != kept[0] || len(a.items(w, "received")) != kept[2] ||
			strings.Contains(a.body, secret) {
			t.Errorf("export: %s", a.body)
		}
	}
	direct := w.do(
		"POST", n1+"/shares", `{"username":"BOB","scopes":["read:notes!note=n1"],"expires_in":600}`, bearer(ada),
	)
	w.want(direct, 201, "")
	if direct.get(t, "expires_at") == nil || direct.get(t, "code_id") != nil {
		t.Errorf("direct: %s", direct.body)
	}
	for path, n := range map[string]int{n1 + "/shares": 2, "/auth/users/me/given": 0} {
		a := w.do("GET", path, "", bearer(ada))
		if n > 0 && len(a.items(w, "items")) != n ||
			n == 0 && (len(a.items(w, "shares.items")) != 2 || len(a.items(w, "codes.items")) != 1) {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	received := w.do("GET", "/auth/users/me/shared", "", bearer(bob)).items(w, "items")
	if len(received) != 2 || fmt.Sprint(received[0]["counts"]) != "[read:notes!note=n1]" {
		t.Errorf("received: %v", received)
	}
	one := n1 + "/shares/" + direct.get(t, "id").(string)
	w.want(w.do("PATCH", one, `{"expires_in":6000}`, bearer(ada)), 403, "above_ceiling")
	w.want(w.do("PATCH", one, `{"expires_in":60,"scopes":["read:notes"]}`, bearer(ada)), 200, "")
	w.want(w.do("DELETE", "/auth/users/me/shared/"+direct.get(t, "id").(string), "", bearer(bob)), 204, "")
	w.want(w.do("DELETE", one, "", bearer(ada)), 404, "not_found")
	w.want(w.do("POST", "/auth/share-codes/revoke", code, bearer(bob)), 404, "code_invalid")
	may := func(want bool) {
		t.Helper()
		const question = `{"scope":"read:notes","resource":{"kind":"note","id":"n1"}}`
		a := w.do("POST", "/auth/check", question, bearer(bob))
		why := w.do("POST", "/auth/explain", question, bearer(bob))
		if a.get(t, "allowed") != want || why.get(t, "allowed") != want ||
			want != strings.Contains(why.body, `"share"`) {
			t.Errorf("check %s explain %s, want %v", a.body, why.body, want)
		}
	}
	may(true)
	w.want(w.do("DELETE", n1+"/share-codes/"+id+"?with_shares=true", "", bearer(ada)), 204, "")
	may(false)
	w.want(w.do("POST", "/auth/share-codes/accept", code, bearer(bob)), 404, "code_invalid")
	w.want(w.do("DELETE", n1, "", bearer(ada)), 204, "")
	w.want(w.do("GET", n1, "", bearer(ada)), 404, "not_found")
}

// What is wrong is told in the order of the contract, field by field, and leaves nothing
// behind.
func TestBadInputToSharing(t *testing.T) {
	t.Parallel()
	w, ada, bob := shareWorld(t)
	w.user("root1", "admin")
	w.user("cal")
	root, _ := w.token("root1")
	cal, _ := w.token("cal") // whom nothing was given
	me := w.do("GET", "/auth/users/me", "", bearer(bob)).get(t, "id").(string)
	long := strings.Repeat("x", 2000)
	w.want(w.do("POST", n1+"/shares", `{"user":"`+me+`","expires_in":600}`, bearer(ada)), 201, "")
	share := "/shares/" + w.do("GET", n1+"/shares", "", bearer(ada)).items(w, "items")[0]["id"].(string)
	before := fmt.Sprintf("%+v", *w.st)
	for _, c := range []struct {
		method, path, body, token string
		status                    int
		code                      string // of the answer, or for 422 the field
	}{
		{"POST", "/shares", `{`, "", 401, "unauthenticated"},
		{"POST", "/shares", `{`, cal, 400, "bad_json"},
		{"POST", "/shares", `{"nope":1}`, cal, 404, "not_found"}, // cal may not share, whatever she says
		{"POST", "/shares", `{"username":"nobody"}`, cal, 404, "not_found"},
		{"POST", "/shares", `{"nope":1}`, ada, 422, "nope"},
		{"POST", "/shares", `{}`, ada, 422, "user"},
		{"POST", "/shares", `{"user":"` + me + `","username":"bob"}`, ada, 422, "user"},
		{"POST", "/shares", `{"user":7}`, ada, 422, "user"},
		{"POST", "/shares", `{"user":"bob"}`, ada, 422, "user"},
		{"POST", "/shares", `{"user":"\u0000"}`, ada, 422, "user"},
		{"POST", "/shares", `{"user":"` + strings.ToUpper(me) + `"}`, ada, 422, "user"},
		{"POST", "/shares", `{"username":"nobody"}`, ada, 422, "username"},
		{"POST", "/shares", `{"username":"b"}`, ada, 422, "username"},
		{"POST", "/shares", `{"username":"bob@example.org"}`, ada, 422, "username"},
		{"POST", "/shares", `{"username":"` + long + `"}`, ada, 422, "username"},
		{"POST", "/shares", `{"group":"nothing"}`, ada, 422, "group"},
		{"POST", "/shares", `{"group":"` + me + `"}`, ada, 422, "group"},
		{"POST", "/shares", `{"user":"` + me + `","scopes":"read:notes"}`, ada, 422, "scopes"},
		{"POST", "/shares", `{"user":"` + me + `","scopes":["nope"]}`, ada, 422, "scopes"},
		{"POST", "/shares", `{"user":"` + me + `","scopes":["users"]}`, ada, 422, "scopes"},
		{"POST", "/shares", `{"user":"` + me + `","scopes":["read:notes!note=n2"]}`, ada, 422, "scopes"},
		{"POST", "/shares", `{"user":"` + me + `","scopes":["` + long + `"]}`, ada, 422, "scopes"},
		{"POST", "/shares", `{"user":"` + me + `","expires_in":0}`, ada, 422, "expires_in"},
		{"POST", "/shares", `{"user":"` + me + `","expires_in":-1}`, ada, 422, "expires_in"},
		{"POST", "/shares", `{"user":"` + me + `","expires_in":1.5}`, ada, 422, "expires_in"},
		{"POST", "/shares", `{"user":"` + me + `","expires_in":9223372036854775807}`, ada, 422, "expires_in"},
		{"POST", "/shares", `{"user":"` + me + `","expires_in":"1h"}`, ada, 422, "expires_in"},
		{"PATCH", share, `{"scopes":[]}`, ada, 422, "scopes"},
		{"PATCH", share, `{"scopes":["users"]}`, ada, 422, "scopes"},
		{"PATCH", share, `{"scopes":[7]}`, ada, 422, "scopes"},
		{"PATCH", share, `{"expires_in":0}`, ada, 422, "expires_in"},
		{"PATCH", share, `{"expires_in":601}`, ada, 403, "above_ceiling"},
		{"PATCH", share, `{"user":"` + me + `"}`, ada, 422, "user"},
		{"PATCH", share, `{"expires_in":60}`, cal, 404, "not_found"},
		{"PATCH", "/shares/" + me, `{"expires_in":0}`, ada, 422, "expires_in"},
		{"PATCH", "/shares/" + me, `{"expires_in":1}`, ada, 404, "not_found"},
		{"PATCH", "/shares/x", `{"expires_in":1}`, ada, 404, "not_found"},
		{"DELETE", "/shares", "", cal, 404, "not_found"},
		{"DELETE", "/shares", "", ada, 400, "bad_request"},
		{"DELETE", "/shares?all=false", "", ada, 400, "bad_request"},
		{"DELETE", "/shares?all=1", "", ada, 422, "all"},
		{"DELETE", "/shares?user=bob", "", ada, 422, "user"},
		{"DELETE", "/shares?user=", "", ada, 400, "bad_request"},
		{"DELETE", "/shares?group=nothing", "", ada, 422, "group"},
		{"DELETE", "/shares?code=x", "", ada, 422, "code"},
		{"DELETE", "/shares?code=%00", "", ada, 422, "code"},
		{"DELETE", "/share-codes", "", ada, 400, "bad_request"},
		{"DELETE", "/share-codes?with_shares=true", "", ada, 400, "bad_request"},
		{"DELETE", "/share-codes?all=x", "", ada, 422, "all"},
		{"DELETE", "/share-codes/" + me, "", ada, 404, "not_found"},
		{"DELETE", "/share-codes/" + me + "?with_shares=x", "", ada, 422, "with_shares"},
		{"GET", "/share-codes/" + me + "/exchanges", "", ada, 404, "not_found"},
		{"GET", "/shares?cursor=x", "", ada, 400, "bad_cursor"},
		{"GET", "/shares?limit=0", "", ada, 422, "limit"},
		{"GET", "/share-codes?cursor=%27", "", ada, 400, "bad_cursor"},
		{"POST", "/share-codes", `[]`, ada, 400, "bad_json"},
		{"POST", "/share-codes", `{"expires_in":59}`, ada, 422, "expires_in"},
		{"POST", "/share-codes", `{"expires_in":31536001}`, ada, 422, "expires_in"},
		{"POST", "/share-codes", `{"expires_in":true}`, ada, 422, "expires_in"},
		{"POST", "/share-codes", `{"max_uses":0}`, ada, 422, "max_uses"},
		{"POST", "/share-codes", `{"max_uses":-1}`, ada, 422, "max_uses"},
		{"POST", "/share-codes", `{"max_uses":1e30}`, ada, 422, "max_uses"},
		{"POST", "/share-codes", `{"max_uses":100001}`, ada, 422, "max_uses"},
		{"POST", "/share-codes", `{"audience":"all"}`, ada, 422, "audience"},
		{"POST", "/share-codes", `{"audience":{}}`, ada, 422, "audience.type"},
		{"POST", "/share-codes", `{"audience":{"type":"world"}}`, ada, 422, "audience.type"},
		{"POST", "/share-codes", `{"audience":{"type":"user"}}`, ada, 422, "audience.value"},
		{"POST", "/share-codes", `{"audience":{"type":"email","value":"x\r\nBcc: y@z"}}`, ada, 422, "audience.value"},
		{"POST", "/share-codes", `{"audience":{"type":"domain","value":"x","nope":1}}`, ada, 422, "audience.nope"},
		{"POST", "/share-codes", `{"label":"a\u0000b"}`, ada, 422, "label"},
		{"POST", "/share-codes", `{"label":"` + long + `"}`, ada, 422, "label"},
		{"POST", "/share-codes", `{"next":"//evil.example"}`, ada, 422, "next"},
		{"POST", "/share-codes", `{"scopes":["shares"]}`, ada, 422, "scopes"}, // this kind shares only its own
		{"POST", "/share-codes", `{"code":"x"}`, ada, 422, "code"},
	} {
		var edit []with
		if c.token != "" {
			edit = append(edit, bearer(c.token))
		}
		a := w.do(c.method, n1+c.path, c.body, edit...)
		got := a.code(t)
		if c.status == 422 && got == "invalid_input" {
			got, _ = a.items(w, "errors")[0]["field"].(string)
		}
		if a.status != c.status || got != c.code {
			t.Errorf("%s %s %.60s: %d %s, want %d %s", c.method, c.path, c.body, a.status, a.body, c.status, c.code)
		}
	}
	for path, want := range map[string]int{
		"/auth/resources?kind=": 422, "/auth/resources": 422, "/auth/resources?kind=nope": 404, "/auth/resources?kind=user": 404, "/auth/resources?kind=note&cursor=%20": 400,
		"/auth/resources?kind=note&limit=x": 422, "/auth/users/me/shared?cursor=x": 400, "/auth/users/me/given?limit=201": 422, "/auth/groups/nothing/shared": 404,
		"/auth/users/0190d5c0-7a3e-7c1e-8000-000000000001/shared": 404, "/auth/users/0190d5c0-7a3e-7c1e-8000-000000000001/given": 404, "/auth/users/x/given": 404,
		"/auth/resources/nope/n1/shares": 404, "/auth/resources/user/me/shares": 404, "/auth/resources/note/n1%00/shares": 404, "/auth/resources/note//shares": 404,
	} {
		if a := w.send(w.hp, "GET", path, "", bearer(root)); a.status != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	w.want(w.do("PUT", "/auth/resources/note/a%20b", "", bearer(ada)), 422, "invalid_input")
	w.want(w.do("PUT", "/auth/resources/note/a%21b", "", bearer(ada)), 422, "invalid_input")
	w.want(w.do("PUT", "/auth/resources/nope/n1", "", bearer(ada)), 404, "not_found")
	if after := fmt.Sprintf("%+v", *w.st); after != before {
		t.Error("bad input left something behind")
	}
}

// An id is one segment of the path, percent-encoded, whatever characters of a scope's filter
// are in it.
func TestResourceIDsInPaths(t *testing.T) {
	t.Parallel()
	w, ada, bob := shareWorld(t)
	ok := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { _, _ = rw.Write([]byte(r.PathValue("id"))) })
	w.mux.Handle("GET /notes/{id}", w.hp.Require("read:notes", httpadapter.Resource("note", "id"), ok))
	for path, id := range map[string]string{
		"a%2Fb": "a/b", "..": "", "%2e%2e": "", "a.b": "a.b", "%7Ex=1&y": "~x=1&y", "100%25": "100%", "%2525": "%25", "a%3Fb%23c": "a?b#c", "N1": "N1", "%7B%7D": "{}", "$1": "$1", "'": "'", "me": "me",
		strings.Repeat("x", 255): strings.Repeat("x", 255),
	} {
		a := w.send(w.hp, "PUT", "/auth/resources/note/"+path, "", bearer(ada))
		if id == "" {
			w.want(a, 404, "not_found")
			continue
		}
		if a.status != 201 || a.get(t, "id") != id {
			t.Errorf("%.20s: %d %s", path, a.status, a.body)
			continue
		}
		w.want(w.do("GET", "/notes/"+path, "", bearer(bob)), 404, "not_found")
		w.want(w.do("POST", "/auth/resources/note/"+path+"/shares", `{"username":"bob"}`, bearer(ada)), 201, "")
		if a := w.do("GET", "/notes/"+path, "", bearer(bob)); a.status != 200 || a.body != id {
			t.Errorf("%.20s: %d %s", path, a.status, a.body)
		}
		w.want(w.do("DELETE", "/auth/resources/note/"+path, "", bearer(ada)), 204, "")
		w.want(w.do("GET", "/notes/"+path, "", bearer(bob)), 404, "not_found")
	}
}

// Whom one finds to share with is a setting; ids always do. Addresses find nobody.
func TestPeopleToShareWith(t *testing.T) {
	t.Parallel()
	for mode, want := range map[policy.PeopleLookup][]int{
		policy.LookupOff: {0, 0, 422, 422}, policy.LookupExact: {1, 0, 201, 201}, policy.LookupPrefix: {1, 2, 201, 201},
	} {
		w := setup(t, func(c *auth.Config, _ *httpadapter.Config) { c.Settings.PeopleLookup = mode })
		w.user("ada")
		bob, off := w.user("bob"), w.user("bobby")
		w.user("bobo")
		status := auth.StatusDisabled
		patch := auth.UserPatch{Status: &status}
		if _, err := w.accounts.UpdateUser(t.Context(), w.accounts.Operator("x"), off.ID, patch); err != nil {
			t.Fatal(err)
		}
		group := w.aGroup(bob.ID)
		ada, _ := w.token("ada")
		w.want(w.do("PUT", n1, "", bearer(ada)), 201, "")
		found := func(q string) int {
			a := w.do("GET", "/auth/people?q="+q, "", bearer(ada))
			w.want(a, 200, "")
			if strings.Contains(a.body, "email") {
				t.Errorf("%s", a.body)
			}
			return strings.Count(a.body, `"username"`)
		}
		for q, n := range map[string]int{"BOB": want[0] + max(0, want[1]-1), "bo": want[1], "bobby": 0, "": 0, "%25": 0, "_": 0, "bob@example.org": 0} {
			if got := found(q); got != n {
				t.Errorf("%s: %q finds %d, want %d", mode, q, got, n)
			}
		}
		w.want(w.do("GET", "/auth/people?q=%00", "", bearer(ada)), 422, "invalid_input")
		w.want(w.do("GET", "/auth/people?q=bob", ""), 401, "unauthenticated")
		for body, status := range map[string]int{
			`{"username":"Bob"}`: want[2], `{"username":"bobby"}`: 422, `{"username":"bo"}`: 422, `{"group":"Team"}`: want[3], `{"group":"` + group + `"}`: 201, `{"user":"` + string(bob.ID) + `"}`: 201, `{"user":"me"}`: 201,
		} {
			if a := w.do("POST", n1+"/shares", body, bearer(ada)); a.status != status {
				t.Errorf("%s: %s: %d %s, want %d", mode, body, a.status, a.body, status)
			}
		}
		// What is revoked is named by id, or by a name that may be looked up; never is a name
		// overheard.
		byName := map[bool]int{true: 422, false: 204}[mode == policy.LookupOff]
		w.want(w.do("DELETE", n1+"/shares?group=team", "", bearer(ada)), byName, "")
		w.want(w.do("DELETE", n1+"/shares?group="+group, "", bearer(ada)), 204, "")
		w.want(w.do("DELETE", n1+"/shares?user=me", "", bearer(ada)), 204, "")
		a := w.do("GET", n1+"/shares", "", bearer(ada))
		for _, x := range a.items(w, "items") {
			if x["user"] == nil || x["user"].(map[string]any)["id"] != string(bob.ID) {
				t.Errorf("left: %s", a.body)
			}
		}
	}
}

// API tokens accept codes for their user and share within their scopes; a service shares and
// receives nothing; a cookie needs the origin rule.
func TestSharingCredentials(t *testing.T) {
	t.Parallel()
	w, ada, bob := shareWorld(t)
	made := w.do("POST", n1+"/share-codes", "", bearer(ada))
	w.want(made, 201, "")
	code := `{"code":"` + made.get(t, "code").(string) + `"}`
	token := w.do("POST", "/auth/users/me/tokens", `{"name":"x","scopes":[]}`, bearer(bob))
	w.want(token, 201, "")
	narrow := token.get(t, "token").(string)
	w.want(w.do("POST", "/auth/share-codes/accept", code, bearer(narrow)), 200, "")
	w.want(w.do("GET", "/auth/users/me/shared", "", bearer(narrow)), 403, "insufficient_scope")
	w.want(w.do("POST", n1+"/shares", `{"username":"ada"}`, bearer(narrow)), 403, "insufficient_scope")
	w.want(w.do("POST", n1+"/shares", `{"username":"ada"}`, bearer(bob)), 201, "") // on, which this kind allows
	service := w.serviceToken()
	w.want(w.do("POST", "/auth/share-codes/accept", code, bearer(service)), 403, "user_required")
	w.want(w.do("POST", "/auth/share-codes/preview", code, bearer(service)), 403, "user_required")
	w.want(w.do("PUT", "/auth/resources/note/n2", "", bearer(service)), 403, "user_required")
	w.want(w.do("POST", "/auth/share-codes/accept", code), 401, "unauthenticated")
	c := w.session("bob")
	for site, want := range map[string]int{"cross-site": 403, "same-site": 403, "same-origin": 200} {
		a := w.do("POST", "/auth/share-codes/accept", code, cookie(c), header("Sec-Fetch-Site", site))
		if a.status != want {
			t.Errorf("%s: %d %s", site, a.status, a.body)
		}
		a = w.do("PUT", "/auth/resources/note/mine", "", cookie(c), header("Sec-Fetch-Site", site))
		if a.status == 403 != (want == 403) {
			t.Errorf("%s: %d %s", site, a.status, a.body)
		}
	}
	w.want(
		w.do("DELETE", n1+"/shares?all=true", "", cookie(c), header("Sec-Fetch-Site", "cross-site")),
		403, "cross_origin",
	)
}

// Routes of the host let owners and receivers in; without sharing roles decide alone, and there
// are no routes about it.
func TestMiddlewareCountsShares(t *testing.T) {
	t.Parallel()
	w, ada, bob := shareWorld(t)
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	w.mux.Handle("GET /notes/{id}", w.hp.Require("read:notes", httpadapter.Resource("note", "id"), ok))
	plain, err := httpadapter.New(w.accounts, httpadapter.Rooms{}, httpadapter.Config{Prefix: "/auth"})
	if err != nil {
		t.Fatal(err)
	}
	w.mux.Handle("GET /plain/{id}", plain.Require("read:notes", httpadapter.Resource("note", "id"), ok))
	ask := func(path, token string, want int) {
		t.Helper()
		if a := w.do("GET", path, "", bearer(token)); a.status != want {
			t.Errorf("%s: %d %s, want %d", path, a.status, a.body, want)
		}
	}
	ask("/notes/n1", ada, 200)
	ask("/notes/n2", ada, 404)
	ask("/notes/n1", bob, 404)
	ask("/plain/n1", ada, 403)
	w.want(w.send(plain, "GET", n1, "", bearer(ada)), 404, "not_found")
	w.want(w.do("POST", n1+"/shares", `{"username":"bob"}`, bearer(ada)), 201, "")
	ask("/notes/n1", bob, 200)
	narrow, _ := w.token("bob", "account!user")
	ask("/notes/n1", narrow, 403)
	w.want(w.do("DELETE", n1+"/shares?all=true", "", bearer(ada)), 204, "")
	ask("/notes/n1", bob, 404)
	w.want(w.do("GET", "/notes/n1", ""), 401, "unauthenticated")
}

func TestSec_AZ05_DeadCodesAnswerAlike(t *testing.T) {
	t.Parallel()
	w, ada, bob := shareWorld(t)
	w.user("cal")
	cal, _ := w.token("cal")
	me := w.do("GET", "/auth/users/me", "", bearer(cal)).get(t, "id").(string)
	code := func(body string) (id, secret string) {
		a := w.do("POST", n1+"/share-codes", body, bearer(ada))
		w.want(a, 201, "")
		return a.get(t, "id").(string), a.get(t, "code").(string)
	}
	_, used := code(`{"max_uses":1}`)
	w.want(w.do("POST", "/auth/share-codes/accept", `{"code":"`+used+`"}`, bearer(cal)), 200, "")
	id, revoked := code("")
	w.want(w.do("DELETE", n1+"/share-codes/"+id, "", bearer(ada)), 204, "")
	_, his := code(`{"audience":{"type":"user","value":"` + me + `"}}`)
	_, domain := code(`{"audience":{"type":"domain","value":"example.org"}}`)
	expired := w.expiredCode()
	for _, route := range []string{"preview", "accept", "revoke"} {
		ask := func(secret string) answer {
			return w.do("POST", "/auth/share-codes/"+route, `{"code":`+text(secret)+`}`, bearer(bob))
		}
		want := ask("hp_shr_" + strings.Repeat("z", 49))
		w.want(want, 404, "code_invalid")
		for _, secret := range []string{used, revoked, his, domain, expired, "", "x", used + "x", strings.ToUpper(used), strings.Repeat("x", 60_000), "\x00", "hp_api_" + used[7:]} {
			sameAnswer(t, fmt.Sprintf("%s of %.20q", route, secret), want, ask(secret))
		}
		w.want(w.do("POST", "/auth/share-codes/"+route, `{}`, bearer(bob)), 422, "invalid_input")
		w.want(w.do("POST", "/auth/share-codes/"+route, `{"code":7}`, bearer(bob)), 422, "invalid_input")
		w.want(w.do("POST", "/auth/share-codes/"+route+"?code="+used, "", bearer(cal)), 415, "") // never in the query
	}
}

// expiredCode is a code of ada's that was made long ago.
func (w *world) expiredCode() string {
	w.t.Helper()
	u, err := w.accounts.UserByLogin(w.t.Context(), w.accounts.Operator("x"), "ada")
	if err != nil {
		w.t.Fatal(err)
	}
	past, err := sharing.New(w.accounts, w.st.Sharing(), sharing.Config{
		Kinds: map[string]sharing.Kind{"note": {}},
		Now:   func() time.Time { return time.Now().Add(-48 * time.Hour) },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	_, secret, err := past.CreateShareCode(
		w.t.Context(), w.sharer(u.ID), auth.ResourceRef{Kind: "note", ID: "n1"}, sharing.ShareCodeInput{},
	)
	if err != nil {
		w.t.Fatal(err)
	}
	return secret.Reveal()
}

func TestSec_AZ05_PresentingIsThrottled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		edit func(*limit.Limits)
	}{
		{"by account", func(l *limit.Limits) { l.ShareCode = limit.Limit{Burst: 3, Interval: time.Hour} }},
		{"by address", func(l *limit.Limits) { l.Network = limit.Limit{Burst: 3, Interval: time.Hour} }},
	} {
		w, ada, bob := shareWorld(t, func(a *auth.Config, _ *httpadapter.Config) { c.edit(&a.Limits) })
		made := w.do("POST", n1+"/share-codes", "", bearer(ada))
		w.want(made, 201, "")
		code := `{"code":"` + made.get(t, "code").(string) + `"}`
		for _, route := range []string{"accept", "preview", "revoke"} {
			w.want(w.do("POST", "/auth/share-codes/"+route, `{"code":"x"}`, bearer(bob)), 404, "code_invalid")
		}
		for _, body := range []string{code, `{"code":"x"}`} {
			for _, route := range []string{"accept", "preview", "revoke"} {
				a := w.do("POST", "/auth/share-codes/"+route, body, bearer(bob))
				if a.status != 429 || a.code(t) != "too_many_attempts" || a.header.Get("Retry-After") == "" {
					t.Errorf("%s: %s: %d %s", c.name, route, a.status, a.body)
				}
			}
		}
		w.user("cal")
		grant := `{"grant_type":"password","username":"cal","password":"` + pass + `"}`
		cal := w.do("POST", "/auth/token", grant, from("203.0.113.9:1")).get(t, "access_token").(string)
		w.want(w.do("POST", "/auth/share-codes/accept", code, bearer(cal), from("203.0.113.9:1")), 200, "")
	}
}

func TestSec_CK06_ReadingSharesChangesNothing(t *testing.T) {
	t.Parallel()
	w, ada, bob := shareWorld(t)
	made := w.do("POST", n1+"/share-codes", `{"max_uses":1}`, bearer(ada))
	secret := made.get(t, "code").(string)
	w.want(w.do("POST", n1+"/shares", `{"username":"bob"}`, bearer(ada)), 201, "")
	before := fmt.Sprintf("%+v", *w.st)
	fill := strings.NewReplacer(
		"{user}", "me", "{kind}", "note", "{id}", "n1", "{code_id}", made.get(t, "id").(string), "{group}", "team",
	)
	n := 0
	for range 2 {
		for _, rt := range routesOf(t) {
			if rt[0] != "GET" || !strings.Contains(rt[1], "share") && !strings.Contains(rt[1], "resources") &&
				!strings.Contains(rt[1], "given") && !strings.Contains(rt[1], "people") {
				continue
			}
			for _, token := range []string{ada, bob} {
				for _, method := range []string{"GET", "HEAD"} {
					n++
					w.do(method, fill.Replace(rt[1])+"?kind=note&q=bob&code="+secret, "", bearer(token))
				}
			}
		}
	}
	for _, path := range []string{"preview", "accept", "revoke"} {
		for _, method := range []string{"GET", "HEAD"} {
			if a := w.do(method, "/auth/share-codes/"+path+"?code="+secret, "", bearer(bob)); a.status != 405 {
				t.Errorf("%s %s: %d %s", method, path, a.status, a.body)
			}
		}
	}
	if after := fmt.Sprintf("%+v", *w.st); after != before || n < 60 {
		t.Errorf("%d reads changed the store: %v", n, after != before)
	}
}

// hostileNexts leave the site in some browser, or after one more decoding or cleaning on the
// way.
var hostileNexts = []string{
	"//evil.example", "///evil.example", "////evil.example", `/\evil.example`, `\\evil.example`, `\/evil.example`, `/\/evil.example`, "/%2f/evil.example", "/%2fevil.example", "/%2F%2Fevil.example",
	"/%5cevil.example", "/%5C%5Cevil.example", "https:evil.example", "https:/evil.example", "https://evil.example", "HTTPS://evil.example", "//user@evil.example", "/\t/evil.example", "/\n/evil.example",
	"/\r/evil.example", "\t//evil.example", " //evil.example", "/ /evil.example", "/%09/evil.example", "/%0a/evil.example", "/%0d%0aLocation:%20x", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
	"data:text/html,x", "vbscript:x", "mailto:a@b", "evil.example", "evil.example/", "./x", "../x", "?next=x", "#x", "/..//evil.example", "/.//evil.example", "/x/..//evil.example", "/%2e%2e//evil.example", "/%2e//evil.example", "/x/%2e%2e//evil.example",
	"\x00/x", "/x\x00", "/x\x7f", "/x\u0085", "/\u2028/evil.example", "/\u3002evil.example", "/é", "\ufeff/x", "/\uff0fevil.example", "/\xff", "/%", "/%zz", "/%00", "/" + "x", "",
}

func TestSec_CK07_NextStaysOnTheSite(t *testing.T) {
	t.Parallel()
	w, ada, _ := shareWorld(t)
	for _, next := range hostileNexts[:len(hostileNexts)-2] {
		if sharing.OwnPath(next) {
			t.Errorf("%q passes", next)
		}
		a := w.do("POST", n1+"/share-codes", `{"next":`+text(next)+`}`, bearer(ada))
		if a.status != 422 && a.status != 400 {
			t.Errorf("%q: %d %s", next, a.status, a.body)
		}
	}
	for _, next := range []string{
		"/", "/x", "/notes/n1?x=1&y=//z#//evil.example", "/a//b", "/a:b@c", "/%20", "/%C3%A9", "/~ada/", "/x;y=1,2",
		"/..x/...", "/" + strings.Repeat("x", 1023),
	} {
		if !sharing.OwnPath(next) {
			t.Errorf("%q is refused", next)
		}
		w.want(w.do("POST", n1+"/share-codes", `{"next":`+text(next)+`}`, bearer(ada)), 201, "")
	}
	if sharing.OwnPath("/" + strings.Repeat("x", 1024)) {
		t.Error("too long a path passes")
	}
}

func TestSec_TK03_ShareCodesAreHashed(t *testing.T) {
	t.Parallel()
	w, ada, bob := shareWorld(t)
	made := w.do("POST", n1+"/share-codes", "", bearer(ada))
	secret := made.get(t, "code").(string)
	code := `{"code":"` + secret + `"}`
	dump := fmt.Sprintf("%+v", *w.st)
	for _, a := range []answer{
		w.do("POST", "/auth/share-codes/preview", code, bearer(bob)),
		w.do("POST", "/auth/share-codes/accept", code, bearer(bob)),
		w.do("GET", n1+"/share-codes", "", bearer(ada)),
		w.do("GET", n1+"/share-codes/"+made.get(t, "id").(string)+"/exchanges", "", bearer(ada)),
		w.do("GET", "/auth/users/me/given", "", bearer(ada)),
		w.do("GET", "/auth/users/me/shared", "", bearer(bob)),
		w.do("POST", "/auth/share-codes/revoke", code, bearer(ada)),
	} {
		dump += a.body + fmt.Sprint(a.header)
		if a.status >= 300 || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	dump += fmt.Sprintf("%+v", *w.st) + w.log.String()
	if strings.Contains(dump, secret) || strings.Contains(dump, secret[7:50]) {
		t.Error("the code is shown or kept in the clear")
	}
}

func FuzzOwnPath(f *testing.F) {
	for _, next := range hostileNexts {
		f.Add(next)
	}
	site := "https://app.example"
	f.Fuzz(func(t *testing.T, next string) {
		if !sharing.OwnPath(next) {
			return
		}
		r, err := http.NewRequest(http.MethodGet, site+"/share", nil)
		if err != nil {
			t.Fatal(err)
		}
		u, err := r.URL.Parse(next)
		if err != nil || u.Scheme != "https" || u.Host != "app.example" || strings.HasPrefix(u.Path, "//") ||
			strings.ContainsAny(next, "\\\r\n\t") {
			t.Errorf("%q leads to %v, %v", next, u, err)
		}
	})
}
