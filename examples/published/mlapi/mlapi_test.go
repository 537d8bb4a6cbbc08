package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Only enabled users get a token and reach the model, from the next request on. A user who is
// enabled again has to sign in again.
func TestOnlyEnabledUsersPredict(t *testing.T) {
	t.Parallel()
	for database := range hosttest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s := serve(t, database)
			id, admin := s.register("ada"), s.token("boss")
			token := s.token("ada")
			s.Call("POST", "/predict", token, `{"age": 25}`).Want(200, "")
			s.Call("PUT", "/toggle-user-permission/"+id+"/0", admin, "").Want(200, "")
			s.Call("POST", "/predict", token, `{"age": 25}`).Want(401, "token_invalid")
			s.Call("POST", "/token_status", "", `{"token":"`+token+`"}`).Want(401, "token_invalid")
			s.Call("GET", "/token_status/"+token, "", "").Want(401, "token_invalid")
			s.Call("POST", "/token", "", `{"username":"ada","password":"`+pass+`"}`).Want(403, "account_disabled")
			s.Call("POST", "/token", "", `{"username":"ada","password":"wrong horse 42"}`).Want(401, "bad_credentials")
			s.Call("PUT", "/toggle-user-permission/"+id+"/1", admin, "").Want(200, "")
			s.Call("POST", "/predict", token, `{"age": 25}`).Want(401, "token_invalid") // the old token stays invalid
			s.Call("POST", "/predict", s.token("ada"), `{"age": 25}`).Want(200, "")
			if n := s.predictions(id); n != 2 {
				t.Errorf("%d predictions are kept", n)
			}
		})
	}
}

// Enabling and removing need an admin, whatever the path says. Nobody else learns who exists.
func TestOnlyAdminsToggleAndRemove(t *testing.T) {
	t.Parallel()
	s := serve(t, "sqlite")
	ada, eve := s.register("ada"), s.register("eve")
	token := s.token("eve")
	for _, id := range []string{ada, eve, "0198c0de-0000-7000-8000-000000000000", "abc", "1"} {
		for _, call := range [][2]string{{
			"PUT", "/toggle-user-permission/" + id + "/0",
		}, {"PUT", "/toggle-user-permission/" + id + "/9"}, {"DELETE", "/remove-user/" + id}} {
			s.Call(call[0], call[1], "", "").Want(401, "unauthenticated")
			s.Call(call[0], call[1], "garbage", "").Want(401, "token_invalid")
			s.Call(call[0], call[1], token, "").Want(403, "insufficient_scope")
		}
	}
	s.Call("POST", "/predict", s.token("ada"), `{"age":1}`).Want(200, "")
	s.Call("POST", "/predict", token, `{"age":1}`).Want(200, "")
	boss := s.Call("GET", "/auth/users/me", s.token("boss"), "").Want(200, "").Member("id")
	s.Call("PUT", "/toggle-user-permission/"+boss+"/0", s.token("boss"), "").Want(409, "last_admin")
	s.Call("DELETE", "/remove-user/"+boss, s.token("boss"), "").Want(409, "last_admin")
}

// A conflict tells only an admin who has the name.
func TestConflictTellsOnlyAdmins(t *testing.T) {
	t.Parallel()
	s := serve(t, "sqlite")
	id := s.register("ada")
	s.register("eve")
	for _, body := range []string{`{"username":"ADA","password":"` + pass + `","email":"x@example.com"}`,
		`{"username":"x","password":"` + pass + `","email":"Ada@example.com"}`} {
		for token, want := range map[string]string{"": "", s.token("eve"): "", s.token("boss"): id} {
			got := s.Call("POST", "/register-user", token, body).Want(409, "")
			if got.Member("user_id") != want || got.Member("message") != "User already exists" {
				t.Errorf("%s", got.Text)
			}
		}
	}
	s.Call(
		"POST", "/register-user", "garbage", `{"username":"y","password":"`+pass+`","email":"y@example.com"}`,
	).Want(401, "token_invalid")
	// An admin can't make an account that the policy forbids.
	closed := policy.SignUpClosed
	if _, err := s.accounts.UpdateSettings(t.Context(), s.operator, policy.SettingsPatch{SignUp: &closed}); err != nil {
		t.Fatal(err)
	}
	s.Call(
		"POST", "/register-user", s.token("boss"), `{"username":"y","password":"`+pass+`","email":"y@example.com"}`,
	).Want(403, "signup_closed")
}

