package main

import (
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// person calls the host with their own token.
type person struct {
	t     *testing.T
	app   *app
	token string
}

func (p person) do(status int, method, path, body string) map[string]any {
	p.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	w := httptest.NewRecorder()
	p.app.mux.ServeHTTP(w, r)
	if w.Code != status {
		p.t.Fatalf("%s %s: %d %s, want %d", method, path, w.Code, w.Body, status)
	}
	out := map[string]any{}
	if text := w.Body.String(); strings.HasPrefix(text, "[") {
		var list []any
		_ = json.Unmarshal([]byte(text), &list)
		out["items"] = list
	} else {
		_ = json.Unmarshal([]byte(text), &out)
	}
	return out
}

func (a *app) person(t *testing.T, name string) person {
	t.Helper()
	p := person{t: t, app: a}
	const pass = "tiny horse 42 staple"
	p.do(http.StatusCreated, "POST", "/auth/users", fmt.Sprintf(`{"username":%q,"password":%q}`, name, pass))
	answer := p.do(http.StatusOK, "POST", "/auth/token", fmt.Sprintf(
		`{"grant_type":"password","username":%q,"password":%q}`, name, pass,
	))
	p.token, _ = answer["access_token"].(string)
	return p
}

// A note is shared by a link. Whoever accepts it can read and list the note until the share is
// revoked.
func TestShareANoteByLink(t *testing.T) {
	t.Parallel()
	a, err := newApp(t.Context(), t.TempDir(), "http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.db.Close() })
	ada, bob, nobody := a.person(t, "ada"), a.person(t, "bob"), person{t: t, app: a}
	id, _ := ada.do(http.StatusCreated, "POST", "/notes", `{"text":"buy milk"}`)["id"].(string)
	bob.do(http.StatusCreated, "POST", "/notes", `{"text":"my own"}`)
	nobody.do(http.StatusUnauthorized, "GET", "/notes", "")
	bob.do(http.StatusNotFound, "GET", "/notes/"+id, "")
	bob.do(http.StatusNotFound, "POST", "/auth/resources/note/"+id+"/share-codes", "{}")

	made := ada.do(
		http.StatusCreated, "POST", "/auth/resources/note/"+id+"/share-codes", `{"max_uses":1,"next":"/notes/`+id+`"}`,
	)
	link, err := url.Parse(made["accept_url"].(string))
	if err != nil || link.Path != "/auth/link" || link.RawQuery != "" {
		t.Fatalf("link %v", made["accept_url"])
	}
	fragment, _ := url.ParseQuery(link.Fragment)
	nobody.do(http.StatusOK, "GET", link.Path, "")
	accepted := bob.do(
		http.StatusOK, "POST", "/auth/share-codes/accept", fmt.Sprintf(`{"code":%q}`, fragment.Get("token")),
	)
	if accepted["next"] != "/notes/"+id {
		t.Errorf("accepted %v", accepted)
	}
	if got := bob.do(http.StatusOK, "GET", "/notes/"+id, ""); got["text"] != "buy milk" {
		t.Errorf("read %v", got)
	}
	if list, _ := bob.do(http.StatusOK, "GET", "/notes", "")["items"].([]any); len(list) != 2 {
		t.Errorf("bob lists %v", list)
	}
	if list, _ := ada.do(http.StatusOK, "GET", "/notes", "")["items"].([]any); len(list) != 1 {
		t.Errorf("ada lists %v", list)
	}
	ada.do(http.StatusNoContent, "DELETE", "/auth/resources/note/"+id+"/shares?all=true", "")
	bob.do(http.StatusNotFound, "GET", "/notes/"+id, "")
	if list, _ := bob.do(http.StatusOK, "GET", "/notes", "")["items"].([]any); len(list) != 1 {
		t.Errorf("bob lists %v", list)
	}
	bob.do(http.StatusUnprocessableEntity, "POST", "/notes", `{"text":" "}`)
}

// The program can be copied: it imports only the library and the standard library.
func TestImports(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		own := strings.HasPrefix(path+"/", "github.com/hallpass-go/hallpass/") && !strings.Contains(path, "/examples/")
		if !own && strings.Contains(path, ".") {
			t.Errorf("it imports %s", path)
		}
	}
}
