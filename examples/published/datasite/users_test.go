package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

const nobody = "0198c0de-0000-7000-8000-000000000000"

// Everybody can change their own profile, and only admins those of others.
func TestProfiles(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-060", "pysyft-061", "pysyft-062", "pysyft-095")
	c := newCast(t)
	for _, actor := range []rung{guest, scientist, owner, admin} {
		if got := c.Call("PATCH", "/users/me", c.tokens[actor.wire], body("name", "New "+actor.wire, "website", "https://example.org")).Want(200, ""); got.Member("name") != "New "+actor.wire || got.Member("website") == "" {
			t.Errorf("%s", got.Text)
		}
		if got := c.Call(
			"GET", "/users/me", c.tokens[actor.wire], "",
		).Want(200, ""); got.Member("id") != c.ids[actor.wire] {
			t.Errorf("%s", got.Text)
		}
		for _, target := range ladder {
			id := c.target(target)
			for _, change := range []string{body("name", "X"), body("institution", "X"), body(
				"email", "x"+randomName()+"@example.net",
			), body("password", "other horse 42 staple")} {
				got := c.Call("PATCH", "/users/"+id, c.tokens[actor.wire], change)
				if may := actor == admin; may != (got.Status == 200) || !may && got.Status != 403 && got.Status != 404 {
					t.Errorf("%s changes %s of %s: %d %s", actor.wire, change, target.wire, got.Status, got.Text)
				}
			}
		}
	}
	// A change is made as a whole or not at all.
	id := c.target(guest)
	c.Call(
		"PATCH", "/users/"+id, c.tokens["DATA_OWNER"], body("role", "DATA_SCIENTIST", "name", "X"),
	).Want(403, "refused")
	if c.role(id) != "GUEST" {
		t.Error("half of a change was made")
	}
	c.Call("PATCH", "/users/me", c.tokens["GUEST"], body("role", "ADMIN", "name", "X")).Want(403, "field_forbidden")
	if got := c.Call("GET", "/users/me", c.tokens["GUEST"], ""); got.Member("name") == "X" {
		t.Error("half of a change was made")
	}
}

// A name is not only spaces, null leaves a field as it is, and an empty string clears an
// optional field. Other members are refused.
func TestFields(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-063", "pysyft-066", "pysyft-067", "pysyft-077")
	s := serve(t)
	_, token := s.person("ada", guest)
	for _, name := range []string{"", "   ", "\u00a0"} {
		if got := s.Call(
			"PATCH", "/users/me", token, body("name", name),
		).Want(422, "invalid_input"); !strings.Contains(got.Text, `"field":"name"`) {
			t.Errorf("%s", got.Text)
		}
		s.Call(
			"POST", "/register", s.token("root"), body("email", "b@example.com", "name", name, "password", pass),
		).Want(422, "invalid_input")
	}
	s.Call("PATCH", "/users/me", token, body("institution", "I", "website", "W")).Want(200, "")
	if got := s.Call(
		"PATCH", "/users/me", token, body("institution", nil, "website", "", "name", nil),
	).Want(200, ""); got.Member("institution") != "I" || got.Member("website") != "" || got.Member("name") != "ada" {
		t.Errorf("%s", got.Text)
	}
	for _, member := range []string{"created_date", "updated_date", "deleted_date", "created_at", "id", "roles",
		"status", "attributes", "hashed_password"} {
		s.Call("PATCH", "/users/me", token, body(member, "x")).Want(422, "invalid_input")
		s.Call("PATCH", "/users/me", s.token("root"), body(member, "x")).Want(422, "invalid_input")
	}
	for _, value := range []any{1, true, []string{}, map[string]any{}} {
		s.Call("PATCH", "/users/me", token, body("name", value)).Want(422, "invalid_input")
	}
	for _, id := range []string{nobody, "x", "../users", "%00"} {
		s.Call("PATCH", "/users/"+url.PathEscape(id), s.token("root"), body("name", "x")).Want(404, "not_found")
	}
	s.Call("PATCH", "/users/me", token, body("institution", strings.Repeat("x", 20_000))).Want(422, "invalid_input")
}