// Removing a user removes what they asked, in the same transaction. What others asked stays,
// and the service goes on.
func TestRemoveTakesPredictions(t *testing.T) {
	t.Parallel()
	for database := range hosttest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s := serve(t, database)
			ada, eve := s.register("ada"), s.register("eve")
			old := s.token("ada")
			s.Call("POST", "/predict", old, `{"age":25}`).Want(200, "")
			s.Call("POST", "/predict", s.token("eve"), `{"age":30.5}`).Want(200, "")
			s.Call("DELETE", "/remove-user/"+ada, s.token("boss"), "").Want(200, "")
			if a, e := s.predictions(ada), s.predictions(eve); a != 0 || e != 1 {
				t.Errorf("%d and %d are left", a, e)
			}
			again := s.register("ada") // the name is free, and nothing comes with it
			if again == ada {
				t.Error("the same id")
			}
			s.Call("POST", "/predict", old, `{"age":25}`).Want(401, "token_invalid")
			s.Call("DELETE", "/remove-user/"+ada, s.token("boss"), "").Want(404, "not_found")
			s.Call("DELETE", "/auth/users/me", s.token("eve"), "").Want(204, "") // and by the user themselves
			if n := s.predictions(eve); n != 0 {
				t.Errorf("%d are left", n)
			}
			if err := s.remember(t.Context(), auth.UserID(ada), 1, 1); err != auth.ErrTokenInvalid {
				t.Errorf("a prediction of who is gone: %v", err)
			}
		})
	}
}

// The model takes one number that is an age. The token may stand alone or after Bearer.
func TestPredict(t *testing.T) {
	t.Parallel()
	s := serve(t, "sqlite")
	s.register("ada")
	token := s.token("ada")
	for age, want := range map[string]string{"0": `{"yhat_prob":"0.2508","yhat":"0"}`,
		"25": `{"yhat_prob":"0.6","yhat":"1"}`, "18.2": `{"yhat_prob":"0.4994","yhat":"0"}`,
		"150": `{"yhat_prob":"0.9996","yhat":"1"}`} {
		if got := s.Call("POST", "/predict", token, `{"age": `+age+`}`).Want(200, ""); got.Text != want+"\n" {
			t.Errorf("%s is %s", age, got.Text)
		}
	}
	for _, body := range []string{
		`{}`, `{"age":"25"}`, `{"age":null}`, `{"age":-1}`, `{"age":151}`, `{"age":1e300}`, `{"age":25,"x":1}`,
	} {
		s.Call("POST", "/predict", token, body).Want(400, "bad_request")
	}
	for _, body := range []string{`[25]`, `{"age":1e999}`, `{"age":25}{}`, `{"age":1,"age":2}`, `null`, `{`} {
		s.Call("POST", "/predict", token, body).Want(400, "bad_json")
	}
	s.Call("POST", "/predict", token, `{"x":"`+strings.Repeat("x", 70_000)+`"}`).Want(413, "too_large")
	for header, status := range map[string]int{token: 200, "Bearer " + token: 200, "bearer " + token: 200, "": 401,
		"Basic " + token: 401, "Bearer": 401, "Bearer  " + token: 401, token + ", " + token: 401} {
		r := s.Request("POST", "/predict", `{"age":25}`)
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		if got := s.Do(r); got.Status != status || status == 401 &&
			(got.Member("error") != "Unauthorized" || got.Header.Get("WWW-Authenticate") == "") {
			t.Errorf("%q: %d %s", header, got.Status, got.Text)
		}
	}
	r := s.Request("POST", "/predict", `{"age":25}`)
	r.Header["Authorization"] = []string{token, token}
	s.Do(r).Want(400, "two_credentials")
	r = s.Request("POST", "/predict?token="+token, `{"age":25}`)
	r.Header.Set("Cookie", "hp_session="+token)
	s.Do(r).Want(401, "unauthenticated")
}

