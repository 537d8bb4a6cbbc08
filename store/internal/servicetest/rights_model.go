package servicetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// model decides who may do what in the plainest way: by loops over scopes as strings.
type model struct {
	implies map[string][]string
	byUser  map[string]bool // scopes that can be filtered by user
	roles   map[string][]string
	held    map[string]map[string]bool // user or group to roles
	members map[string]map[string]bool // group to users
	off     map[string]bool            // disabled users
}

// entry is one scope: its name, and the kind and value of its filter.
type entry [3]string

// expand returns the scopes of texts as held by self. A filter without a value stands for self,
// and is dropped if there is no self.
func (m *model) expand(texts []string, self string) (out []entry) {
	for _, text := range texts {
		name, filter, _ := strings.Cut(text, "!")
		kind, value, _ := strings.Cut(filter, "=")
		if kind == "user" && value == "" {
			value = self
		}
		if kind != "" && value == "" {
			continue
		}
		for _, n := range append(m.implies[name], name) {
			out = append(out, entry{n, kind, value})
		}
	}
	return out
}

// rights returns all scopes that a user holds.
func (m *model) rights(u string) (out []entry) {
	holders := []string{u}
	for g, in := range m.members {
		if in[u] {
			holders = append(holders, g)
		}
	}
	for _, h := range holders {
		for r := range m.held[h] {
			out = append(out, m.expand(m.roles[r], u)...)
		}
	}
	return out
}

// covers reports whether one of the entries allows name on a user, a group or a note. An empty
// kind stands for everything.
func (m *model) covers(list []entry, name, kind, id string) bool {
	for _, e := range list {
		switch {
		case e[0] != name:
		case e[1] == "", kind != "" && e[1] == kind && e[2] == id,
			kind == "user" && e[1] == "group" && m.members[e[2]][id]:
			return true
		}
	}
	return false
}

// credential is a user with a ceiling, or without one.
type credential struct {
	user    string
	limited bool
	ceiling []string
}

func (m *model) allows(c credential, name, kind, id string) bool {
	return m.covers(
		m.rights(c.user), name, kind, id,
	) && (!c.limited || m.covers(m.expand(c.ceiling, c.user), name, kind, id))
}

// has reports whether c may do everything in the entries, apart from those filtered to self. It
// knows only self's groups.
func (m *model) has(c credential, need []entry, self string) bool {
	for _, e := range need {
		if !(e[1] == "user" && e[2] == self && self != "") && !m.literally(c, e) {
			return false
		}
	}
	return true
}

// literally is like allows, but does not look up the groups of users.
func (m *model) literally(c credential, e entry) bool {
	blind := *m
	blind.members = nil
	sides := [][]entry{m.rights(c.user)}
	if c.limited {
		sides = append(sides, m.expand(c.ceiling, c.user))
	}
	for _, side := range sides {
		if !blind.covers(side, e[0], e[1], e[2]) {
			return false
		}
	}
	return true
}

// grows reports whether the owner of c would get rights over u if u became a member of g.
func (m *model) grows(c credential, g, u string) bool {
	for _, e := range m.rights(c.user) {
		if e[1] == "group" && e[2] == g && m.byUser[e[0]] && c.user != u &&
			!m.covers(m.rights(c.user), e[0], "user", u) {
			return true
		}
	}
	return false
}

// history runs the same random changes on a service and on the model.
type history struct {
	*world
	m       *model
	r       *rand.Rand
	names   []string // of the users; the model uses their ids
	users   []string
	groups  []string
	roles   []string // names
	access  map[string]string
	tokens  map[string]credential // by secret
	texts   []string
	allowed int
}

// randomHistories checks that after any changes of roles, groups, tokens and users, the service
// allows exactly what a small model of the rules allows.
func randomHistories(t *testing.T, open Open) {
	for _, seed := range []uint64{1, 2, uint64(time.Now().UnixNano())} {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			h := newHistory(t, open, seed)
			for range 150 {
				h.step()
				h.compare()
			}
			if h.allowed < 20 {
				t.Errorf("only %d of 150 steps were allowed", h.allowed)
			}
		})
	}
}

