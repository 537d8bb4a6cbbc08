package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var roleScenarios = []scenario{
	{"DeleteExpiredReservations", deleteExpiredReservations},
	{"AddAndRemoveRoles", addAndRemoveRoles},
	{"RolesAreASortedSet", rolesAreASortedSet},
	{"HasActiveHolder", hasActiveHolder},
	{"ReservedUsernames", reservedUsernames},
	{"LockInTransaction", lockInTransaction},
}

func addAndRemoveRoles(w *world) {
	a, other := w.account("alice"), w.user("bob")
	a.Roles = nil
	w.must(w.st.CreateAccount(w.ctx, a))
	change := func(do func() (bool, error), want bool, roles ...auth.RoleID) {
		w.t.Helper()
		changed, err := do()
		w.must(err)
		w.same("changed", changed, want)
		w.same("roles", w.stored(a.ID).Roles, roles)
	}
	add := func(role auth.RoleID) func() (bool, error) {
		return func() (bool, error) { return w.st.AddRole(w.ctx, a.ID, role) }
	}
	remove := func(role auth.RoleID) func() (bool, error) {
		return func() (bool, error) { return w.st.RemoveRole(w.ctx, a.ID, role) }
	}
	change(add("m"), true, "m")
	change(add("z"), true, "m", "z")
	change(add("m"), false, "m", "z")
	change(add("B"), true, "B", "m", "z") // sorted by bytes
	change(add("a"), true, "B", "a", "m", "z")
	change(remove("M"), false, "B", "a", "m", "z")
	change(remove("m"), true, "B", "a", "z")
	change(remove("m"), false, "B", "a", "z")
	w.same("other's roles", w.stored(other.ID).Roles, other.Roles)

	nobody := auth.UserID(w.id())
	_, err := w.st.AddRole(w.ctx, nobody, "m")
	w.want(err, auth.ErrNotFound)
	removed, err := w.st.RemoveRole(w.ctx, nobody, "m")
	w.must(err)
	w.same("removed from nobody", removed, false)
}

// However they were given, roles come back sorted by bytes and without duplicates.
func rolesAreASortedSet(w *world) {
	a := w.account("alice")
	a.Roles = []auth.RoleID{"m", "z", "B", "m", "a", "z"}
	w.must(w.st.CreateAccount(w.ctx, a))
	a.Roles = []auth.RoleID{"B", "a", "m", "z"}
	w.same("account", w.stored(a.ID), a)
	list, err := w.st.Users(w.ctx, auth.UserQuery{Role: "m", Limit: 9})
	w.must(err)
	w.same("users", list, []auth.User{a.User})
	read, err := w.st.ReadSignIn(w.ctx, "alice")
	w.must(err)
	w.same("sign-in", read.Account, a)
}

func hasActiveHolder(w *world) {
	has := func(except auth.UserID, want bool) {
		w.t.Helper()
		got, err := w.st.HasActiveHolder(w.ctx, "admin", except)
		w.must(err)
		w.same("held", got, want)
	}
	w.user("nobody")
	has("", false)
	a, b := w.account("alice"), w.account("bob")
	a.Roles, b.Roles = []auth.RoleID{"admin"}, []auth.RoleID{"admin", "user"}
	b.Status = auth.StatusDisabled
	w.must(w.st.CreateAccount(w.ctx, a))
	w.must(w.st.CreateAccount(w.ctx, b))
	has("", true)
	has(b.ID, true)
	has(a.ID, false) // b is disabled
	for _, c := range []struct {
		status auth.Status
		want   bool
	}{{auth.StatusPending, false}, {auth.StatusActive, true}} {
		_, err := w.st.UpdateAccount(w.ctx, b.ID, func(now *auth.Account) error { now.Status = c.status; return nil })
		w.must(err)
		has(a.ID, c.want)
	}
	w.must(w.st.DeleteAccount(w.ctx, b.ID))
	has(a.ID, false)
	_, err := w.st.RemoveRole(w.ctx, a.ID, "admin")
	w.must(err)
	has("", false)
}

func reservedUsernames(w *world) {
	holder, other := auth.UserID(w.id()), auth.UserID(w.id())
	reserved := func(key string, id auth.UserID, now time.Time, want bool) {
		w.t.Helper()
		got, err := w.st.UsernameReserved(w.ctx, key, id, now)
		w.must(err)
		w.same(key+" is reserved", got, want)
	}
	reserved("alice", other, start, false)
	w.must(w.st.ReserveUsername(w.ctx, "alice", holder, start))
	reserved("alice", other, start.Add(-time.Microsecond), true)
	reserved("alice", "", start.Add(-time.Microsecond), true)
	reserved("alice", holder, start.Add(-time.Microsecond), false)
	reserved("alice", other, start, false) // before until, not at it
	reserved("Alice", other, start.Add(-time.Microsecond), false)
	w.must(w.st.ReserveUsername(w.ctx, "alice", other, start.Add(time.Hour)))
	reserved("alice", holder, start, true)
	reserved("alice", other, start, false)
	// The later call counts, not the later time.
	w.must(w.st.ReserveUsername(w.ctx, "alice", holder, start.Add(time.Minute)))
	reserved("alice", other, start.Add(time.Minute), false)
}

// Locks of one transaction do not block each other, and end with it.
func lockInTransaction(w *world) {
	for range 2 {
		w.must(w.tx(func(in *world) error {
			for _, name := range []string{"a", "b", "a"} {
				in.must(in.st.Lock(in.ctx, name))
			}
			return in.tx(func(in *world) error { return in.st.Lock(in.ctx, "a") })
		}))
		w.want(w.tx(func(in *world) error {
			in.must(in.st.Lock(in.ctx, "a"))
			return errRefused
		}), errRefused)
	}
}

func deleteExpiredReservations(w *world) {
	holder := w.user("alice").ID
	for i, key := range []string{"a", "b", "c"} {
		w.must(w.st.ReserveUsername(w.ctx, key, holder, start.Add(time.Duration(i)*time.Minute)))
	}
	for _, c := range []struct {
		t           time.Time
		limit, want int
	}{{
		start.Add(-time.Microsecond), 9, 0,
	}, {start.Add(time.Minute), 1, 1}, {start.Add(time.Minute), 9, 1}, {start.Add(time.Minute), 9, 0}} {
		n, err := w.st.DeleteExpiredReservations(w.ctx, c.t, c.limit)
		w.must(err)
		w.same("deleted", n, c.want)
	}
	left, err := w.st.UsernameReserved(w.ctx, "c", "", start)
	w.must(err)
	w.same("c is reserved", left, true)
}
