package buntest

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/store"
	"github.com/hallpass-go/hallpass/store/bunstore"
)

// HostTx checks work inside a transaction of the host. It needs an empty store and the pool
// that the store writes to.
func HostTx(t *testing.T, st *bunstore.Store, db *sql.DB) {
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE host_notes (id integer PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = db.Exec("DROP TABLE host_notes") })
	for name, check := range map[string]func(*host){
		"HostRollbackUndoesOurs":  hostRollback,
		"CommitKeepsBoth":         hostCommit,
		"OursUndoesOnlyOurs":      oursUndone,
		"ConflictLeavesItUsable":  conflictUsable,
		"PanicUndoesTheSavepoint": panicUndone,
		"ErrorsAreNotTriedAgain":  notRetried,
		"LockNeedsATransaction":   func(h *host) { lockNeedsTx(h.t, st) },
		"SavepointsNest":          deepSavepoints,
	} {
		t.Run(name, func(t *testing.T) {
			tx, err := db.BeginTx(t.Context(), nil)
			must(t, err)
			defer tx.Rollback()
			if name == "LockNeedsATransaction" {
				must(t, tx.Rollback())
			}
			check(&host{t, st, tx, st.WithTx(tx)})
		})
	}
}

// host is a transaction that the host began.
type host struct {
	t  *testing.T
	st *bunstore.Store
	tx *sql.Tx
	in store.Store
}

func (h *host) note(id int) {
	h.t.Helper()
	_, err := h.tx.Exec("INSERT INTO host_notes (id) VALUES (" + string(rune('0'+id)) + ")")
	must(h.t, err)
}

// counts returns how many notes, and how many of the accounts, are stored once the transaction
// has ended.
func (h *host) counts(db *sql.Tx, ids ...auth.UserID) (notes, accounts int) {
	h.t.Helper()
	must(h.t, db.QueryRow("SELECT count(*) FROM host_notes").Scan(&notes))
	for _, id := range ids {
		if _, err := h.in.Auth().Account(h.t.Context(), id); err == nil {
			accounts++
		} else if !errors.Is(err, auth.ErrNotFound) {
			h.t.Fatal(err)
		}
	}
	return notes, accounts
}

func (h *host) stored(id auth.UserID) bool {
	h.t.Helper()
	_, err := h.st.Auth().Account(h.t.Context(), id)
	if err != nil && !errors.Is(err, auth.ErrNotFound) {
		h.t.Fatal(err)
	}
	return err == nil
}

func hostRollback(h *host) {
	a := newAccount("rolled")
	must(h.t, h.in.Auth().CreateAccount(h.t.Context(), a))
	must(h.t, h.in.Tx(h.t.Context(), func(in store.Store) error {
		return in.Auth().ReserveUsername(h.t.Context(), "free", a.ID, start)
	}))
	must(h.t, h.tx.Rollback())
	if h.stored(a.ID) {
		h.t.Error("the account outlived the host's rollback")
	}
}

func hostCommit(h *host) {
	a := newAccount("kept")
	h.note(1)
	must(h.t, h.in.Auth().CreateAccount(h.t.Context(), a))
	must(h.t, h.tx.Commit())
	if !h.stored(a.ID) {
		h.t.Error("the account did not outlive the host's commit")
	}
}

func oursUndone(h *host) {
	ctx, kept, lost, refused := h.t.Context(), newAccount("first"), newAccount("second"), errors.New("refused")
	before, _ := h.counts(h.tx)
	h.note(2)
	must(h.t, h.in.Auth().CreateAccount(ctx, kept))
	err := h.in.Tx(ctx, func(in store.Store) error {
		must(h.t, in.Auth().CreateAccount(ctx, lost))
		return refused
	})
	if !errors.Is(err, refused) {
		h.t.Errorf("Tx returned %v", err)
	}
	notes, accounts := h.counts(h.tx, kept.ID, lost.ID)
	if notes != before+1 || accounts != 1 {
		h.t.Errorf("%d notes and %d accounts are there, want %d and 1", notes, accounts, before+1)
	}
	must(h.t, h.tx.Commit())
	if !h.stored(kept.ID) || h.stored(lost.ID) {
		h.t.Error("the savepoint's account is stored, or the other is not")
	}
}

func conflictUsable(h *host) {
	ctx, a, b := h.t.Context(), newAccount("taken"), newAccount("other")
	must(h.t, h.in.Auth().CreateAccount(ctx, a))
	must(h.t, h.in.Auth().CreateAccount(ctx, b))
	twin := newAccount("taken")
	if err := h.in.Auth().CreateAccount(ctx, twin); !errors.Is(err, auth.ErrUsernameTaken) {
		h.t.Errorf("a second account: %v", err)
	}
	_, err := h.in.Auth().UpdateAccount(ctx, b.ID, func(b *auth.Account) error { b.EmailKey = a.EmailKey; return nil })
	if !errors.Is(err, auth.ErrEmailTaken) {
		h.t.Errorf("an update: %v", err)
	}
	if _, n := h.counts(h.tx, a.ID, b.ID, twin.ID); n != 2 {
		h.t.Errorf("%d accounts are there, want 2", n)
	}
}

func panicUndone(h *host) {
	a := newAccount("panicked")
	func() {
		defer func() { _ = recover() }()
		_ = h.in.Tx(h.t.Context(), func(in store.Store) error {
			must(h.t, in.Auth().CreateAccount(h.t.Context(), a))
			panic("on purpose")
		})
	}()
	if _, n := h.counts(h.tx, a.ID); n != 0 {
		h.t.Error("the account outlived the panic")
	}
}

func notRetried(h *host) {
	runs := 0
	err := h.in.Tx(h.t.Context(), func(store.Store) error {
		runs++
		return auth.ErrSerialization
	})
	if runs != 1 || !errors.Is(err, auth.ErrSerialization) {
		h.t.Errorf("ran %d times and returned %v", runs, err)
	}
}

func deepSavepoints(h *host) {
	var nest func(in store.Store, depth int) error
	nest = func(in store.Store, depth int) error {
		if depth == 7 {
			return in.Auth().Lock(h.t.Context(), "deep")
		}
		return in.Tx(h.t.Context(), func(in store.Store) error { return nest(in, depth+1) })
	}
	must(h.t, nest(h.in, 0))
}

func lockNeedsTx(t *testing.T, st *bunstore.Store) {
	if err := st.Auth().Lock(t.Context(), "name"); err == nil {
		t.Error("a lock outside of a transaction holds nothing and should be refused")
	}
}
