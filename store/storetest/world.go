package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

// patience is how long a scenario may take. Only a store that waits for itself takes that long.
const patience = 90 * time.Second

// start is the time of records. Its fraction shows whether microseconds are kept.
var start = time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)

// errRefused is the error with which an edit or a transaction gives up.
var errRefused = errors.New("refused by the test")

// world is an empty store and what a scenario needs to work with it.
type world struct {
	t    *testing.T
	ctx  context.Context
	open Open
	db   store.Store
	st   auth.Store
	dv   device.Store
	sh   sharing.Store
	ids  *atomic.Uint64

	held *held
}

// held is what rights come from in a furnished store.
type held struct {
	role    auth.Role
	group   auth.Group
	service auth.ServiceAccount
	token   auth.APIToken
	shared  shared
}

func setup(t *testing.T, open Open) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	db := open(t)
	w := &world{
		t: t, ctx: ctx, open: open, db: db, st: db.Auth(), dv: db.Devices(), sh: db.Sharing(), ids: new(atomic.Uint64),
	}
	w.held = &held{w.newRole("maker"), w.newGroup("g"), w.newService("bot"), w.newAPIToken(
		auth.Holder{User: auth.UserID(w.id())},
	), w.newShared()}
	return w
}

// on returns the world as seen by a transaction of package auth.
func (w *world) on(st auth.Store) *world {
	in := *w
	in.st, in.dv, in.sh = st, w.dv.In(auth.NewTx(st)), nil
	return &in
}

// within returns the world as seen by a transaction over all stores.
func (w *world) within(db store.Store) *world {
	in := *w
	in.db, in.st, in.dv, in.sh = db, db.Auth(), db.Devices(), db.Sharing()
	return &in
}

// both is tx over all stores.
func (w *world) both(fn func(in *world) error) error {
	return w.db.Tx(w.ctx, func(db store.Store) error { return fn(w.within(db)) })
}

// tx runs fn in a transaction, or in a savepoint if w is already in a transaction.
func (w *world) tx(fn func(in *world) error) error {
	return w.st.Tx(w.ctx, func(st auth.Store) error { return fn(w.on(st)) })
}

// id returns a UUIDv7. Each is greater than the one before.
func (w *world) id() string { return uuidv7(w.ids.Add(1)) }

// uuidv7 puts n in the place of the time.
func uuidv7(n uint64) string {
	ms := uint64(start.UnixMilli()) + n
	return fmt.Sprintf("%08x-%04x-7%03x-8000-%012x", ms>>16, ms&0xffff, n&0xfff, n)
}

// hash returns a token hash that no other call returns.
func (w *world) hash() (h token.Hash) {
	copy(h[:], fmt.Sprintf("hash \x00\xff'\\ %d", w.ids.Add(1)))
	return h
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// want stops unless err is target.
func (w *world) want(err, target error) {
	w.t.Helper()
	if !errors.Is(err, target) {
		w.t.Fatalf("got error %v, want %v", err, target)
	}
}

// same reports the first difference.
func (w *world) same(what string, got, want any) {
	w.t.Helper()
	if d := differ(what, reflect.ValueOf(got), reflect.ValueOf(want)); d != "" {
		w.t.Error(d)
	}
}

// account returns an active account with all fields set.
func (w *world) account(name string) auth.Account {
	return auth.Account{
		User: auth.User{
			ID: auth.UserID(w.id()), Username: name, Email: name + "@Example.org", EmailVerified: true,
			Name:       "A Person",
			Attributes: []byte(`{"team":"one"}`), Roles: []auth.RoleID{"editor", "user"}, Status: auth.StatusActive,
			ExternalID: "ext-" + name, CreatedAt: start, UpdatedAt: start.Add(time.Microsecond),
			LastLoginAt: start.Add(time.Second),
		},
		UsernameKey: name, EmailKey: name + "@example.org", PasswordHash: "$argon2id$v=19$m=8,t=1,p=1$" + name,
	}
}

// user stores an account.
func (w *world) user(name string) auth.Account {
	w.t.Helper()
	a := w.account(name)
	w.must(w.st.CreateAccount(w.ctx, a))
	return a
}

// refreshing returns a session that has refresh tokens.
func (w *world) refreshing(user auth.UserID) auth.Session {
	return auth.Session{
		ID: auth.SessionID(w.id()), User: user, Method: auth.MethodPassword, Scopes: []string{"read:notes", "users"},
		ClientName: "a client", IP: "192.0.2.1", UserAgent: "Mozilla/5.0", CreatedAt: start,
		LastSeenAt: start.Add(1 * time.Microsecond),
		ProvedAt:   start.Add(2 * time.Microsecond), ExpiresAt: start.Add(time.Hour), EndsAt: start.Add(24 * time.Hour),
		Idle: time.Hour, Refreshes: true, TokenHash: w.hash(), Salt: []byte("\x00salt of 16 bytes"),
	}
}

// signIn returns what completes a sign-in of a with session x.
func (w *world) signIn(a auth.Account, x auth.Session) auth.SignIn {
	return auth.SignIn{OldHash: a.PasswordHash, NewHash: a.PasswordHash, Session: x, Login: w.login(a.ID, x.ID)}
}

// session stores a session of a.
func (w *world) session(a auth.Account) auth.Session {
	w.t.Helper()
	x := w.refreshing(a.ID)
	w.must(w.st.CompleteSignIn(w.ctx, w.signIn(a, x)))
	return x
}

// login returns the record of a successful sign-in.
func (w *world) login(user auth.UserID, x auth.SessionID) auth.Login {
	return auth.Login{
		ID: auth.LoginID(w.id()), User: user, At: start, Method: auth.MethodPassword, Outcome: auth.Success,
		IP: "2001:db8::1", UserAgent: "Mozilla/5.0", Session: x,
	}
}

// key returns a signing key.
func (w *world) key(id string) token.StoredKey {
	return token.StoredKey{
		ID: id, Algorithm: "EdDSA", Public: []byte("\x00public"), Sealed: []byte("sealed\xff"), CreatedAt: start,
	}
}

// stored reads an account that must exist.
func (w *world) stored(id auth.UserID) auth.Account {
	w.t.Helper()
	a, err := w.st.Account(w.ctx, id)
	w.must(err)
	return a
}

// absent stops unless there is no account with the id.
func (w *world) absent(id auth.UserID) {
	w.t.Helper()
	_, err := w.st.Account(w.ctx, id)
	w.want(err, auth.ErrNotFound)
}
