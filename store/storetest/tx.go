package storetest

import (
	"context"
	"errors"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
)

var txScenarios = []scenario{
	{"TxCommits", txCommits},
	{"TxRollsBackOnError", txRollsBack},
	{"TxRollsBackOnPanic", txPanics},
	{"NestedTxIsSavepoint", nestedTx},
	{"NestedTxPanics", nestedTxPanics},
	{"TxUndoesEverything", txUndoesEverything},
	{"StoreTx", storeTx},
	{"CanceledBeforeCommit", canceledBeforeCommit},
}

func txCommits(w *world) {
	var a auth.Account
	w.must(w.tx(func(in *world) error {
		a = in.user("alice")
		in.same("seen inside", in.stored(a.ID), a)
		return nil
	}))
	w.same("seen afterwards", w.stored(a.ID), a)
}

func txRollsBack(w *world) {
	kept := w.user("kept")
	var a auth.Account
	err := w.tx(func(in *world) error {
		a = in.user("alice")
		in.must(in.st.DeleteAccount(in.ctx, kept.ID))
		return errRefused
	})
	w.want(err, errRefused)
	w.absent(a.ID)
	w.same("deleted and restored", w.stored(kept.ID), kept)
}

// panics runs fn, which must panic with errRefused.
func (w *world) panics(fn func()) {
	w.t.Helper()
	defer func() {
		w.t.Helper()
		if got := recover(); got != errRefused {
			w.t.Errorf("got panic %v, want the one in fn", got)
		}
	}()
	fn()
}

func txPanics(w *world) {
	var a auth.Account
	w.panics(func() {
		_ = w.tx(func(in *world) error { a = in.user("alice"); panic(errRefused) })
	})
	w.absent(a.ID)
	w.panics(func() {
		_, _ = w.st.UpdateAccount(w.ctx, w.user("bob").ID, func(*auth.Account) error { panic(errRefused) })
	})
	w.panics(func() { _ = w.st.UpdateValue(w.ctx, "a", func(string) (string, error) { panic(errRefused) }) })
	w.noValue("a")
	w.user("alice") // the store still works
}

func nestedTx(w *world) {
	err := w.tx(func(in *world) error {
		in.init("outer", "kept", "kept")
		in.want(in.tx(func(in *world) error {
			in.setValue("outer", "kept", "changed")
			in.init("inner", "lost", "lost")
			in.must(in.tx(func(in *world) error { in.init("deep", "lost", "lost"); return nil }))
			return errRefused
		}), errRefused)
		in.value("outer", "kept")
		in.noValue("inner")
		in.noValue("deep")
		return in.tx(func(in *world) error {
			in.init("second", "kept", "kept")
			in.want(in.tx(func(in *world) error { in.init("deep", "lost", "lost"); return errRefused }), errRefused)
			in.init("third", "kept", "kept")
			return nil
		})
	})
	w.must(err)
	for _, name := range []string{"outer", "second", "third"} {
		w.value(name, "kept")
	}
	w.noValue("inner")
	w.noValue("deep")
	w.want(w.tx(func(in *world) error { // what an inner one committed is undone with the outer one
		in.must(in.tx(func(in *world) error { in.init("inner", "lost", "lost"); return nil }))
		return errRefused
	}), errRefused)
	w.noValue("inner")
}

// A panic that the host's function recovers from undoes only the inner transaction.
func nestedTxPanics(w *world) {
	w.must(w.tx(func(in *world) error {
		in.init("outer", "kept", "kept")
		in.panics(func() {
			_ = in.tx(func(in *world) error { in.init("inner", "lost", "lost"); panic(errRefused) })
		})
		in.init("after", "kept", "kept")
		return nil
	}))
	w.value("outer", "kept")
	w.value("after", "kept")
	w.noValue("inner")
}

