package main

import (
	"slices"
	"sync"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/behaviours"
	"github.com/hallpass-go/hallpass/examples/internal/hosttest"
)

// The roles have an order, and names in upper or lower case.
func TestLadder(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-047", "pysyft-048")
	want := map[string]int{"NONE": 0, "GUEST": 1, "DATA_SCIENTIST": 2, "DATA_OWNER": 32, "ADMIN": 128}
	for text, weight := range want {
		if r, ok := parseRung(text); !ok || r.weight != weight {
			t.Errorf("%s weighs %d", text, r.weight)
		}
	}
	for text, wire := range map[string]string{"admin": "ADMIN", "Data_Owner": "DATA_OWNER", "gUEST": "GUEST"} {
		if r, ok := parseRung(text); !ok || r.wire != wire {
			t.Errorf("%s is %s", text, r.wire)
		}
	}
	for _, text := range []string{"", "KING", "ADMIN ", "128"} {
		if _, ok := parseRung(text); ok {
			t.Errorf("%q is a role", text)
		}
	}
	if len(ladder) != len(want) || !slices.IsSortedFunc(ladder, func(a, b rung) int { return a.weight - b.weight }) {
		t.Errorf("%v", ladder)
	}
}

// cast is a user on each rung that has rights, and a user of each rung to act on.
type cast struct {
	*serving
	tokens map[string]string // of the users who act, by role
	ids    map[string]string // of the users who act
}

func newCast(t *testing.T) *cast {
	c := &cast{serving: serve(t), tokens: map[string]string{}, ids: map[string]string{}}
	for _, r := range ladder {
		c.ids[r.wire], c.tokens[r.wire] = c.person("actor."+r.wire, r)
	}
	return c
}

// target makes a user on a rung.
func (c *cast) target(r rung) string {
	c.T.Helper()
	u, err := c.accounts.CreateUser(c.T.Context(), c.operator, auth.UserInput{
		Email: "t" + randomName() + "@example.com", Name: "Target", Password: pass, Roles: roleNames(r, false),
	}, auth.Client{})
	if err != nil {
		c.T.Fatal(err)
	}
	return string(u.ID)
}

var names struct {
	sync.Mutex
	n int
}

func randomName() string {
	names.Lock()
	defer names.Unlock()
	names.n++
	return string(rune('a'+names.n%26)) + string(rune('a'+names.n/26%26)) + string(rune('a'+names.n/676))
}

// Owners and admins make accounts, owners only below themselves.
func TestWhoCreates(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-042", "pysyft-043", "pysyft-045", "pysyft-046")
	c := newCast(t)
	for _, actor := range ladder {
		for _, role := range ladder {
			may := actor == admin || actor == owner && role.weight < owner.weight
			got := c.register("made."+actor.wire+"."+role.wire, c.tokens[actor.wire], "role", role.wire)
			if may != (got.Status == 201) || !may && got.Status != 403 {
				t.Errorf("%s makes %s: %d %s", actor.wire, role.wire, got.Status, got.Text)
			}
			if may {
				if view := c.login(
					"made."+actor.wire+"."+role.wire, pass,
				).Want(200, ""); view.Member("user", "role") != role.wire {
					t.Errorf("%s", view.Text)
				}
				onlyPublic(t, hosttest.Read[map[string]any](got))
			}
		}
	}
	c.register("m", c.tokens["DATA_OWNER"], "role", "GUEST", "mock_execution_permission", true).Want(201, "")
	c.register("n", c.tokens["DATA_OWNER"], "mock_execution_permission", true).Want(422, "invalid_input")
}

// onlyPublic checks that a view has the public members and no others.
func onlyPublic(t *testing.T, view map[string]any) {
	t.Helper()
	want := []string{"email", "id", "institution", "mock_execution_permission", "name", "role", "website"}
	var have []string
	for name := range view {
		have = append(have, name)
	}
	slices.Sort(have)
	if !slices.Equal(have, want) {
		t.Errorf("a view has %v", have)
	}
}

