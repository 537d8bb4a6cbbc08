package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var groupScenarios = []scenario{
	{"Groups", groupsByIDAndName},
	{"UpdateGroup", updateGroup},
	{"GroupNamesAreUnique", groupNames},
	{"Members", members},
	{"DeletedUsersLeaveGroups", deletedUsersLeave},
	{"UsersOfGroup", usersOfGroup},
	{"UsersWithin", usersWithin},
	{"GrantsOfGroups", grantsOfGroups},
}

// newGroup returns a group with all fields set.
func (w *world) newGroup(name string) auth.Group {
	return auth.Group{
		ID: auth.GroupID(w.id()), Name: "The " + name, NameKey: name, Description: "it's %s", CreatedAt: start,
	}
}

// group stores a group.
func (w *world) group(name string) auth.Group {
	w.t.Helper()
	g := w.newGroup(name)
	w.must(w.st.CreateGroup(w.ctx, g))
	return g
}

func (w *world) groups(q auth.GroupQuery) []auth.Group {
	w.t.Helper()
	list, err := w.st.Groups(w.ctx, q)
	w.must(err)
	return list
}

func (w *world) groupIs(ref string, want auth.Group) {
	w.t.Helper()
	got, err := w.st.Group(w.ctx, ref)
	w.must(err)
	w.same("group "+ref, got, want)
}

func groupsByIDAndName(w *world) {
	a, b, c := w.group("a"), w.group("b"), w.group("c")
	// A text is either an id or a name, however much it looks like the other.
	long := w.group("a-name-o-as-long-as-an-id-and-alike_")
	w.groupIs(long.NameKey, long)
	w.must(w.st.DeleteGroup(w.ctx, long.ID))
	w.groupIs(string(b.ID), b)
	w.groupIs("b", b)
	for _, ref := range []string{"B", "The b", "", "nobody", w.id(), "\x00", "\xff"} {
		_, err := w.st.Group(w.ctx, ref)
		w.want(err, auth.ErrNotFound)
	}
	w.same("all", w.groups(auth.GroupQuery{Limit: 9}), []auth.Group{a, b, c})
	w.same("page", w.groups(auth.GroupQuery{Limit: 1, After: a.ID}), []auth.Group{b})
	w.same("some", w.groups(
		auth.GroupQuery{Limit: 9, Only: []auth.GroupID{c.ID, a.ID, "none", auth.GroupID(w.id())}},
	), []auth.Group{a, c})
	w.same("none", w.groups(auth.GroupQuery{Limit: 9, Only: []auth.GroupID{}}), []auth.Group{})
	w.must(w.st.DeleteGroup(w.ctx, b.ID))
	w.want(w.st.DeleteGroup(w.ctx, b.ID), auth.ErrNotFound)
	w.want(w.st.DeleteGroup(w.ctx, "b"), auth.ErrNotFound)
	w.same("left", w.groups(auth.GroupQuery{Limit: 9}), []auth.Group{a, c})
}

func updateGroup(w *world) {
	a, b := w.group("a"), w.group("b")
	u := w.user("alice")
	w.must(errOf(w.st.AddMember(w.ctx, a.ID, u.ID)))
	w.must(errOf(w.st.AddGroupRole(w.ctx, a.ID, "editor")))
	want := a
	want.Name, want.NameKey, want.Description, want.Roles, want.Members = "New", "new", "other", []auth.RoleID{
		"editor",
	}, 1
	got, err := w.st.UpdateGroup(w.ctx, a.ID, func(g *auth.Group) error {
		g.ID, g.Name, g.NameKey, g.Description = b.ID, "New", "new", "other"
		g.CreatedAt, g.Members = start.Add(time.Hour), 9
		g.Roles[0] = "admin"
		return nil
	})
	w.must(err)
	w.same("answer", got, want)
	w.groupIs("new", want)
	_, err = w.st.UpdateGroup(w.ctx, a.ID, func(g *auth.Group) error { g.Name = "no"; return errRefused })
	w.want(err, errRefused)
	_, err = w.st.UpdateGroup(w.ctx, a.ID, func(g *auth.Group) error { g.NameKey = "b"; return nil })
	w.want(err, auth.ErrNameTaken)
	w.groupIs("new", want)
	w.groupIs("b", b)
	for _, id := range []auth.GroupID{auth.GroupID(w.id()), "new", ""} {
		_, err = w.st.UpdateGroup(w.ctx, id, func(*auth.Group) error { return nil })
		w.want(err, auth.ErrNotFound)
	}
}