// Every kind of write is undone.
func txUndoesEverything(w *world) {
	a, b := w.user("alice"), w.user("bob")
	first := w.session(a)
	x := w.rotate(first)
	l, k, h := w.addLogin(w.login(a.ID, "")), w.key("kept"), w.hash()
	w.must(w.st.KeyStore().AddKey(w.ctx, k))
	w.must(w.st.AddSetUpToken(w.ctx, h, start))
	w.init("value", "kept", "kept")
	w.takes(start, 0, bucket("a", 1))
	before := w.snapshot(a.ID, b.ID)
	w.want(w.tx(func(in *world) error {
		y := in.rotate(in.session(b))
		in.rotate(x)
		in.counted(y, 9, true)
		in.must(in.st.TouchSession(in.ctx, y.ID, y.LastSeenAt, y.EndsAt))
		_, err := in.st.RemoveRole(in.ctx, b.ID, "user")
		in.must(err)
		_, err = in.st.AddRole(in.ctx, b.ID, "admin")
		in.must(err)
		in.must(in.st.ReserveUsername(in.ctx, "bob", b.ID, start.AddDate(1, 0, 0)))
		in.must(in.st.AnonymizeLogins(in.ctx, a.ID))
		in.must(in.st.DeleteLogins(in.ctx, b.ID))
		in.addRecord(func(*auth.AuditRecord) {})
		in.setValue("value", "kept", "lost")
		in.must(in.st.Limits().GiveBack(in.ctx, []string{"a"}, nil))
		in.takes(start, 0, bucket("b", 1))
		in.must(in.st.KeyStore().DeleteKey(in.ctx, k.ID))
		in.must(in.st.KeyStore().AddKey(in.ctx, in.key("lost")))
		in.must(in.st.DeleteSetUpTokens(in.ctx))
		in.must(in.st.DeleteAccount(in.ctx, a.ID))
		return errRefused
	}), errRefused)
	w.same("everything", w.snapshot(a.ID, b.ID), before)
	a.LastLoginAt = start
	w.actors(x, a.User)
	now := auth.Actor{Session: x, User: a.User}
	w.refreshUse(x.TokenHash, auth.RefreshUse{Actor: now, Generation: 1})
	w.refreshUse(first.TokenHash, auth.RefreshUse{Actor: now, ConsumedAt: x.LastSeenAt})
	w.loginIs(l)
	w.hasSetup(h, true)
	w.value("value", "kept")
	w.takes(start, 1e9, bucket("a", 1))
	w.takes(start, 0, bucket("b", 1))
	held, err := w.st.UsernameReserved(w.ctx, "bob", "", start)
	w.must(err)
	w.same("reserved", held, false)
}

// storeTx tests the transaction over the stores of all domain packages.
func storeTx(w *world) {
	do := func(value string, result error) error {
		return w.db.Tx(w.ctx, func(db store.Store) error {
			in := w.on(db.Auth())
			in.init("outer"+value, value, value)
			in.want(db.Tx(in.ctx, func(db store.Store) error {
				w.on(db.Auth()).init("inner"+value, value, value)
				return errRefused
			}), errRefused)
			in.must(in.tx(func(in *world) error { in.init("domain"+value, value, value); return nil }))
			return result
		})
	}
	w.must(do("kept", nil))
	w.value("outerkept", "kept")
	w.value("domainkept", "kept")
	w.noValue("innerkept")
	w.want(do("lost", errRefused), errRefused)
	w.noValue("outerlost")
	w.noValue("domainlost")
	w.panics(func() {
		_ = w.db.Tx(w.ctx, func(db store.Store) error { w.on(db.Auth()).init("panic", "x", "x"); panic(errRefused) })
	})
	w.noValue("panic")
}

// A context that ends while the transaction runs ends it, whatever fn returns.
func canceledBeforeCommit(w *world) {
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	err := w.st.Tx(ctx, func(st auth.Store) error {
		if _, err := st.InitValue(ctx, "a", "lost"); err != nil {
			w.t.Errorf("before: %v", err)
		}
		cancel()
		if _, err := st.Value(ctx, "a"); !errors.Is(err, context.Canceled) {
			w.t.Errorf("afterwards: got error %v, want that of the context", err)
		}
		return nil
	})
	w.want(err, context.Canceled)
	w.noValue("a")
}