// The whole table of who may move whom where, for every pair of roles.
func TestWhoChangesRoles(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-049", "pysyft-050", "pysyft-052", "pysyft-053")
	c := newCast(t)
	for _, actor := range ladder {
		for _, from := range ladder {
			id := c.target(from)
			for _, to := range ladder {
				if from == to {
					continue
				}
				may := actor == admin || actor == owner && from.weight < owner.weight && to.weight < owner.weight
				got := c.Call("PATCH", "/users/"+id, c.tokens[actor.wire], body("role", to.wire))
				now := c.role(id)
				switch {
				case may && (got.Status != 200 || now != to.wire):
					t.Errorf("%s can't make %s of %s: %d %s", actor.wire, to.wire, from.wire, got.Status, got.Text)
				case !may && (got.Status != 403 && got.Status != 404 || now != from.wire):
					t.Errorf("%s makes %s of %s: %d %s", actor.wire, to.wire, from.wire, got.Status, got.Text)
				}
				if may {
					set := roleNames(from, false)
					if _, err := c.accounts.UpdateUser(
						t.Context(), c.operator, auth.UserID(id), auth.UserPatch{Roles: &set},
					); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// Nobody below admin can change their own role. An admin can step down, and can't climb again.
func TestOwnRole(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-053", "pysyft-054", "pysyft-055")
	c := newCast(t)
	for _, actor := range []rung{none, guest, scientist, owner} {
		for _, to := range ladder {
			if to == actor {
				continue
			}
			if got := c.Call(
				"PATCH", "/users/me", c.tokens[actor.wire], body("role", to.wire),
			); got.Status != 403 && got.Status != 404 || c.role(c.ids[actor.wire]) != actor.wire {
				t.Errorf("%s becomes %s: %d %s", actor.wire, to.wire, got.Status, got.Text)
			}
		}
	}
	for _, path := range []string{"/auth/users/me/roles/admin", "/auth/users/me/roles/data-owner"} {
		for _, method := range []string{"PUT", "DELETE"} {
			c.Call(method, path, c.tokens["DATA_OWNER"], "").Want(404, "not_found")
		}
	}
	c.Call("PATCH", "/auth/users/me", c.tokens["DATA_OWNER"], `{"roles":["guest-account"]}`).Want(404, "not_found")
	c.Call("PATCH", "/users/me", c.tokens["ADMIN"], body("role", "GUEST")).Want(200, "")
	c.Call("PATCH", "/users/me", c.tokens["ADMIN"], body("role", "ADMIN")).Want(403, "")
	c.Call("GET", "/users", c.tokens["ADMIN"], "").Want(403, "insufficient_scope") // at once
}

// The root stays. Nobody can move, remove or take over the root, not even the root. So there is
// always an admin.
func TestRootStays(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-057", "pysyft-084")
	c := newCast(t)
	root := c.rootID()
	for _, token := range []string{c.tokens["ADMIN"], c.token("root")} {
		for _, member := range []string{"verify_key", "signing_key", "external_id", "status"} {
			c.Call("PATCH", "/users/"+root, token, body(member, "x")).Want(422, "invalid_input")
		}
		c.Call("PATCH", "/users/"+root, token, body("role", "GUEST")).Want(403, "refused")
		c.Call("PATCH", "/users/"+root, token, body("mock_execution_permission", false)).Want(403, "refused")
		c.Call("DELETE", "/users/"+root, token, "").Want(403, "refused")
	}
	c.Call("PATCH", "/users/"+root, c.tokens["ADMIN"], body("name", "x")).Want(403, "refused")
	c.Call("PATCH", "/users/"+root, c.tokens["ADMIN"], body("email", "x@example.com")).Want(403, "refused")
	c.Call("PATCH", "/users/"+root, c.tokens["ADMIN"], body("password", "other horse 42 staple")).Want(403, "refused")
	c.Call("POST", "/users/"+root+"/password-reset", c.tokens["ADMIN"], "").Want(403, "refused")
	c.login("root", pass).Want(200, "")
	if c.role(root) != "ADMIN" {
		t.Error(c.role(root))
	}
	c.Call("PATCH", "/users/me", c.token("root"), body("name", "The Root")).Want(200, "")
}

// All admins see the same.
func TestAdminsSeeTheSame(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-058")
	c := newCast(t)
	for _, name := range []string{"first", "second"} {
		id, token := c.person(name, guest)
		c.Call("PATCH", "/users/"+id, c.token("root"), body("role", "ADMIN")).Want(200, "")
		want := c.Call("GET", "/users", c.token("root"), "").Want(200, "").Text
		if got := c.Call("GET", "/users", token, "").Want(200, ""); got.Text != want {
			t.Errorf("%s\n%s", got.Text, want)
		}
	}
}

// The right to run code on mock data is given by those who manage roles.
func TestMockPermission(t *testing.T) {
	t.Parallel()
	behaviours.Shows(t, "pysyft-075")
	c := newCast(t)
	id := c.target(scientist)
	for role, status := range map[string]int{"NONE": 404, "GUEST": 404, "DATA_SCIENTIST": 404, "DATA_OWNER": 403} {
		who := "/users/me"
		if got := c.Call(
			"PATCH", who, c.tokens[role], body("mock_execution_permission", true),
		); got.Status != 403 && got.Status != 404 {
			t.Errorf("%s gives it to themselves: %d %s", role, got.Status, got.Text)
		}
		if role != "DATA_OWNER" {
			if got := c.Call(
				"PATCH", "/users/"+id, c.tokens[role], body("mock_execution_permission", true),
			); got.Status != 403 && got.Status != status {
				t.Errorf("%s gives it: %d %s", role, got.Status, got.Text)
			}
		}
	}
	for _, role := range []string{"DATA_OWNER", "ADMIN"} {
		for _, flag := range []bool{true, false} {
			got := c.Call("PATCH", "/users/"+id, c.tokens[role], body("mock_execution_permission", flag)).Want(200, "")
			if view := hosttest.Read[userJSON](got); view.Mock != flag || view.Role != "DATA_SCIENTIST" {
				t.Errorf("%+v", view)
			}
		}
	}
	other := c.target(owner)
	c.Call(
		"PATCH", "/users/"+other, c.tokens["DATA_OWNER"], body("mock_execution_permission", true),
	).Want(403, "refused")
}

// If an owner changes a user who is promoted at the same time, the owner stays below that user.
func TestPromotionOutrunsOwner(t *testing.T) {
	t.Parallel()
	c := newCast(t)
	for range 10 {
		id := c.target(scientist)
		var both sync.WaitGroup
		both.Go(func() { c.Call("PATCH", "/users/"+id, c.tokens["ADMIN"], body("role", "DATA_OWNER")) })
		both.Go(func() { c.Call("PATCH", "/users/"+id, c.tokens["DATA_OWNER"], body("role", "GUEST")) })
		both.Wait()
		if now := c.role(id); now != "DATA_OWNER" {
			t.Errorf("the owner demotes an owner: %s", now)
		}
	}
}