// A conflict leaves the transaction usable.
func groupNames(w *world) {
	w.group("a")
	w.must(w.tx(func(in *world) error {
		in.want(in.st.CreateGroup(in.ctx, in.newGroup("a")), auth.ErrNameTaken)
		b := in.group("b")
		_, err := in.st.UpdateGroup(in.ctx, b.ID, func(g *auth.Group) error { g.NameKey = "a"; return nil })
		in.want(err, auth.ErrNameTaken)
		in.group("c")
		return nil
	}))
	w.same("groups", len(w.groups(auth.GroupQuery{Limit: 9})), 3)
}

func members(w *world) {
	g, other := w.group("g"), w.group("other")
	a, b := w.user("alice"), w.user("bob")
	change := func(do func(g auth.GroupID, u auth.UserID) (bool, error), u auth.UserID, want bool, n int) {
		w.t.Helper()
		got, err := do(g.ID, u)
		w.must(err)
		w.same("changed", got, want)
		now, err := w.st.Group(w.ctx, "g")
		w.must(err)
		w.same("members", now.Members, n)
	}
	add := func(g auth.GroupID, u auth.UserID) (bool, error) { return w.st.AddMember(w.ctx, g, u) }
	remove := func(g auth.GroupID, u auth.UserID) (bool, error) { return w.st.RemoveMember(w.ctx, g, u) }
	change(add, a.ID, true, 1)
	change(add, a.ID, false, 1)
	change(add, b.ID, true, 2)
	w.same("groups of alice", w.stored(a.ID).Groups, []auth.GroupRef{{ID: g.ID, Name: "The g"}})
	change(remove, b.ID, true, 1)
	change(remove, b.ID, false, 1)
	w.same("groups of bob", w.stored(b.ID).Groups, []auth.GroupRef(nil))
	w.groupIs("other", other)
	for _, ids := range [][2]string{
		{w.id(), string(a.ID)}, {string(g.ID), w.id()}, {"g", string(a.ID)}, {string(g.ID), "alice"},
	} {
		_, err := add(auth.GroupID(ids[0]), auth.UserID(ids[1]))
		w.want(err, auth.ErrNotFound)
		was, err := remove(auth.GroupID(ids[0]), auth.UserID(ids[1]))
		w.must(err)
		w.same("removed", was, false)
	}
	w.must(w.st.DeleteGroup(w.ctx, g.ID))
	w.same("groups of alice", w.stored(a.ID).Groups, []auth.GroupRef(nil))
}

func deletedUsersLeave(w *world) {
	g, a := w.group("g"), w.user("alice")
	w.must(errOf(w.st.AddMember(w.ctx, g.ID, a.ID)))
	w.must(w.st.DeleteAccount(w.ctx, a.ID))
	w.groupIs("g", g)
}

func usersOfGroup(w *world) {
	g, empty := w.group("g"), w.group("empty")
	a, b, c := w.user("alice"), w.user("bob"), w.user("carol")
	for _, u := range []auth.UserID{c.ID, a.ID} {
		w.must(errOf(w.st.AddMember(w.ctx, g.ID, u)))
	}
	are := func(q auth.UserQuery, want ...auth.UserID) {
		w.t.Helper()
		q.Limit = max(q.Limit, 1)
		w.same("users", w.userIDs(q), want)
	}
	are(auth.UserQuery{Group: g.ID, Limit: 9}, a.ID, c.ID)
	are(auth.UserQuery{Group: g.ID, Limit: 1}, a.ID)
	are(auth.UserQuery{Group: g.ID, After: a.ID, Limit: 9}, c.ID)
	are(auth.UserQuery{Group: g.ID, Prefix: "car", Limit: 9}, c.ID)
	are(auth.UserQuery{Group: g.ID, Role: "editor", Limit: 9}, a.ID, c.ID)
	are(auth.UserQuery{Group: g.ID, Role: "admin", Limit: 9})
	are(auth.UserQuery{Group: empty.ID, Limit: 9})
	are(auth.UserQuery{Group: auth.GroupID(w.id()), Limit: 9})
	are(auth.UserQuery{Group: "g", Limit: 9})
	are(auth.UserQuery{Limit: 9}, a.ID, b.ID, c.ID)
}

func (w *world) userIDs(q auth.UserQuery) []auth.UserID {
	w.t.Helper()
	list, err := w.st.Users(w.ctx, q)
	w.must(err)
	var ids []auth.UserID
	for _, u := range list {
		ids = append(ids, u.ID)
	}
	return ids
}

