package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

var sharingTxScenarios = []scenario{
	{"SharingTx", sharingTx},
	{"SharingTxNests", sharingTxNests},
	{"SharingWithAccountsInTx", sharingWithAccountsInTx},
	{"SharingAbsenceLeavesTxUsable", sharingAbsenceLeavesTxUsable},
	{"SharingTxUndoesEverything", sharingTxUndoesEverything},
	{"SharingCanceled", sharingCanceled},
	{"ForeignTxPanics", foreignTxPanics},
}

// shareTx runs fn in a transaction, or a savepoint when w is in one, as package sharing does:
// in one of the accounts, on its own store inside of that.
func (w *world) shareTx(fn func(in *world) error) error {
	return w.accounts().Tx(w.ctx, func(tx auth.Tx) error { return fn(w.inside(tx)) })
}

// accounts is a service on the store, for its transactions.
func (w *world) accounts() *auth.Service {
	w.t.Helper()
	s, err := auth.New(w.st, auth.Config{Secret: make([]byte, 32), BaseURL: "https://app.example"})
	w.must(err)
	return s
}

// inside is the world as a transaction of the accounts sees it.
func (w *world) inside(tx auth.Tx) *world {
	in := *w
	in.db, in.st, in.sh = nil, tx.Store(), w.sh.In(tx)
	return &in
}

func sharingTx(w *world) {
	a := w.user("alice")
	var x, lost sharing.Share
	w.must(w.shareTx(func(in *world) error {
		x = in.share(note("1"), byUser(a), a)
		in.shareIs(x)
		return nil
	}))
	w.shareIs(x)
	for _, mine := range []error{errRefused, auth.ErrNotFound, auth.ErrNotFound, errors.New(
		"UNIQUE constraint failed: hallpass_shares.code_id",
	)} {
		err := w.shareTx(func(in *world) error {
			lost = in.share(note("1"), byUser(a), a)
			in.must(errOf(in.sh.DeleteShares(in.ctx, sharing.ShareSelection{Resource: note("1"), ID: x.ID})))
			return mine
		})
		if err != mine {
			w.t.Errorf("got error %v, want %v as it is", err, mine)
		}
		w.noShare(lost)
		w.shareIs(x)
	}
	w.panics(func() {
		_ = w.shareTx(func(in *world) error { lost = in.share(note("1"), byUser(a), a); panic(errRefused) })
	})
	w.noShare(lost)
}

func sharingTxNests(w *world) {
	a := w.user("alice")
	var kept, deep, lost []sharing.Share
	share := func(in *world, list *[]sharing.Share) { *list = append(*list, in.share(note("1"), byUser(a), a)) }
	w.must(w.shareTx(func(in *world) error {
		kept, deep, lost = nil, nil, nil
		share(in, &kept)
		in.want(in.shareTx(func(in *world) error {
			share(in, &lost)
			in.must(in.shareTx(func(in *world) error { share(in, &lost); return nil }))
			return errRefused
		}), errRefused)
		in.panics(func() { _ = in.shareTx(func(in *world) error { share(in, &lost); panic(errRefused) }) })
		share(in, &kept)
		return in.shareTx(func(in *world) error {
			share(in, &deep)
			return in.shareTx(func(in *world) error { share(in, &deep); return nil })
		})
	}))
	for _, x := range append(kept, deep...) {
		w.shareIs(x)
	}
	for _, x := range lost {
		w.noShare(x)
	}
	w.same("shares", len(w.shares(sharing.ShareQuery{})), 4)
}