// An API token reaches the model only with the scope predict.
func TestNarrowTokenDoesNotPredict(t *testing.T) {
	t.Parallel()
	s := serve(t, "sqlite")
	s.register("ada")
	for list, status := range map[string]int{`"read:users!user"`: 403, `"predict"`: 200} {
		made := s.Call(
			"POST", "/auth/users/me/tokens", s.token("ada"), `{"name":"n","scopes":[`+list+`]}`,
		).Want(201, "").Member("token")
		s.Call("POST", "/predict", made, `{"age":25}`).Want(status, "")
		s.Call("PUT", "/toggle-user-permission/1/0", made, "").Want(403, "insufficient_scope")
	}
}

// A body is one object with exactly the members of the call. A refused body leaves nothing
// behind.
func TestBodies(t *testing.T) {
	t.Parallel()
	s := serve(t, "sqlite")
	for body, want := range map[string]string{
		`{}`: `{"detail":[{"type":"missing","loc":["body","username"],"msg":"Field required","input":null},` +
			`{"type":"missing","loc":["body","password"],"msg":"Field required","input":null},` +
			`{"type":"missing","loc":["body","email"],"msg":"Field required","input":null}],"code":"invalid_input"}`,
		`{"username":"a","password":"` + pass + `","email":"a@x.org","enabled":true}`:    "extra_forbidden",
		`{"username":"a","password":"` + pass + `","email":"a@x.org","roles":["admin"]}`: "extra_forbidden",
		`{"username":"a","password":null,"email":"a@x.org"}`:                             "string_type",
		`{"username":"a","password":"` + pass + `","email":"nope"}`:                      `"loc":["body","email"]`,
		`{"username":"a","password":"test","email":"a@x.org"}`:                           "too_short",
		`{"username":"a","password":"a\u0000bcdefgh","email":"a@x.org"}`:                 `"loc":["body","password"]`,
		`{"username":"","password":"` + pass + `","email":"a@x.org"}`:                    `"loc":["body","username"]`,
	} {
		if got := s.Call(
			"POST", "/register-user", "", body,
		).Want(422, "invalid_input"); !strings.Contains(got.Text, want) || strings.Contains(got.Text, pass) {
			t.Errorf("%s: %s", body, got.Text)
		}
	}
	s.Call("POST", "/register-user", "", `{`).Want(400, "bad_json")
	r := s.Request("POST", "/register-user", "username=f&password=f")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s.Do(r).Want(415, "unsupported_media_type")
	s.Call("GET", "/nowhere", "", "").Want(404, "not_found")
	s.Call("POST", "//token", "", `{}`).Want(404, "not_found")
	if got := s.Call(
		"GET", "/remove-user/1", "", "",
	).Want(405, "method_not_allowed"); got.Header.Get("Allow") != "DELETE" {
		t.Errorf("Allow: %s", got.Header.Get("Allow"))
	}
	list, err := s.accounts.Users(t.Context(), s.operator, auth.UserFilter{})
	if err != nil || len(list.Items) != 1 {
		t.Errorf("%v, %v", list.Items, err)
	}
	if s.log.String() != "" {
		t.Errorf("log: %s", s.log)
	}
}