// Each part of Within is a union, and all parts must hold.
func usersWithin(w *world) {
	g, h := w.group("g"), w.group("h")
	a, b, c, d := w.user("alice"), w.user("bob"), w.user("carol"), w.user("dan")
	for _, m := range []struct {
		g auth.GroupID
		u auth.UserID
	}{{g.ID, a.ID}, {g.ID, b.ID}, {h.ID, b.ID}, {h.ID, c.ID}} {
		w.must(errOf(w.st.AddMember(w.ctx, m.g, m.u)))
	}
	inG, inH := auth.Within{Groups: []auth.GroupID{g.ID}}, auth.Within{Groups: []auth.GroupID{h.ID}}
	for _, c := range []struct {
		within []auth.Within
		want   []auth.UserID
	}{
		{[]auth.Within{inG}, []auth.UserID{a.ID, b.ID}},
		{[]auth.Within{inG, inH}, []auth.UserID{b.ID}},
		{[]auth.Within{{Groups: []auth.GroupID{g.ID, h.ID}}}, []auth.UserID{a.ID, b.ID, c.ID}},
		{[]auth.Within{
			{Groups: []auth.GroupID{g.ID}, Users: []auth.UserID{d.ID, a.ID}},
		}, []auth.UserID{a.ID, b.ID, d.ID}},
		{[]auth.Within{{Users: []auth.UserID{d.ID}}}, []auth.UserID{d.ID}},
		{[]auth.Within{{Users: []auth.UserID{d.ID}}, inG}, nil},
		{[]auth.Within{{}}, nil},
		{[]auth.Within{{Users: []auth.UserID{"nobody", "'"}, Groups: []auth.GroupID{"g"}}}, nil},
	} {
		w.same("users", w.userIDs(auth.UserQuery{Within: c.within, Limit: 9}), c.want)
	}
	w.same("page", w.userIDs(auth.UserQuery{Within: []auth.Within{inG}, After: a.ID, Limit: 1}), []auth.UserID{b.ID})
	w.same("with prefix", w.userIDs(
		auth.UserQuery{Within: []auth.Within{inG}, Prefix: "b", Limit: 9},
	), []auth.UserID{b.ID})
}

// Every read of a user also returns what the groups of the user give.
func grantsOfGroups(w *world) {
	g, h := w.group("g"), w.group("h")
	r := w.role("maker")
	a := w.user("alice")
	x := w.session(a)
	for _, group := range []auth.GroupID{h.ID, g.ID} {
		w.must(errOf(w.st.AddMember(w.ctx, group, a.ID)))
	}
	for _, role := range []auth.RoleID{"editor", r.ID} {
		w.must(errOf(w.st.AddGroupRole(w.ctx, g.ID, role)))
	}
	added, err := w.st.AddGroupRole(w.ctx, g.ID, "editor")
	w.must(err)
	w.same("added again", added, false)
	a.LastLoginAt = start
	a.Groups = []auth.GroupRef{{ID: g.ID, Name: g.Name}, {ID: h.ID, Name: h.Name}}
	made := auth.Grant{Group: g.ID, Role: r.ID, Name: "maker", Scopes: r.Scopes}
	a.Grants = []auth.Grant{made, {Group: g.ID, Role: "editor"}}
	w.everywhere(a, x)
	group, err := w.st.Group(w.ctx, "g")
	w.must(err)
	own := made
	own.Group = ""
	w.same("grants of the group", group.Grants, []auth.Grant{own})
	w.same("roles of the group", group.Roles, []auth.RoleID{r.ID, "editor"})
	removed, err := w.st.RemoveGroupRole(w.ctx, g.ID, "editor")
	w.must(err)
	w.same("removed", removed, true)
	removed, err = w.st.RemoveGroupRole(w.ctx, g.ID, "editor")
	w.must(err)
	w.same("removed again", removed, false)
	a.Grants = a.Grants[:1]
	w.everywhere(a, x)
	_, err = w.st.AddGroupRole(w.ctx, auth.GroupID(w.id()), "editor")
	w.want(err, auth.ErrNotFound)
}

// everywhere compares all reads of an account that has the session x.
func (w *world) everywhere(a auth.Account, x auth.Session) {
	w.t.Helper()
	w.same("account", w.stored(a.ID), a)
	w.actors(x, a.User)
	w.refreshUse(x.TokenHash, auth.RefreshUse{Actor: auth.Actor{Session: x, User: a.User}})
	read, err := w.st.ReadSignIn(w.ctx, a.UsernameKey)
	w.must(err)
	w.same("sign-in", read.Account, a)
	list, err := w.st.Users(w.ctx, auth.UserQuery{Limit: 1})
	w.must(err)
	w.same("users", list, []auth.User{a.User})
	got, err := w.st.UpdateAccount(
		w.ctx, a.ID, func(now *auth.Account) error { now.Groups, now.Grants = nil, nil; return nil },
	)
	w.must(err)
	w.same("updated", got, a)
}
