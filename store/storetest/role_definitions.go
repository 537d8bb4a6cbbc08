package storetest

import "github.com/hallpass-go/hallpass/auth"

var roleDefinitionScenarios = []scenario{
	{"RoleDefinitions", roleDefinitions},
	{"UpdateRole", updateRole},
	{"RoleNamesAreUnique", roleNames},
	{"GrantsOfRoles", grantsOfRoles},
	{"DeletedRolesAreTaken", deletedRoles},
}

// newRole returns a role with all fields set.
func (w *world) newRole(name string) auth.Role {
	return auth.Role{
		ID: auth.RoleID(w.id()), Name: name, Description: "it's %s", Scopes: []string{"read:notes", "users!group=1"},
	}
}

// role stores a role.
func (w *world) role(name string) auth.Role {
	w.t.Helper()
	r := w.newRole(name)
	w.must(w.st.CreateRole(w.ctx, r))
	return r
}

func (w *world) rolesAre(want ...auth.Role) {
	w.t.Helper()
	got, err := w.st.RoleDefinitions(w.ctx)
	w.must(err)
	w.same("roles", got, want)
}

func roleDefinitions(w *world) {
	w.rolesAre()
	b, a, none := w.role("b"), w.role("a"), w.newRole("none")
	none.Scopes = []string{}
	w.must(w.st.CreateRole(w.ctx, none))
	w.rolesAre(a, b, none)
	for _, ref := range []string{"a", string(a.ID)} {
		got, err := w.st.Role(w.ctx, ref)
		w.must(err)
		w.same("role "+ref, got, a)
	}
	for _, ref := range []string{"A", "", "nobody", w.id(), "\x00", "\xff"} {
		_, err := w.st.Role(w.ctx, ref)
		w.want(err, auth.ErrNotFound)
	}
}

func updateRole(w *world) {
	a, b := w.role("a"), w.role("b")
	want := a
	want.Description, want.Scopes = "other", []string{"users"}
	got, err := w.st.UpdateRole(w.ctx, a.ID, func(r *auth.Role) error {
		r.ID, r.Name, r.BuiltIn, r.Description, r.Scopes = b.ID, "c", true, "other", []string{"users"}
		return nil
	})
	w.must(err)
	w.same("answer", got, want)
	w.rolesAre(want, b)
	_, err = w.st.UpdateRole(w.ctx, a.ID, func(r *auth.Role) error { r.Scopes[0] = "spoilt"; return errRefused })
	w.want(err, errRefused)
	w.rolesAre(want, b)
	for _, id := range []auth.RoleID{auth.RoleID(w.id()), "a", ""} {
		_, err = w.st.UpdateRole(w.ctx, id, func(*auth.Role) error { return nil })
		w.want(err, auth.ErrNotFound)
	}
}

func roleNames(w *world) {
	a := w.role("a")
	w.must(w.tx(func(in *world) error {
		in.want(in.st.CreateRole(in.ctx, in.newRole("a")), auth.ErrNameTaken)
		return nil
	}))
	w.rolesAre(a)
	w.must(w.st.DeleteRole(w.ctx, a.ID))
	w.role("a")
}

// Every read of somebody returns the present definitions of their roles that were made at run
// time.
func grantsOfRoles(w *world) {
	r := w.role("maker")
	a := w.account("alice")
	a.Roles = []auth.RoleID{r.ID, "user"}
	w.must(w.st.CreateAccount(w.ctx, a))
	x := w.session(a)
	a.LastLoginAt = start
	a.Grants = []auth.Grant{{Role: r.ID, Name: "maker", Scopes: r.Scopes}}
	w.everywhere(a, x)
	_, err := w.st.UpdateRole(w.ctx, r.ID, func(r *auth.Role) error { r.Scopes = nil; return nil })
	w.must(err)
	a.Grants[0].Scopes = []string{}
	w.everywhere(a, x)
}

func deletedRoles(w *world) {
	r := w.role("maker")
	a, g, v := w.user("alice"), w.group("g"), w.service("bot")
	assigned := func(want bool) {
		w.t.Helper()
		got, err := w.st.RoleAssigned(w.ctx, r.ID)
		w.must(err)
		w.same("assigned", got, want)
	}
	for _, c := range []struct{ add, remove func() (bool, error) }{
		{func() (bool, error) {
			return w.st.AddRole(w.ctx, a.ID, r.ID)
		}, func() (bool, error) { return w.st.RemoveRole(w.ctx, a.ID, r.ID) }},
		{func() (bool, error) {
			return w.st.AddGroupRole(w.ctx, g.ID, r.ID)
		}, func() (bool, error) { return w.st.RemoveGroupRole(w.ctx, g.ID, r.ID) }},
		{func() (bool, error) {
			return w.st.AddServiceRole(w.ctx, v.ID, r.ID)
		}, func() (bool, error) { return w.st.RemoveServiceRole(w.ctx, v.ID, r.ID) }},
	} {
		assigned(false)
		w.must(errOf(c.add()))
		assigned(true)
		w.must(errOf(c.remove()))
	}
	w.must(errOf(w.st.AddRole(w.ctx, a.ID, r.ID)))
	w.must(errOf(w.st.AddGroupRole(w.ctx, g.ID, r.ID)))
	w.must(errOf(w.st.AddServiceRole(w.ctx, v.ID, r.ID)))
	w.must(w.st.DeleteRole(w.ctx, r.ID))
	w.want(w.st.DeleteRole(w.ctx, r.ID), auth.ErrNotFound)
	w.want(w.st.DeleteRole(w.ctx, "maker"), auth.ErrNotFound)
	assigned(false)
	w.same("alice", w.stored(a.ID), a)
	w.groupIs("g", g)
	w.serviceIs("bot", v)
	w.rolesAre()
}
