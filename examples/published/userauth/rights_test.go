package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// Of 64 registrations of one username at once, one wins and 63 conflict.
func TestOneRegistrationWins(t *testing.T) {
	t.Parallel()
	for database, place := range places {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s := place(t).serve()
			if wins, conflicts, _ := raceToRegister(s, "ada", 64); wins != 1 || conflicts != 63 {
				t.Errorf("%d win, %d conflict", wins, conflicts)
			}
			if list := read[[]userJSON](s, s.call("GET", "/users", s.tokenOfAdmin(), "")); len(list) != 2 {
				t.Errorf("%+v", list)
			}
		})
	}
}

func (s *serving) tokenOfAdmin() string {
	s.t.Helper()
	s.admin("boss", "B", "B")
	return s.token("boss")
}

// A token names an account. It survives a renaming, and never opens the account of a user who
// takes a free name.
func TestTokenNamesAnAccount(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	first := s.register("alice", "Ada", "Lovelace")
	token := s.token("alice")
	s.want(s.call("PATCH", "/users/me", token, `{"username":"alicia"}`), 200, "")
	second := s.register("alice", "Mal", "Lory")
	if me := read[userJSON](
		s, s.call("GET", "/users/me", token, ""),
	); me.UUID != first.UUID || me.Username != "alicia" {
		t.Errorf("the token opens %+v", me)
	}
	s.want(s.call("GET", "/users/"+string(second.UUID), token, ""), 404, "not_found")
	s.want(s.call("DELETE", "/users/me", token, ""), 204, "")
	s.register("alicia", "Mal", "Lory")
	s.want(s.call("GET", "/users/me", token, ""), 401, "token_invalid")
}

// A token lives for 30 minutes, with half a minute for clocks that differ. It can delete the
// account in its first five minutes.
func TestTokenLife(t *testing.T) {
	t.Parallel()
	clock := &shifted{}
	s := newPlace(t).serve(func(c *auth.Config) { c.Now = clock.now })
	s.register("ada", "Ada", "Lovelace")
	token := s.token("ada")
	for later, want := range map[time.Duration]string{29 * time.Minute: "", 31 * time.Minute: "token_expired"} {
		back := clock.shift(later)
		status := 200
		if want != "" {
			status = 401
		}
		s.want(s.call("GET", "/user/me", token, ""), status, want)
		back()
	}
	back := clock.shift(6 * time.Minute)
	s.want(s.call("DELETE", "/user/me", token, ""), 403, "reauth_required")
	s.want(s.call("DELETE", "/user/me", s.token("ada"), ""), 204, "")
	back()
}

// Only users can delete themselves. Admins can't delete them, neither here nor through the
// library's API. The last admin can't leave.
func TestOnlyUsersDeleteThemselves(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	ada, other := s.register("ada", "A", "L"), s.admin("other", "O", "T")
	boss := s.tokenOfAdmin()
	for _, path := range []string{"/user/", "/users/", "/auth/users/"} {
		s.want(s.call("DELETE", path+string(ada.UUID), boss, ""), 404, "not_found")
		s.want(s.call("DELETE", path+string(other.UUID), boss, ""), 404, "not_found")
		s.want(s.call("DELETE", path+string(ada.UUID), "", ""), 401, "unauthenticated")
	}
	s.want(s.call("DELETE", "/user/me", boss, ""), 204, "")
	s.want(s.call("DELETE", "/user/me", s.token("other"), ""), 409, "last_admin")
	s.want(s.call("PATCH", "/user/me", s.token("other"), `{"role":"celebrity user"}`), 409, "last_admin")
	s.want(s.call("DELETE", "/user/"+string(ada.UUID), s.token("ada"), ""), 204, "")
}

// If two admins take each other's role at the same time, one stays, on both databases.
func TestCrossingDemotions(t *testing.T) {
	t.Parallel()
	for database, place := range places {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s := place(t).serve()
			a, b := s.admin("aa", "A", "A"), s.admin("bb", "B", "B")
			tokens := []string{s.token("aa"), s.token("bb")}
			for round := range 10 {
				var both sync.WaitGroup
				for i, victim := range []userJSON{b, a} {
					both.Go(
						func() { s.call("PATCH", "/users/"+string(victim.UUID), tokens[i], `{"role":"normal user"}`) },
					)
				}
				both.Wait()
				left := 0
				for _, u := range []userJSON{a, b} {
					if slices.Contains(s.roles(u.UUID), auth.RoleAdmin) {
						left++
					}
					if err := s.accounts.AddRole(t.Context(), s.operator, u.UUID, auth.RoleAdmin); err != nil {
						t.Fatal(err)
					}
				}
				if left < 1 {
					t.Fatalf("round %d: no admin is left", round)
				}
			}
		})
	}
}