func newHistory(t *testing.T, open Open, seed uint64) *history {
	w := setup(t, open, func(c *auth.Config) {
		filters := []string{"note", "user", "group"}
		c.Scopes.Scopes = []scopes.Definition{{
			Name: "read:notes", Filters: filters,
		}, {Name: "edit:notes", Implies: []string{"read:notes"}, Filters: filters}}
	})
	h := &history{
		world: w, r: rand.New(rand.NewPCG(seed, 0)), access: map[string]string{}, tokens: map[string]credential{},
		roles: []string{"r0", "r1", "r2", "r3"},
		m: &model{
			implies: map[string][]string{"edit:notes": {"read:notes"}, "users": {"read:users", "list:users"},
				"groups": {"read:groups"}, "roles": {"read:roles"}},
			byUser: map[string]bool{"read:notes": true, "edit:notes": true, "users": true, "read:users": true,
				"list:users": true, "tokens": true},
			roles: map[string][]string{}, held: map[string]map[string]bool{}, members: map[string]map[string]bool{},
			off: map[string]bool{},
		},
	}
	for i := range 5 {
		role := []string{}
		if i == 0 {
			role = []string{"admin"}
		}
		name := fmt.Sprint("person", i)
		u, err := w.CreateUser(w.ctx, w.op, auth.UserInput{Username: name, Password: pass, Roles: role}, home)
		w.must(err)
		h.names, h.users = append(h.names, name), append(h.users, string(u.ID))
		h.m.held[string(u.ID)] = map[string]bool{}
	}
	h.m.roles["admin"] = w.Schema().Names()
	h.m.held[h.users[0]]["admin"] = true
	for i := range 2 {
		g, err := w.Groups.Create(w.ctx, w.op, auth.GroupInput{Name: fmt.Sprint("g", i)})
		w.must(err)
		h.groups = append(h.groups, string(g.ID))
		h.m.held[string(g.ID)], h.m.members[string(g.ID)] = map[string]bool{}, map[string]bool{}
	}
	h.texts = []string{
		"read:notes", "edit:notes", "edit:notes!note=1", "read:notes!user", "read:notes!group=" + h.groups[1], "users",
		"users!user", "users!group=" + h.groups[0],
		"groups", "groups!group=" + h.groups[0], "roles", "tokens", "tokens!user", "tokens!group=" + h.groups[1],
		"edit:notes!user=" + h.users[1],
	}
	return h
}

func one[T any](h *history, list []T) T { return list[h.r.IntN(len(list))] }