// Nobody can take the address of another user, or set one that is not an address. Setting one's
// own again is no conflict.
func TestAddresses(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-068", "pysyft-070", "pysyft-071")
	for _, mails := range []bool{true, false} {
		t.Run(fmt.Sprint("mail ", mails), func(t *testing.T) {
			t.Parallel()
			edit := without
			if mails {
				edit = func(*options) {}
			}
			s := serve(t, edit)
			tokens := map[string]string{}
			for _, r := range []rung{guest, scientist, owner, admin} {
				_, tokens[r.wire] = s.person("actor."+r.wire, r)
			}
			for role, token := range tokens {
				address := "actor." + role + "@example.com"
				got := s.Call("PATCH", "/users/me", token, body("email", "root@example.com"))
				if mails { // as for an address that is free, and nothing comes by which it could be completed
					got.Want(202, "")
					free := s.Call(
						"PATCH", "/users/me", token, body("email", "free."+role+"@example.com"),
					).Want(202, "")
					if len(free.Text) != len(got.Text) {
						t.Errorf("%s, %s", got.Text, free.Text)
					}
				} else if got.Status != 409 && got.Status != 403 {
					t.Errorf("%s: %d %s", role, got.Status, got.Text)
				}
				for _, bad := range []string{
					"nope", "@example.com", "a@", "a@.example.com", "", "A <a@example.com>", "a@b@c", " a@example.com",
				} {
					if got := s.Call(
						"PATCH", "/users/me", token, body("email", bad),
					); got.Status != 422 && (mails || got.Status != 403) {
						t.Errorf("%s takes %q: %d %s", role, bad, got.Status, got.Text)
					}
				}
				s.Call("PATCH", "/users/me", token, body("email", address)).Want(200, "")
				s.Call("PATCH", "/users/me", token, body("email", address, "name", "n")).Want(200, "")
				if got := s.Call("GET", "/users/me", token, ""); got.Member("email") != address {
					t.Errorf("%s", got.Text)
				}
			}
			if mails {
				for _, m := range s.mails("root") {
					if strings.Contains(m.Text, "#token=") || m.Subject == "Confirm your new address for datasite" {
						t.Errorf("%s", m.Subject)
					}
				}
			}
		})
	}
}

// Who may delete whom, for every pair of roles. Everybody but the root can delete themselves.
func TestWhoDeletes(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-080", "pysyft-081", "pysyft-083", "pysyft-085", "pysyft-086")
	c := newCast(t)
	for _, actor := range ladder {
		for _, target := range ladder {
			id := c.target(target)
			may := actor == admin || actor == owner && target.weight < owner.weight
			got := c.Call("DELETE", "/users/"+id, c.tokens[actor.wire], "")
			if may != (got.Status == 204) || !may && got.Status != 403 && got.Status != 404 {
				t.Errorf("%s deletes %s: %d %s", actor.wire, target.wire, got.Status, got.Text)
			}
			if status := c.Call("GET", "/users/"+id, c.token("root"), "").Status; may != (status == 404) {
				t.Errorf("%s deletes %s: then %d", actor.wire, target.wire, status)
			}
		}
	}
	c.Call("DELETE", "/users/"+nobody, c.tokens["ADMIN"], "").Want(404, "not_found")
	for _, actor := range []rung{guest, scientist, owner, admin} {
		c.Call("DELETE", "/users/me", c.tokens[actor.wire], "").Want(204, "")
		// The token of a deleted user is refused; it is not that of a guest.
		c.Call("GET", "/users/me", c.tokens[actor.wire], "").Want(401, "token_invalid")
		c.Call("GET", "/auth/whoami", c.tokens[actor.wire], "").Want(401, "token_invalid")
		c.register("x", c.tokens[actor.wire]).Want(401, "token_invalid")
		c.login("actor."+actor.wire, pass).Want(401, "bad_credentials")
		// A token that has ended does not keep anybody from signing in.
		c.Call("GET", "/metadata", c.tokens[actor.wire], "").Want(200, "")
		c.Call(
			"POST", "/login", c.tokens[actor.wire], body("email", "root@example.com", "password", pass),
		).Want(200, "")
	}
}

