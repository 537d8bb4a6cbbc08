package httpadapter_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/httpadapter"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store/memstore"
)

const pass = "tiny horse 42 staple"

// world is a mounted adapter on an empty store.
type world struct {
	t        *testing.T
	accounts *auth.Service
	shares   *sharing.Service
	hp       *httpadapter.Handler
	mux      *http.ServeMux
	st       *memstore.Store
	log      *bytes.Buffer
}

func setup(t *testing.T, edit ...func(*auth.Config, *httpadapter.Config)) *world {
	t.Helper()
	w := &world{t: t, st: memstore.New(), mux: http.NewServeMux(), log: &bytes.Buffer{}}
	ac := auth.Config{
		Secret: []byte("a secret for tests only, 32 bytes"), BaseURL: "https://app.example", Settings: policy.Settings{SignUp: policy.SignUpOpen},
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
		Roles: []auth.Role{{
			Name: "helper", Scopes: []string{"users", "sessions", "read:logins"},
		}, {Name: "reader", Scopes: []string{"read:notes!note=n1"}}},
		Scopes: scopes.Model{
			Kinds: []scopes.Kind{{Name: "note"}}, Scopes: []scopes.Definition{
				{Name: "read:notes", Label: "Read notes", Filters: []string{"note", "user"}},
			},
		},
	}
	hc := httpadapter.Config{Prefix: "/auth", Logger: slog.New(slog.NewTextHandler(w.log, nil))}
	for _, e := range edit {
		e(&ac, &hc)
	}
	var err error
	if w.accounts, err = auth.New(w.st.Auth(), ac); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]sharing.Kind{}
	for _, k := range ac.Scopes.Kinds { // of each kind everything is shared, and on
		kinds[k.Name] = sharing.Kind{Reshare: true}
	}
	if w.shares, err = sharing.New(w.accounts, w.st.Sharing(), sharing.Config{Kinds: kinds, AcceptURL: "https://app.example/share", Now: ac.Now}); err != nil {
		t.Fatal(err)
	}
	devices, err := device.New(w.accounts, w.st.Devices())
	if err != nil {
		t.Fatal(err)
	}
	rooms := httpadapter.Rooms{Sharing: w.shares, Devices: devices}
	if w.hp, err = httpadapter.New(w.accounts, rooms, hc); err != nil {
		t.Fatal(err)
	}
	w.mux.Handle("/auth/", w.hp)
	w.mux.Handle("/.well-known/", w.hp.WellKnown())
	return w
}

func (w *world) user(name string, roles ...string) auth.User {
	w.t.Helper()
	in := auth.UserInput{Username: name, Password: pass}
	if len(roles) > 0 {
		in.Roles = append(roles, "user")
	}
	u, err := w.accounts.CreateUser(w.t.Context(), w.accounts.Operator("test"), in, auth.Client{})
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// answer is a response that was read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) get(t *testing.T, path string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("body %.200q: %v", a.body, err)
	}
	for part := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[part]
	}
	return v
}

func (a answer) code(t *testing.T) string {
	t.Helper()
	code, _ := a.get(t, "code").(string)
	return code
}

// with changes a request before it is sent.
type with func(*http.Request)

func bearer(token string) with {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func header(name, value string) with {
	return func(r *http.Request) { r.Header.Add(name, value) }
}

func cookie(c *http.Cookie) with { return func(r *http.Request) { r.AddCookie(c) } }

func from(addr string) with { return func(r *http.Request) { r.RemoteAddr = addr } }

// do sends a request; a body that is not empty goes as JSON.
func (w *world) do(method, path, body string, edit ...with) answer {
	w.t.Helper()
	return w.send(w.mux, method, path, body, edit...)
}

func (w *world) send(h http.Handler, method, path, body string, edit ...with) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, e := range edit {
		e(r)
	}
	a := w.record(h, r)
	if a.status >= 500 && a.status != 501 && a.status != 503 {
		w.t.Errorf("%s %s: %d %s\n%s", method, path, a.status, a.body, w.log)
	}
	return a
}

// quietly is do without edits, for answers that may be 500.
func (w *world) quietly(method, path, body string) answer {
	w.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return w.record(w.mux, r)
}

func (w *world) record(h http.Handler, r *http.Request) answer {
	w.t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	doc, err := io.ReadAll(rec.Result().Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{rec.Code, rec.Header(), string(doc)}
}

func (w *world) want(a answer, status int, code string) {
	w.t.Helper()
	if a.status != status || code != "" && a.code(w.t) != code {
		w.t.Fatalf("got %d %s, want %d %s", a.status, a.body, status, code)
	}
}

// token signs a user in and returns the access token and the refresh token.
func (w *world) token(name string, scope ...string) (access, refresh string) {
	w.t.Helper()
	body := map[string]string{"grant_type": "password", "username": name, "password": pass}
	if len(scope) > 0 {
		body["scope"] = strings.Join(scope, " ")
	}
	doc, _ := json.Marshal(body)
	a := w.do("POST", "/auth/token", string(doc))
	w.want(a, 200, "")
	return a.get(w.t, "access_token").(string), a.get(w.t, "refresh_token").(string)
}

// session signs a user in with a cookie.
func (w *world) session(name string) *http.Cookie {
	w.t.Helper()
	a := w.do("POST", "/auth/sessions", `{"login":"`+name+`","password":"`+pass+`"}`)
	w.want(a, 201, "")
	return cookieOf(w.t, a, "__Host-hp_session")
}

func cookieOf(t *testing.T, a answer, name string) *http.Cookie {
	t.Helper()
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no cookie %s in %v", name, a.header)
	return nil
}