// A change of roles counts for existing tokens. Roles are a set: those below the new one stay.
func TestRolesActAtOnce(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	ada, boss := s.register("ada", "Ada", "Lovelace"), s.tokenOfAdmin()
	token, path := s.token("ada"), "/users/"+string(ada.UUID)
	for _, c := range []struct {
		role string
		list int
		held []auth.RoleID
	}{
		{"celebrity user", 403, []auth.RoleID{celebrity, "normal"}},
		{"admin user", 200, []auth.RoleID{auth.RoleAdmin, celebrity, "normal"}},
		{"celebrity user", 403, []auth.RoleID{celebrity, "normal"}},
		{"normal user", 403, []auth.RoleID{"normal"}},
		{"admin user", 200, []auth.RoleID{auth.RoleAdmin, "normal"}},
		{"normal user", 403, []auth.RoleID{"normal"}},
	} {
		got := s.call("PATCH", path, boss, `{"role":"`+c.role+`"}`)
		s.want(got, 200, "")
		if u := read[userJSON](s, got); u.Role != c.role {
			t.Errorf("%+v", u)
		}
		s.want(s.call("GET", "/users", token, ""), c.list, "")
		s.want(s.call("GET", "/logins", token, ""), c.list, "")
		if held := s.roles(ada.UUID); !slices.Equal(held, c.held) {
			t.Errorf("%s: holds %v", c.role, held)
		}
	}
	disabled := auth.StatusDisabled
	if _, err := s.accounts.UpdateUser(
		t.Context(), s.operator, ada.UUID, auth.UserPatch{Status: &disabled},
	); err != nil {
		t.Fatal(err)
	}
	s.want(s.call("GET", "/users/me", token, ""), 401, "token_invalid")
	s.want(s.call("POST", "/token", "", `{"username":"ada","password":"`+pass+`"}`), 403, "account_disabled")
}

// PATCH checks the document as a whole. Errors come in the order of the original, and nothing
// is changed unless everything may be.
func TestPatchIsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	ada := s.register("ada", "Ada", "Lovelace")
	s.register("bob", "Bob", "B")
	token, boss, path := s.token("ada"), s.tokenOfAdmin(), "/users/"+string(ada.UUID)
	for _, c := range []struct {
		token, body string
		status      int
		code        string
	}{
		{token, `{"username":"bob","role":"admin user","email":"x@example.com"}`, 409, "username_taken"},
		{token, `{"username":"ada2","role":"admin user","email":"x@example.com"}`, 403, "field_forbidden"},
		{token, `{"username":"ada2","email":"x@example.com"}`, 405, "read_only"},
		{token, `{"username":"ada2","name":"Eva"}`, 405, "read_only"},
		{token, `{"uuid":"3fa85f64-5717-4562-b3fc-2c963f66afa6"}`, 405, "read_only"},
		{boss, `{"username":"ada2","role":"admin user","surname":"King"}`, 405, "read_only"},
		{boss, `{"username":"bob","role":"admin user"}`, 409, "username_taken"},
		{boss, `{"username":"not a name","role":"admin user"}`, 422, "invalid_input"},
		{token, `{"username":"","email":"x@example.com"}`, 422, "invalid_input"},
		{token, `{"Role":"admin user"}`, 422, "invalid_input"},
		{token, `{"is_admin":true}`, 422, "invalid_input"},
		{token, `{"username":"ada","username":"root"}`, 422, "invalid_input"},
		{token, `{"role":null}`, 422, "invalid_input"},
		{token, `{"uuid":"x"}`, 422, "invalid_input"},
		{token, `[]`, 422, "invalid_input"},
		{token, `{}`, 200, ""},
		{token, `{"role":"normal user","uuid":"` + strings.ToUpper(string(ada.UUID)) + `"}`, 200, ""},
	} {
		got := s.call("PATCH", path, c.token, c.body)
		s.want(got, c.status, c.code)
		if (got.header.Get("Allow") != "") != (c.status == 405) {
			t.Errorf("%s: Allow %q", c.body, got.header.Get("Allow"))
		}
		if now := read[userJSON](s, s.call("GET", path, token, "")); now != ada {
			t.Fatalf("%s changed %+v", c.body, now)
		}
	}
	s.want(s.call("PATCH", path, token, `{"username":"ADA"}`), 200, "")
	s.want(s.call("PATCH", path, boss, `{"username":"countess","role":"celebrity user"}`), 200, "")
	s.want(s.call("PATCH", "/user/me", boss, `{"username":"Countess"}`), 409, "username_taken")
}

