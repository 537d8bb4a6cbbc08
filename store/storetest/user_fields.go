package storetest

import (
	"reflect"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var userFieldScenarios = []scenario{
	{"EveryFieldOfAccounts", everyFieldOfAccounts},
}

// everyFieldOfAccounts checks that a store keeps every field of an account, and writes each
// change of one. A driver that does not know a new field of auth.User or auth.Account fails.
func everyFieldOfAccounts(w *world) {
	a := w.account("alice")
	for _, f := range accountFields() {
		if v := reflect.ValueOf(&a).Elem().FieldByName(f); v.IsZero() {
			w.change(&a, f)
		}
	}
	w.must(w.st.CreateAccount(w.ctx, a))
	w.same("account", w.stored(a.ID), a)
	if w.t.Failed() {
		return
	}
	x := w.session(a)
	a.LastLoginAt = start
	for _, f := range accountFields() {
		if slices.Contains([]string{"ID", "CreatedAt", "Roles"}, f) {
			continue // UpdateAccount leaves these as they are
		}
		w.change(&a, f)
		got, err := w.st.UpdateAccount(w.ctx, a.ID, func(now *auth.Account) error { *now = a; return nil })
		w.must(err)
		w.same("returned after a change of "+f, got, a)
		w.same("account after a change of "+f, w.stored(a.ID), a)
	}
	byName, err := w.st.AccountByLogin(w.ctx, a.UsernameKey)
	w.must(err)
	w.same("by name", byName, a)
	list, err := w.st.Users(w.ctx, auth.UserQuery{Limit: 2})
	w.must(err)
	w.same("users", list, []auth.User{a.User})
	actor, err := w.st.ActorBySession(w.ctx, x.ID)
	w.must(err)
	w.same("with a session", actor.User, a.User)
}

// accountFields returns the fields of accounts and users that are stored with the account.
func accountFields() (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[auth.Account]()) {
		if !slices.Contains([]string{"User", "Groups", "Grants"}, f.Name) {
			names = append(names, f.Name)
		}
	}
	return names
}

// change gives a field another value. It fails the test if it does not know the type.
func (w *world) change(a *auth.Account, field string) {
	w.t.Helper()
	switch v := reflect.ValueOf(a).Elem().FieldByName(field).Addr().Interface().(type) {
	case *string:
		*v += "-changed"
	case *bool:
		*v = !*v
	case *time.Time:
		*v = v.Add(time.Hour)
	case *auth.Status:
		*v = auth.StatusDisabled
	default:
		b, ok := v.(interface{ UnmarshalJSON([]byte) error })
		if !ok {
			w.t.Fatalf("storetest can't change %s, a %T", field, v)
		}
		w.must(b.UnmarshalJSON([]byte(`{"changed":true}`)))
	}
}