// One transaction covers both packages, however they are nested.
func sharingWithAccountsInTx(w *world) {
	do := func(name string, result error) (a auth.Account, x, inner sharing.Share) {
		err := w.both(func(in *world) error {
			a = in.user(name)
			x = in.share(note(name), byUser(a), a)
			in.want(in.both(func(in *world) error {
				in.must(in.st.DeleteAccount(in.ctx, a.ID))
				in.noShare(x)
				return errRefused
			}), errRefused)
			in.want(in.st.Tx(in.ctx, func(st auth.Store) error {
				in.must(st.DeleteAccount(in.ctx, a.ID))
				return errRefused
			}), errRefused)
			in.want(in.shareTx(func(in *world) error {
				in.must(errOf(in.sh.DeleteShares(in.ctx, sharing.ShareSelection{Resource: note(name)})))
				return errRefused
			}), errRefused)
			in.shareIs(x)
			in.must(in.shareTx(func(in *world) error { inner = in.share(note(name), byUser(a), a); return nil }))
			return result
		})
		w.want(err, result)
		return a, x, inner
	}
	a, x, inner := do("kept", nil)
	w.same("account", w.stored(a.ID), a)
	w.shareIs(x)
	w.shareIs(inner)
	a, x, inner = do("lost", errRefused)
	w.absent(a.ID)
	w.noShare(x)
	w.noShare(inner)
	w.panics(func() {
		_ = w.both(
			func(in *world) error { b := in.user("bob"); x = in.share(note("1"), byUser(b), b); panic(errRefused) },
		)
	})
	w.noShare(x)
	w.same("shares", len(w.shares(sharing.ShareQuery{})), 2)
}

// Records that are missing, taken or used up do not end a transaction: a write after each is
// kept.
func sharingAbsenceLeavesTxUsable(w *world) {
	a, b := w.user("alice"), w.user("bob")
	r := w.resource(note("1"), a)
	used := w.newCode(note("1"), byUser(a))
	used.MaxUses = used.Exchanges
	w.addCode(used)
	x := w.share(note("1"), byUser(a), b)
	nobody := auth.Holder{User: auth.UserID(w.id())}
	var kept []sharing.Share
	w.must(w.both(func(in *world) error {
		kept = nil
		for _, miss := range []func(in *world){
			func(in *world) { in.put(r, false) },
			func(in *world) {
				in.want(errOf(
					in.sh.PutResource(in.ctx, sharing.Resource{ResourceRef: note("2"), Owner: nobody.User}),
				), auth.ErrNotFound)
			},
			func(in *world) { in.want(in.sh.AddShareCode(in.ctx, in.newCode(note("1"), nobody)), auth.ErrNotFound) },
			func(in *world) { in.noCode(in.newCode(note("1"), nobody)) },
			func(in *world) { in.uses(used, start, false) },
			func(in *world) {
				again := in.newShare(note("1"), byUser(a), b)
				again.Code = x.Code
				in.adds(again, false)
			},
			func(in *world) {
				in.want(errOf(in.sh.AddShare(in.ctx, in.newShare(note("1"), nobody, b))), auth.ErrNotFound)
			},
			func(in *world) {
				in.want(errOf(
					in.sh.AddShare(in.ctx, in.newShare(note("1"), byUser(a), auth.Account{})),
				), auth.ErrNotFound)
			},
			func(in *world) { in.noShare(in.newShare(note("1"), nobody, b)) },
			func(in *world) {
				in.want(errOf(
					in.sh.UpdateShare(in.ctx, in.id(), func(*sharing.Share) error { return nil }),
				), auth.ErrNotFound)
			},
			func(in *world) {
				in.want(errOf(
					in.sh.UpdateShare(in.ctx, x.ID, func(x *sharing.Share) error { x.Scopes = nil; return errRefused }),
				), errRefused)
			},
			func(in *world) {
				in.want(in.sh.AddExchange(
					in.ctx, sharing.Exchange{ID: in.id(), Code: in.id(), User: b.ID, At: start},
				), auth.ErrNotFound)
			},
			func(in *world) {
				in.want(in.sh.AddExchange(
					in.ctx, sharing.Exchange{ID: in.id(), Code: used.ID, User: auth.UserID(in.id()), At: start},
				), auth.ErrNotFound)
			},
		} {
			miss(in)
			kept = append(kept, in.share(note("1"), byUser(b), a))
		}
		return nil
	}))
	for _, k := range kept {
		w.shareIs(k)
	}
	w.shareIs(x)
	w.codeIs(used)
	w.same("notes", w.allOf("note"), []sharing.Resource{r})
}

