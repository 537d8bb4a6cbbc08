package storetest

import (
	"errors"

	"github.com/hallpass-go/hallpass/auth"
)

var conflictScenarios = []scenario{
	{"ConflictLeavesTxUsable", conflictLeavesTxUsable},
	{"ConflictInTxStoresNothing", conflictInTxStoresNothing},
	{"AbsenceLeavesTxUsable", absenceLeavesTxUsable},
	{"LosingLeavesTxUsable", losingLeavesTxUsable},
	{"EditErrorsMeanNothingToStores", editErrorsMeanNothing},
}

// usable runs one conflict after another in one transaction, each followed by a write, and
// commits.
func (w *world) usable(conflicts map[string]func(in *world)) {
	w.t.Helper()
	w.must(w.tx(func(in *world) error {
		for name, conflict := range conflicts {
			conflict(in)
			in.init(name, "kept", "kept")
		}
		return nil
	}))
	for name := range conflicts {
		w.value(name, "kept")
	}
}

func conflictLeavesTxUsable(w *world) {
	a, b := w.user("alice"), w.user("bob")
	conflicts := map[string]func(in *world){}
	for _, c := range taken {
		conflicts["create "+c.name] = func(in *world) {
			x := in.account("x")
			c.take(&x, a)
			in.want(in.st.CreateAccount(in.ctx, x), c.err)
			in.absent(x.ID)
		}
		conflicts["update "+c.name] = func(in *world) {
			_, err := in.st.UpdateAccount(
				in.ctx, b.ID, func(now *auth.Account) error { now.Name = "x"; c.take(now, a); return nil },
			)
			in.want(err, c.err)
			in.same("not updated", in.stored(b.ID), b)
		}
	}
	w.usable(conflicts)
	w.same("alice", w.stored(a.ID), a)
	w.same("bob", w.stored(b.ID), b)
}

// The same holds if the transaction itself makes both accounts.
func conflictInTxStoresNothing(w *world) {
	var a, b auth.Account
	w.must(w.tx(func(in *world) error {
		a, b = in.user("alice"), in.account("alice")
		err := in.st.CreateAccount(in.ctx, b)
		if err == nil {
			in.t.Error("two accounts have the same names")
		}
		in.absent(b.ID)
		in.user("bob")
		return nil
	}))
	w.same("alice", w.stored(a.ID), a)
	w.absent(b.ID)
	_, err := w.st.AccountByLogin(w.ctx, "bob")
	w.must(err)
}

func absenceLeavesTxUsable(w *world) {
	nobody, nothing := auth.UserID(w.id()), auth.SessionID(w.id())
	w.usable(map[string]func(in *world){
		"account": func(in *world) { in.absent(nobody) },
		"update": func(in *world) {
			_, err := in.st.UpdateAccount(in.ctx, nobody, func(*auth.Account) error { return nil })
			in.want(err, auth.ErrNotFound)
		},
		"delete": func(in *world) { in.want(in.st.DeleteAccount(in.ctx, nobody), auth.ErrNotFound) },
		"role": func(in *world) {
			_, err := in.st.AddRole(in.ctx, nobody, "user")
			in.want(err, auth.ErrNotFound)
		},
		"session": func(in *world) {
			_, err := in.st.UpdateSession(in.ctx, nothing, func(*auth.Session) error { return nil })
			in.want(err, auth.ErrNotFound)
		},
		"value": func(in *world) { in.noValue("nothing") },
	})
}

func losingLeavesTxUsable(w *world) {
	a := w.user("alice")
	x := w.session(a)
	a.LastLoginAt = start
	w.takes(start, 0, bucket("a", 1))
	w.usable(map[string]func(in *world){
		"stale": func(in *world) {
			in2 := in.signIn(a, in.refreshing(a.ID))
			in2.OldHash = "another"
			in.want(in.st.CompleteSignIn(in.ctx, in2), auth.ErrStale)
			in.notSignedIn(in2)
		},
		"rotation": func(in *world) {
			r := in.rotation(x)
			r.From = 7
			in.rotated(r, false)
			in.noRefresh(r.Next)
		},
		"replay": func(in *world) { in.counted(x, 0, false) },
		"tries":  func(in *world) { in.takes(start, 1e9, bucket("b", 1), bucket("a", 1)) },
		"edit": func(in *world) {
			_, err := in.st.UpdateAccount(
				in.ctx, a.ID, func(now *auth.Account) error { now.Name = "x"; return errRefused },
			)
			in.want(err, errRefused)
			in.want(in.st.UpdateValue(
				in.ctx, "refused", func(string) (string, error) { return "x", errRefused },
			), errRefused)
		},
		"role": func(in *world) {
			added, err := in.st.AddRole(in.ctx, a.ID, "user")
			in.must(err)
			in.same("added", added, false)
		},
	})
	w.same("alice", w.stored(a.ID), a)
	w.actors(x, a.User)
	w.noValue("refused")
	w.takes(start, 0, bucket("b", 1))
}

// Errors that have a meaning for a store have none if they come from edit or from the function
// of a transaction.
func editErrorsMeanNothing(w *world) {
	a := w.user("alice")
	x := w.session(a)
	a.LastLoginAt = start
	driver := errors.New("UNIQUE constraint failed: hallpass_users.email_key")
	for _, mine := range []error{auth.ErrNotFound, auth.ErrUsernameTaken, auth.ErrStale, driver} {
		got := []error{
			errOf(w.st.UpdateAccount(w.ctx, a.ID, func(now *auth.Account) error { now.Name = "lost"; return mine })),
			errOf(w.st.UpdateSession(w.ctx, x.ID, func(now *auth.Session) error { now.Scopes = nil; return mine })),
			w.st.UpdateValue(w.ctx, "a", func(string) (string, error) { return "lost", mine }),
		}
		for i, err := range got {
			if err != mine {
				w.t.Errorf("call %d: got error %v, want %v as it is", i, err, mine)
			}
		}
		w.want(w.tx(func(in *world) error { in.init("a", "lost", "lost"); return mine }), mine)
	}
	w.same("alice", w.stored(a.ID), a)
	w.actors(x, a.User)
	w.noValue("a")
}