// some picks up to four scopes.
func (h *history) some() []string {
	var out []string
	for range h.r.IntN(5) {
		out = append(out, one(h, h.texts))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// caller picks a credential that the service accepts. It picks the admin more often, so that
// more changes are allowed.
func (h *history) caller() (*auth.Principal, credential) {
	i := h.r.IntN(len(h.users))
	if h.r.IntN(3) == 0 {
		i = 0
	}
	secrets := []string{}
	for secret, c := range h.tokens {
		if !h.m.off[c.user] {
			secrets = append(secrets, secret)
		}
	}
	if len(secrets) > 0 && h.r.IntN(3) == 0 {
		slices.Sort(secrets)
		secret := one(h, secrets)
		return h.authenticate(secret), h.tokens[secret]
	}
	if h.m.off[h.users[i]] {
		i = 0
	}
	return h.session(i), credential{user: h.users[i]}
}

func (h *history) authenticate(secret string) *auth.Principal {
	h.t.Helper()
	p, err := h.Authenticate(h.ctx, secret)
	h.must(err)
	return p
}

// session returns a user's session. It signs in once, and again after the user was disabled.
func (h *history) session(i int) *auth.Principal {
	if h.access[h.users[i]] == "" {
		h.access[h.users[i]] = h.world.tokens(h.names[i]).Access
	}
	return h.authenticate(h.access[h.users[i]])
}

// step makes one change as some caller, and compares the result with what the model says.
func (h *history) step() {
	p, c := h.caller()
	u, g, r := one(h, h.users), one(h, h.groups), one(h, h.roles)
	if h.r.IntN(6) == 0 {
		r = "admin"
	}
	_, exists := h.m.roles[r]
	list := h.some()
	var what string
	var may bool
	var do func()
	var err error
	switch h.r.IntN(9) {
	case 0, 1:
		what, err = "add role", h.AddRole(h.ctx, p, auth.UserID(u), auth.RoleID(r))
		may = exists && h.m.allows(c, "users", "user", u) && h.m.has(c, h.m.expand(h.m.roles[r], u), u)
		do = func() { h.m.held[u][r] = true }
	case 2:
		what, err = "remove role", h.RemoveRole(h.ctx, p, auth.UserID(u), auth.RoleID(r))
		may = exists && h.m.allows(c, "users", "user", u) && h.m.has(c, h.m.expand(h.m.roles[r], u), u) &&
			!h.lastAdmin(u, r)
		do = func() { delete(h.m.held[u], r) }
	case 3:
		what, err = "add member", h.Groups.AddMember(h.ctx, p, g, auth.UserID(u))
		may = h.m.allows(c, "groups", "group", g) && h.m.has(c, h.given(g, u), u) && !h.m.grows(c, g, u)
		do = func() { h.m.members[g][u] = true }
	case 4:
		what, err = "remove member", h.Groups.RemoveMember(h.ctx, p, g, auth.UserID(u))
		may = h.m.allows(c, "groups", "group", g) && h.m.has(c, h.given(g, u), u)
		do = func() { delete(h.m.members[g], u) }
	case 5:
		if h.r.IntN(2) == 0 {
			what, err = "add group role", h.Groups.AddRole(h.ctx, p, g, auth.RoleID(r))
			do = func() { h.m.held[g][r] = true }
		} else {
			what, err = "remove group role", h.Groups.RemoveRole(h.ctx, p, g, auth.RoleID(r))
			do = func() { delete(h.m.held[g], r) }
		}
		may = exists && h.m.allows(c, "groups", "group", g) && h.m.has(c, h.m.expand(h.m.roles[r], ""), "")
	case 6:
		what, may, do, err = h.changeRole(p, c, r, list)
	case 7:
		what, may, do, err = h.mint(p, c, u, list)
	default:
		what, may, do, err = h.toggle(p, c, u)
	}
	if (err == nil) != may {
		h.t.Fatalf("%s by %+v on user %s, group %s, role %s, %v: got error %v, but allowed is %v", what, c, u, g,
			r, list, err, may)
	}
	if may {
		h.allowed++
		do()
	}
}

// given returns what u gets as a member of g.
func (h *history) given(g, u string) (out []entry) {
	for r := range h.m.held[g] {
		out = append(out, h.m.expand(h.m.roles[r], u)...)
	}
	return out
}

func (h *history) lastAdmin(u, r string) bool {
	if r != "admin" || !h.m.held[u]["admin"] {
		return false
	}
	for _, other := range h.users {
		if other != u && h.m.held[other]["admin"] && !h.m.off[other] {
			return false
		}
	}
	return true
}

func (h *history) changeRole(p *auth.Principal, c credential, r string, list []string) (string, bool, func(), error) {
	may := r != "admin" && h.m.allows(c, "roles", "", "") && h.m.has(c, h.m.expand(h.m.roles[r], ""), "")
	if _, exists := h.m.roles[r]; exists && h.r.IntN(4) == 0 {
		err := h.Roles.Delete(h.ctx, p, r, true)
		return "delete role", may, func() {
			delete(h.m.roles, r)
			for _, held := range h.m.held {
				delete(held, r)
			}
		}, err
	}
	_, _, err := h.Roles.Put(h.ctx, p, r, auth.RoleInput{Scopes: list})
	return "put role", may && h.m.has(c, h.m.expand(list, ""), ""), func() { h.m.roles[r] = list }, err
}

func (h *history) mint(p *auth.Principal, c credential, u string, list []string) (string, bool, func(), error) {
	_, secret, err := h.APITokens.Create(
		h.ctx, p, auth.Holder{User: auth.UserID(u)}, auth.APITokenInput{Name: "x", Scopes: list},
	)
	may := h.m.allows(c, "tokens", "user", u) && (c.user == u || h.m.has(c, h.m.rights(u), u))
	for _, e := range h.m.expand(list, u) {
		own := e[1] == "user" && e[2] == u // the groups of the owner are known
		for _, who := range []credential{c, {user: u}} {
			may = may && (h.m.literally(who, e) || own && h.m.allows(who, e[0], e[1], e[2]))
		}
	}
	return "mint", may, func() { h.tokens[secret.Reveal()] = credential{u, true, list} }, err
}

func (h *history) toggle(p *auth.Principal, c credential, u string) (string, bool, func(), error) {
	status := auth.StatusDisabled
	if h.m.off[u] {
		status = auth.StatusActive
	}
	_, err := h.UpdateUser(h.ctx, p, auth.UserID(u), auth.UserPatch{Status: &status})
	may := h.m.allows(c, "users", "user", u) && h.m.has(c, h.m.rights(u), u) &&
		(status == auth.StatusActive || !h.lastAdmin(u, "admin"))
	// One admin has to stay enabled.
	if u == h.users[0] && may && status == auth.StatusDisabled {
		may, err = false, fmt.Errorf("the first user was enabled again: %w", h.undo(u, err))
	}
	return "toggle", may, func() {
		h.m.off[u] = status == auth.StatusDisabled
		if h.m.off[u] {
			delete(h.access, u)
		}
	}, err
}

// undo enables the first user, who is an admin, again.
func (h *history) undo(u string, err error) error {
	h.t.Helper()
	h.must(err)
	active := auth.StatusActive
	_, err = h.UpdateUser(h.ctx, h.op, auth.UserID(u), auth.UserPatch{Status: &active})
	delete(h.access, u)
	return err
}

// compare asks the service and the model a few questions.
func (h *history) compare() {
	for range 3 {
		p, c := h.caller()
		name, _, _ := strings.Cut(one(h, h.texts), "!")
		u := one(h, h.users)
		for _, on := range [][2]string{
			{"", ""}, {"user", u}, {"group", one(h, h.groups)}, {"note", "1"}, {"note", "2"},
		} {
			q := auth.Question{Scope: name}
			if on[0] != "" {
				q.Resource = &auth.ResourceRef{Kind: on[0], ID: on[1]}
			}
			got, err := h.Check(h.ctx, p, q, nil)
			h.must(err)
			if want := h.m.allows(c, name, on[0], on[1]); got != want {
				h.t.Fatalf("%+v: %s on %v: allowed is %v, want %v", c, name, on, got, want)
			}
		}
		h.compareLists(p, c)
		err := h.AuthorizeUser(h.ctx, p, auth.ActReadUser, auth.UserID(u))
		if want := h.m.allows(c, "read:users", "user", u); (err == nil) != want {
			h.t.Fatalf("%+v: read user %s: got error %v, but allowed is %v", c, u, err, want)
		}
	}
}

// compareLists checks that a list has exactly the users that the caller may list one by one.
func (h *history) compareLists(p *auth.Principal, c credential) {
	list, err := h.Users(h.ctx, p, auth.UserFilter{})
	seen := map[string]bool{}
	for _, u := range list.Items {
		seen[string(u.ID)] = true
	}
	for _, u := range h.users {
		if want := h.m.allows(c, "list:users", "user", u); seen[u] != want {
			h.t.Fatalf("%+v: user %s in the list (error %v): %v, want %v", c, u, err, seen[u], want)
		}
	}
}