// Every kind of write is undone.
func sharingTxUndoesEverything(w *world) {
	a, _, _ := w.furnished()
	s, before := w.held.shared, w.snapshot(a.ID)
	w.want(w.shareTx(func(in *world) error {
		in.put(sharing.Resource{ResourceRef: note("2"), Owner: a.ID, CreatedAt: start}, true)
		c := in.code(note("2"), byUser(a))
		in.exchange(c, a, in.share(note("2"), byUser(a), a))
		in.uses(s.code, start, true)
		in.must(errOf(in.sh.UpdateShare(
			in.ctx, s.share.ID, func(x *sharing.Share) error { x.Scopes, x.ExpiresAt = nil, start; return nil },
		)))
		in.must(errOf(in.sh.DeleteShares(in.ctx, sharing.ShareSelection{Resource: note("2")})))
		in.must(errOf(in.sh.DeleteShareCodes(in.ctx, note("2"), "")))
		in.must(errOf(in.sh.DeleteResource(in.ctx, note("1"))))
		in.must(errOf(in.sh.DeleteExpired(in.ctx, start.AddDate(1, 0, 0), 9)))
		in.must(in.st.AddAudit(in.ctx, auth.AuditRecord{ID: auth.AuditID(in.id()), At: start, Action: "share.create"}))
		return errRefused
	}), errRefused)
	w.same("everything", w.snapshot(a.ID), before)
	for _, end := range []func(in *world) error{
		func(in *world) error { return in.st.DeleteAccount(in.ctx, a.ID) },
		func(in *world) error { return in.st.DeleteGroup(in.ctx, w.held.group.ID) },
		func(in *world) error { return in.st.DeleteService(in.ctx, w.held.service.ID) },
	} {
		w.want(w.both(func(in *world) error { in.must(end(in)); return errRefused }), errRefused)
		w.same("everything", w.snapshot(a.ID), before)
	}
}

// A context that ends while the transaction or edit runs ends it, whatever the function
// returns.
func sharingCanceled(w *world) {
	a := w.user("alice")
	x := w.share(note("1"), byUser(a), a)
	for name, call := range map[string]func(ctx context.Context, cancel func()) error{
		"Tx": func(ctx context.Context, cancel func()) error {
			return w.accounts().Tx(ctx, func(tx auth.Tx) error {
				sh := w.sh.In(tx)
				if _, err := sh.DeleteShares(ctx, sharing.ShareSelection{Resource: note("1")}); err != nil {
					return err
				}
				cancel()
				if _, err := sh.Share(ctx, x.ID); !errors.Is(err, context.Canceled) {
					w.t.Errorf("afterwards: got error %v, want that of the context", err)
				}
				return nil
			})
		},
		"UpdateShare": func(ctx context.Context, cancel func()) error {
			return errOf(w.sh.UpdateShare(
				ctx, x.ID, func(x *sharing.Share) error { cancel(); x.ExpiresAt = time.Time{}; return nil },
			))
		},
	} {
		ctx, cancel := context.WithCancel(w.ctx)
		if err := call(ctx, cancel); !errors.Is(err, context.Canceled) {
			w.t.Errorf("%s: got error %v, want that of the context", name, err)
		}
		cancel()
		w.shareIs(x)
	}
}

// The stores of rooms refuse a transaction of another database: what they do in it would not be
// part of it.
func foreignTxPanics(w *world) {
	foreign := w.open(w.t)
	err := foreign.Auth().Tx(w.ctx, func(st auth.Store) error {
		for room, in := range map[string]func(auth.Tx){
			"sharing": func(tx auth.Tx) { w.sh.In(tx) }, "devices": func(tx auth.Tx) { w.dv.In(tx) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						w.t.Errorf("%s: a transaction of another database is taken", room)
					}
				}()
				in(auth.NewTx(st))
			}()
		}
		return nil
	})
	w.must(err)
}