// Of 32 registrations of one name at once, one wins and the others conflict.
func TestOneRegistrationWins(t *testing.T) {
	t.Parallel()
	for database := range hosttest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s := serve(t, database)
			var mu sync.Mutex
			var all sync.WaitGroup
			statuses := map[int]int{}
			for i := range 32 {
				all.Go(func() {
					got := s.Call("POST", "/register-user", "", fmt.Sprintf(
						`{"username":"race","password":%q,"email":"r%d@example.com"}`, pass, i,
					))
					mu.Lock()
					defer mu.Unlock()
					statuses[got.Status]++
				})
			}
			all.Wait()
			if statuses[201] != 1 || statuses[409] != 31 {
				t.Errorf("%v", statuses)
			}
		})
	}
}

// A fault of the database is not blamed on the token, and the log contains no token.
func TestFaultIsNoInvalidToken(t *testing.T) {
	t.Parallel()
	s := serve(t, "sqlite")
	s.register("ada")
	token := s.token("ada")
	if err := s.db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, got := range []hosttest.Reply{
		s.Call("GET", "/token_status/"+token, "", ""), s.Call(
			"POST", "/token_status", "", `{"token":"`+token+`"}`,
		), s.Call("POST", "/predict", token, `{"age":25}`),
	} {
		if got.Status < 500 || strings.Contains(got.Text, "sql") {
			t.Errorf("%s: %d %s", got.Asked, got.Status, got.Text)
		}
	}
	if said := s.log.String(); said == "" || strings.Contains(said, token) {
		t.Errorf("log: %s", said)
	}
}

// Guessing ends in a refusal that is the same for names that do not exist.
func TestGuessingIsSlowed(t *testing.T) {
	t.Parallel()
	s := serve(t, "sqlite")
	s.register("ada")
	for _, name := range []string{"ada", "nobody"} {
		var last hosttest.Reply
		for range 21 {
			last = s.Call("POST", "/token", "", `{"username":"`+name+`","password":"wrong horse 42"}`)
		}
		if last.Want(429, "too_many_attempts").Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
}

// A token lives for an hour in every time zone.
func TestTokenLife(t *testing.T) {
	t.Parallel()
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("EST", -5*3600), time.FixedZone("EET", 2*3600)} {
		at := time.Now()
		s := serve(t, "sqlite", func(c *auth.Config) { c.Now = func() time.Time { return at.In(zone) } })
		s.register("ada")
		token := s.token("ada")
		at = at.Add(59 * time.Minute)
		s.Call("POST", "/token_status", "", `{"token":"`+token+`"}`).Want(200, "")
		at = at.Add(2 * time.Minute)
		s.Call("POST", "/token_status", "", `{"token":"`+token+`"}`).Want(401, "token_invalid")
	}
}

// The documents describe the routes, and tools can read them.
func TestDocuments(t *testing.T) {
	t.Parallel()
	s := serve(t, "sqlite")
	for _, path := range []string{"/docs", "/redoc"} {
		if got := s.Call("GET", path, "", "").Want(200, ""); !strings.Contains(got.Text, "<html") ||
			got.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %v", path, got.Header)
		}
	}
	got := s.Call("GET", "/openapi.json", "", "").Want(200, "")
	doc, err := openapi3.NewLoader().LoadFromData([]byte(got.Text))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	var said, have []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			said = append(said, method+" "+path)
		}
	}
	for _, rt := range routes() {
		have = append(have, rt.method+" "+rt.path)
	}
	slices.Sort(said)
	slices.Sort(have)
	if !slices.Equal(said, have) {
		t.Errorf("described %v, there are %v", said, have)
	}
}

var (
	servesLine = regexp.MustCompile(`mlapi serves (http://\S+)\n`)
	demoLine   = regexp.MustCompile(`(?m)^Demo administrator: (\S+), password: (\w+) `)
)