// Owners and admins list all users, in the public view.
func TestWhoReads(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-087", "pysyft-088", "pysyft-089", "pysyft-090", "pysyft-096")
	c := newCast(t)
	id := c.target(owner)
	for role, status := range map[string]int{
		"NONE": 403, "GUEST": 403, "DATA_SCIENTIST": 403, "DATA_OWNER": 200, "ADMIN": 200,
	} {
		got := c.Call("GET", "/users", c.tokens[role], "").Want(status, "")
		if status == 200 {
			page := hosttest.Read[struct{ Items []map[string]any }](got)
			if len(page.Items) != c.count() {
				t.Errorf("%s sees %d", role, len(page.Items))
			}
			for _, view := range page.Items {
				onlyPublic(t, view)
			}
		}
	}
	for role, status := range map[string]int{
		"NONE": 403, "GUEST": 404, "DATA_SCIENTIST": 200, "DATA_OWNER": 200, "ADMIN": 200,
	} {
		if got := c.Call("GET", "/users/"+id, c.tokens[role], "").Want(status, ""); status == 200 {
			onlyPublic(t, hosttest.Read[map[string]any](got))
		}
	}
	// A guest without an account has no profile.
	for _, path := range []string{"/users/me", "/users", "/users/" + id, "/users/"} {
		if got := c.Call("GET", path, "", ""); got.Status != 401 && got.Status != 404 {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
	c.Call("GET", "/users/me", "", "").Want(401, "unauthenticated")
}

// A search finds the users who match everything exactly, by role as well. An empty search is
// the list.
func TestSearch(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-091", "pysyft-092", "pysyft-093")
	c := newCast(t)
	ada, _ := c.person("ada", guest)
	c.person("ada.b", guest)
	find := func(query string) []string {
		t.Helper()
		var out []string
		for _, token := range []string{c.tokens["DATA_OWNER"], c.tokens["ADMIN"]} {
			got := c.Call("GET", "/users?"+query, token, "").Want(200, "")
			out = nil
			for _, u := range hosttest.Read[pageJSON](got).Items {
				out = append(out, u.Name)
			}
		}
		return out
	}
	for query, want := range map[string]string{
		"email=ada@example.com": "[ada]", "email=ADA@example.com": "[ada]", "email=ada": "[]", "name=ada": "[ada]",
		"name=Ada": "[]", "name=ad": "[]", "id=" + ada: "[ada]",
		"id=" + nobody: "[]", "id=" + ada + "&name=ada": "[ada]", "id=" + ada + "&name=other": "[]",
		"email=ada@example.com&role=guest": "[ada]",
		"email=ada@example.com&role=ADMIN": "[]", "role=data_scientist": "[actor.DATA_SCIENTIST]",
		"role=NONE": "[actor.NONE]", "name=": "[]", "name=%00": "[]",
	} {
		if got := fmt.Sprint(find(query)); got != want {
			t.Errorf("%s finds %s, want %s", query, got, want)
		}
	}
	if all := find(""); len(all) != c.count() {
		t.Errorf("%v", all)
	}
	for _, query := range []string{"verify_key=x", "hashed_password=x", "reset_token=x", "role=KING", "status=active",
		"limit=0", "limit=201", "limit=x"} {
		c.Call("GET", "/users?"+query, c.tokens["ADMIN"], "").Want(422, "invalid_input")
		c.Call("GET", "/users?"+query, c.tokens["DATA_SCIENTIST"], "").Want(403, "insufficient_scope")
	}
}

// Pages have no gaps and no duplicates. A page past the end is empty.
func TestPages(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-094")
	c := newCast(t)
	for i := range 12 {
		c.person(fmt.Sprint("p", i), guest)
	}
	for _, filter := range []string{"", "&role=GUEST", "&name=p3"} {
		want := hosttest.Read[pageJSON](c.Call("GET", "/users?limit=200"+filter, c.tokens["ADMIN"], "").Want(200, ""))
		for _, limit := range []int{1, 2, 5, 13} {
			var all []userJSON
			for cursor, more := "", true; more; {
				page := hosttest.Read[pageJSON](c.Call(
					"GET", fmt.Sprintf("/users?limit=%d&cursor=%s%s", limit, cursor, filter), c.tokens["ADMIN"], "",
				).Want(200, ""))
				if len(page.Items) > limit || len(all) > 100 {
					t.Fatalf("%d items, %d in all", len(page.Items), len(all))
				}
				all = append(all, page.Items...)
				if more = page.Next != nil; more {
					cursor = *page.Next
				}
			}
			if fmt.Sprint(all) != fmt.Sprint(want.Items) {
				t.Errorf("pages of %d%s: %v", limit, filter, all)
			}
		}
	}
	if got := c.Call(
		"GET", "/users?cursor=ffffffff-ffff-7fff-bfff-ffffffffffff", c.tokens["ADMIN"], "",
	).Want(200, ""); got.Text != `{"items":[],"next":null}`+"\n" {
		t.Errorf("%s", got.Text)
	}
	c.Call("GET", "/users?cursor=x", c.tokens["ADMIN"], "").Want(400, "bad_cursor")
}

// The library's routes about other users are not mounted, so nothing gets around the rules of
// the ladder.
func TestNoBackDoor(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	id := c.target(guest)
	for _, call := range [][2]string{
		{"PATCH", "/auth/users/" + id}, {"DELETE", "/auth/users/" + id}, {"POST", "/auth/users"},
		{"GET", "/auth/users"}, {"POST", "/auth/users/" + id + "/password"},
		{
			"POST", "/auth/users/" + id + "/password-reset",
		}, {"PUT", "/auth/users/" + id + "/roles/admin"}, {"POST", "/auth/invitations"}, {"PUT", "/auth/roles/x"},
		{"POST", "/auth/groups"}, {"POST", "/auth/services"}, {"POST", "/auth/setup"}, {"PATCH", "/auth/users/me"}, {
			"POST", "/auth/users/me/password-reset",
		}, {"GET", "/auth/openapi.json"},
	} {
		c.Call(call[0], call[1], c.tokens["ADMIN"], `{}`).Want(404, "not_found")
		c.Call(call[0], call[1]+"/", c.tokens["ADMIN"], `{}`).Want(404, "not_found")
	}
	for _, path := range []string{
		"//users", "/auth/./users", "/auth/users/me/../" + id, "/users/me/", "/auth/users/me/password/../roles",
	} {
		if got := c.Call("GET", path, c.tokens["ADMIN"], ""); got.Status != 404 {
			t.Errorf("%s: %d %s", path, got.Status, got.Text)
		}
	}
}
