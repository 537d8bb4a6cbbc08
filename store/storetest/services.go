package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var serviceScenarios = []scenario{
	{"Services", servicesByIDAndName},
	{"UpdateService", updateService},
	{"ServiceRoles", serviceRoles},
}

// newService returns a service with all fields set.
func (w *world) newService(name string) auth.ServiceAccount {
	return auth.ServiceAccount{
		ID: auth.ServiceID(w.id()), Name: "The " + name, NameKey: name, Description: "it's %s",
		Status: auth.StatusActive, CreatedAt: start,
	}
}

// service stores a service.
func (w *world) service(name string) auth.ServiceAccount {
	w.t.Helper()
	v := w.newService(name)
	w.must(w.st.CreateService(w.ctx, v))
	return v
}

func (w *world) services(q auth.ServiceQuery) []auth.ServiceAccount {
	w.t.Helper()
	list, err := w.st.Services(w.ctx, q)
	w.must(err)
	return list
}

func (w *world) serviceIs(ref string, want auth.ServiceAccount) {
	w.t.Helper()
	got, err := w.st.Service(w.ctx, ref)
	w.must(err)
	w.same("service "+ref, got, want)
}

func servicesByIDAndName(w *world) {
	a, b, c := w.service("a"), w.service("b"), w.service("c")
	w.serviceIs(string(b.ID), b)
	w.serviceIs("b", b)
	for _, ref := range []string{"B", "The b", "", "nobody", w.id(), "\x00", "\xff"} {
		_, err := w.st.Service(w.ctx, ref)
		w.want(err, auth.ErrNotFound)
	}
	w.same("all", w.services(auth.ServiceQuery{Limit: 9}), []auth.ServiceAccount{a, b, c})
	w.same("page", w.services(auth.ServiceQuery{Limit: 1, After: a.ID}), []auth.ServiceAccount{b})
	w.same("some", w.services(
		auth.ServiceQuery{Limit: 9, Only: []auth.ServiceID{c.ID, "none", auth.ServiceID(w.id())}},
	), []auth.ServiceAccount{c})
	w.same("none", w.services(auth.ServiceQuery{Limit: 9, Only: []auth.ServiceID{}}), []auth.ServiceAccount{})
	w.must(w.st.DeleteService(w.ctx, b.ID))
	w.want(w.st.DeleteService(w.ctx, b.ID), auth.ErrNotFound)
	w.want(w.st.DeleteService(w.ctx, "b"), auth.ErrNotFound)
	w.same("left", w.services(auth.ServiceQuery{Limit: 9}), []auth.ServiceAccount{a, c})
	w.must(w.tx(func(in *world) error {
		in.want(in.st.CreateService(in.ctx, in.newService("a")), auth.ErrNameTaken)
		return nil
	}))
}

func updateService(w *world) {
	a, b := w.service("a"), w.service("b")
	w.must(errOf(w.st.AddServiceRole(w.ctx, a.ID, "editor")))
	want := a
	want.Name, want.NameKey, want.Description, want.Status, want.Roles =
		"New", "new", "other", auth.StatusDisabled, []auth.RoleID{"editor"}
	got, err := w.st.UpdateService(w.ctx, a.ID, func(v *auth.ServiceAccount) error {
		v.ID, v.Name, v.NameKey, v.Description, v.Status = b.ID, "New", "new", "other", auth.StatusDisabled
		v.CreatedAt = start.Add(time.Hour)
		v.Roles[0] = "admin"
		return nil
	})
	w.must(err)
	w.same("answer", got, want)
	w.serviceIs("new", want)
	_, err = w.st.UpdateService(w.ctx, a.ID, func(v *auth.ServiceAccount) error { v.Name = "no"; return errRefused })
	w.want(err, errRefused)
	w.must(w.tx(func(in *world) error {
		_, err := in.st.UpdateService(in.ctx, a.ID, func(v *auth.ServiceAccount) error { v.NameKey = "b"; return nil })
		in.want(err, auth.ErrNameTaken)
		in.serviceIs("new", want)
		return nil
	}))
	w.serviceIs("b", b)
	for _, id := range []auth.ServiceID{auth.ServiceID(w.id()), "new", ""} {
		_, err = w.st.UpdateService(w.ctx, id, func(*auth.ServiceAccount) error { return nil })
		w.want(err, auth.ErrNotFound)
	}
}

func serviceRoles(w *world) {
	r, v := w.role("maker"), w.service("bot")
	for _, role := range []auth.RoleID{"user", r.ID, "B"} {
		added, err := w.st.AddServiceRole(w.ctx, v.ID, role)
		w.must(err)
		w.same("added", added, true)
	}
	added, err := w.st.AddServiceRole(w.ctx, v.ID, "user")
	w.must(err)
	w.same("added again", added, false)
	v.Roles = []auth.RoleID{r.ID, "B", "user"}
	v.Grants = []auth.Grant{{Role: r.ID, Name: "maker", Scopes: r.Scopes}}
	w.serviceIs("bot", v)
	for _, c := range []struct {
		role auth.RoleID
		want bool
	}{{"B", true}, {"B", false}, {"maker", false}} {
		removed, err := w.st.RemoveServiceRole(w.ctx, v.ID, c.role)
		w.must(err)
		w.same("removed", removed, c.want)
	}
	v.Roles = []auth.RoleID{r.ID, "user"}
	w.serviceIs("bot", v)
	_, err = w.st.AddServiceRole(w.ctx, auth.ServiceID(w.id()), "user")
	w.want(err, auth.ErrNotFound)
}