// start runs the command. The server has to end well with the test.
func start(t *testing.T, args ...string) (c hosttest.Client, out *hosttest.Buffer) {
	t.Helper()
	out, log, _ := hosttest.Start(t, func(ctx context.Context, out, log *hosttest.Buffer) int {
		return (&env{ctx: ctx, out: out, errOut: log, edit: hosttest.CheapHashing}).run(args)
	})
	return hosttest.Client{T: t, URL: hosttest.Await(t, servesLine, out, log)}, out
}

// The cells of the published chapter run, with one header added and another password.
func TestPublishedCells(t *testing.T) {
	t.Parallel()
	for database, address := range hosttest.Databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			db, dir := address(t), t.TempDir()
			args := []string{"--addr", "127.0.0.1:0", "--db", db, "--key-file", dir + "/key"}
			c, out := start(t, args...)
			demo := demoLine.FindStringSubmatch(out.String())
			if demo == nil {
				t.Fatalf("no demo administrator: %s", out)
			}
			admin := c.Call(
				"POST", "/token", "", `{"username":"`+demo[1]+`","password":"`+demo[2]+`"}`,
			).Want(200, "").Member("token")
			user, err := json.Marshal(
				map[string]string{"username": "test", "password": pass, "email": "test@testmail.com"},
			)
			if err != nil {
				t.Fatal(err)
			}
			c.Call("POST", "/register-user", "", string(user)).Want(201, "") // earlier in the chapter
			response := c.Call("POST", "/register-user", admin, string(user)).Want(409, "username_taken")
			if response.Member("message") != "User already exists" || response.Member("user_id") == "" {
				t.Errorf("%s", response.Text)
			}
			response = c.Call("DELETE", "/remove-user/"+response.Member("user_id"), admin, "").Want(200, "")
			if response.Member("message") != "User deleted successfully" {
				t.Errorf("%s", response.Text)
			}
			response = c.Call("POST", "/register-user", admin, string(user)).Want(201, "")
			id := response.Member("user_id")
			if response.Member("message") != "User created successfully" {
				t.Errorf("%s", response.Text)
			}
			response = c.Call("PUT", "/toggle-user-permission/"+id+"/0", admin, "").Want(200, "")
			if response.Member("message") != "User permission updated successfully" ||
				response.Member("user_id") != id {
				t.Errorf("%s", response.Text)
			}
			c.Call("POST", "/token", "", string(
				must(json.Marshal(map[string]string{"username": "test", "password": pass})),
			)).Want(http.StatusForbidden, "account_disabled")
			if _, out := start(t, args...); demoLine.MatchString(out.String()) {
				t.Error("a second start makes another administrator")
			}
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A start that fails prints one line. Nobody becomes an admin by taking the name first.
func TestRefusedStarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"--addr", "nowhere:x"}, {"--addr", "127.0.0.1:0", "--db", "mysql://u:secret@h/d"}, {"--what"},
		{"--addr", "127.0.0.1:0", "--db", dir + "/a.db", "--key-file", dir + "/a.key", "--base-url", "ftp://x"},
	} {
		out, errOut := &hosttest.Buffer{}, &hosttest.Buffer{}
		if status := (&env{ctx: t.Context(), out: out, errOut: errOut}).run(args); status == 0 ||
			strings.Count(errOut.String(), "\n") != 1 || strings.Contains(errOut.String(), "secret") {
			t.Errorf("%v: %d %q", args, status, errOut)
		}
	}
	s, err := openSite(t.Context(), dir+"/b.db", dir+"/b.key", hosttest.CheapHashing)
	if err != nil {
		t.Fatal(err)
	}
	defer s.db.Close()
	squatter := auth.UserInput{Username: "admin", Email: "x@example.com", Password: pass}
	if _, err := s.accounts.CreateUser(t.Context(), s.operator, squatter, auth.Client{}); err != nil {
		t.Fatal(err)
	}
	if pw, err := host.FirstAdmin(t.Context(), s.accounts, s.operator, squatter); err == nil || pw != "" {
		t.Errorf("%q, %v", pw, err)
	}
}