// Logins lists the successful sign-ins of the user in the path, newest first. The library's API
// has the failed ones.
func TestLogins(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	ada := s.register("ada", "Ada", "Lovelace")
	bob := s.register("bob", "Bob", "B")
	s.want(s.call("POST", "/token", "", `{"username":"ada","password":"wrong password"}`), 401, "bad_credentials")
	boss, token := s.tokenOfAdmin(), s.token("ada")
	s.token("ada")
	theirs := read[[]loginJSON](s, s.call("GET", "/user/"+string(ada.UUID)+"/logins", boss, ""))
	mine := read[[]loginJSON](s, s.call("GET", "/user/me/logins", token, ""))
	if len(mine) != 2 || !slices.Equal(mine, theirs) || mine[0].Time <= mine[1].Time || mine[0].UserUUID != ada.UUID {
		t.Fatalf("%+v, %+v", mine, theirs)
	}
	one := string(mine[0].UUID)
	for path, want := range map[string]int{
		"/logins/" + one: 200, "/users/" + string(ada.UUID) + "/logins/" + strings.ToUpper(one): 200,
		"/user/me/logins/" + one:                        404,
		"/users/" + string(bob.UUID) + "/logins/" + one: 404, "/logins/x": 422, "/users/me/logins/x": 422,
		"/users/x/logins": 422,
	} {
		s.want(s.call("GET", path, boss, ""), want, "")
	}
	for _, path := range []string{"/logins/" + one, "/users/" + string(bob.UUID) + "/logins/" + one,
		"/users/me/logins/" + one, "/user/" + string(ada.UUID) + "/logins"} {
		s.want(s.call("GET", path, s.token("bob"), ""), 404, "not_found")
	}
	failure := read[struct{ Items []struct{ ID string } }](
		s, s.call("GET", "/auth/users/me/logins?outcome=failure", token, ""),
	)
	if len(failure.Items) != 1 {
		t.Fatalf("%+v", failure)
	}
	for _, path := range []string{"/logins/", "/users/me/logins/"} {
		s.want(s.call("GET", path+failure.Items[0].ID, token, ""), 404, "not_found")
	}
}

// Guessing is slowed down and reveals nothing: existing names and others always get the same
// answers.
func TestGuessing(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	s.register("ada", "Ada", "Lovelace")
	answers := map[string][]string{}
	for _, name := range []string{"ada", "nobody-has-this"} {
		for range 25 {
			got := s.call("POST", "/token", "", `{"username":"`+name+`","password":"wrong password"}`)
			answers[name] = append(answers[name], fmt.Sprint(got.status, got.text, got.header.Get("Retry-After") != ""))
		}
	}
	if !slices.Equal(answers["ada"], answers["nobody-has-this"]) || !strings.HasPrefix(answers["ada"][24], "429") ||
		!strings.HasSuffix(answers["ada"][24], "true") {
		t.Errorf("%v", answers)
	}
}

// Passwords that broke the original work, in a form and in JSON, at registration and at
// sign-in.
func TestHostilePasswords(t *testing.T) {
	t.Parallel()
	s := newPlace(t).serve()
	for what, c := range map[string]struct {
		pw             string
		register, sign int
	}{
		"NUL": {"with a \x00 in the midst", 422, 422}, "73 bytes": {
			strings.Repeat("tiny horse", 8)[:73], 201, 200,
		}, "not UTF-8": {"tiny horse \xff 42 staple", 422, 422},
		"2 KiB": {
			strings.Repeat("tiny horse 42 st", 128), 422, 422,
		}, "1 MiB": {strings.Repeat("tiny horse 42 st", 65536), 413, 413}, "empty": {"", 422, 401},
	} {
		name := "u" + strings.NewReplacer(" ", "", "-", "").Replace(strings.ToLower(what))
		form := url.Values{"password": {c.pw}, "email": {name + "@example.com"}, "username": {name}}.Encode()
		s.want(s.do(s.request("POST", "/users?name=A&surname=B&username="+name, "", formURL, form)), c.register, "")
		got := s.do(s.request("POST", "/token", "", formURL, form))
		s.want(got, c.sign, "")
		if c.pw != "" && strings.Contains(got.text, "tiny horse") {
			t.Errorf("%s: the answer repeats a password: %.200s", what, got.text)
		}
	}
	wrong := strings.Repeat("tiny horse", 8)[:72] + "!" // the same but for its end
	s.want(s.call("POST", "/token", "", `{"username":"u73bytes","password":"`+wrong+`"}`), 401, "bad_credentials")
	if s.log.Len() > 0 {
		t.Errorf("log %s", s.log)
	}
}
