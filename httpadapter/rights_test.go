package httpadapter_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
)

// serviceToken makes a service that holds admin and a token of it for everything.
func (w *world) serviceToken() string {
	w.t.Helper()
	op, id := w.accounts.Operator("test"), w.aService()
	if err := w.accounts.Services.AddRole(w.t.Context(), op, id, "admin"); err != nil {
		w.t.Fatal(err)
	}
	_, secret, err := w.accounts.APITokens.Create(w.t.Context(), op, auth.Holder{Service: auth.ServiceID(id)},
		auth.APITokenInput{Name: "all", Scopes: w.accounts.EffectiveScopes(op)})
	if err != nil {
		w.t.Fatal(err)
	}
	return secret.Reveal()
}

// A role is made by 201 and changed by 200, and the description of the API says so.
func TestPutRoleSaysWhetherItMadeOne(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("root1", "admin")
	root, _ := w.token("root1")
	doc := w.do("GET", "/auth/openapi.json", "")
	path := doc.get(t, "paths").(map[string]any)["/auth/roles/{role}"].(map[string]any)
	responses := path["put"].(map[string]any)["responses"].(map[string]any)
	for _, status := range []int{201, 200} {
		w.want(w.do("PUT", "/auth/roles/editor", `{"scopes":["read:notes"]}`, bearer(root)), status, "")
		if responses[strconv.Itoa(status)] == nil {
			t.Errorf("%d is not described", status)
		}
	}
}

// What is not there is told before what is wrong with the fields; and before both, that the
// caller may not ask.
func TestAbsentBeforeFields(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.user("root1", "admin")
	w.user("ada")
	root, _ := w.token("root1")
	plain, _ := w.token("ada")
	for _, r := range [][2]string{
		{"PATCH", "/groups/none"}, {"PATCH", "/services/none"}, {"POST", "/services/none/tokens"}, {"POST", "/users/none/tokens"}, {"PATCH", "/users/none"},
		{"GET", "/services/none/tokens?limit=x"}, {"GET", "/users/none/tokens?limit=x"},
	} {
		for _, body := range []string{`{"name":5}`, `{"name":"x","scopes":[],"expires_in":0}`} {
			if r[0] == "GET" {
				body = ""
			}
			w.want(w.do(r[0], "/auth"+r[1], body, bearer(root)), 404, "not_found")
			if a := w.do(r[0], "/auth"+r[1], body, bearer(plain)); a.status != 403 && a.status != 404 {
				t.Errorf("%s %s: %d %s", r[0], r[1], a.status, a.body)
			}
		}
	}
}

// A service is no user: me names nobody for it, and never everybody.
func TestServicesHaveNoMe(t *testing.T) {
	t.Parallel()
	for name, row := range accessTable {
		method, path, _ := strings.Cut(name, " ")
		if !strings.Contains(path, "{user}") {
			continue
		}
		w := setup(t)
		ada := w.user("ada", "admin")
		w.token("ada")
		path = strings.NewReplacer(
			"{user}", "me", "{role}", "user", "{group}", w.aGroup(ada.ID), "{login}", w.aLogin(ada.ID),
			"{session}", w.aSession(ada.ID), "{token}", w.aToken(auth.Holder{User: ada.ID}),
		).Replace(path)
		a := w.do(method, "/auth"+path, row.body, bearer(w.serviceToken()))
		if a.status != 404 && (a.status != 403 || a.code(t) != "session_required") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	w := setup(t)
	w.user("ada")
	w.token("ada")
	token := w.serviceToken()
	if a := w.do("GET", "/auth/logins?user=me", "", bearer(token)); a.status != 404 {
		t.Errorf("logins of me: %d %s", a.status, a.body)
	}
	for _, body := range []string{`{"scope":"users"}`, `{"scope":"users","user":"me"}`} {
		a := w.do("POST", "/auth/explain", body, bearer(token))
		w.want(a, 200, "")
		if a.get(t, "allowed") != true {
			t.Errorf("%s: %s", body, a.body)
		}
	}
}
