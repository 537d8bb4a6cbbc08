package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/token"
)

var generalScenarios = []scenario{
	{"EmptyStoreFindsNothing", emptyFindsNothing},
	{"SharesNoMemoryIn", sharesNoMemoryIn},
	{"SharesNoMemoryOut", sharesNoMemoryOut},
	{"TimesRoundTrip", timesRoundTrip},
	{"CanceledContext", canceledContext},
	{"CanceledInEdit", canceledInEdit},
}

func emptyFindsNothing(w *world) {
	user, session, h := auth.UserID(w.id()), auth.SessionID(w.id()), w.hash()
	for name, call := range map[string]func() error{
		"Account":         func() error { _, err := w.st.Account(w.ctx, user); return err },
		"AccountByLogin":  func() error { _, err := w.st.AccountByLogin(w.ctx, "alice"); return err },
		"by email":        func() error { _, err := w.st.AccountByLogin(w.ctx, "alice@example.org"); return err },
		"by nothing":      func() error { _, err := w.st.AccountByLogin(w.ctx, ""); return err },
		"DeleteAccount":   func() error { return w.st.DeleteAccount(w.ctx, user) },
		"AddRole":         func() error { _, err := w.st.AddRole(w.ctx, user, "user"); return err },
		"ActorBySession":  func() error { _, err := w.st.ActorBySession(w.ctx, session); return err },
		"ActorByToken":    func() error { _, err := w.st.ActorByToken(w.ctx, h); return err },
		"no token":        func() error { _, err := w.st.ActorByToken(w.ctx, token.Hash{}); return err },
		"DeleteSession":   func() error { return w.st.DeleteSession(w.ctx, user, session) },
		"RefreshToken":    func() error { _, err := w.st.RefreshToken(w.ctx, h); return err },
		"no refreshing":   func() error { _, err := w.st.RefreshToken(w.ctx, token.Hash{}); return err },
		"Login":           func() error { _, err := w.st.Login(w.ctx, auth.LoginID(w.id())); return err },
		"Value":           func() error { _, err := w.st.Value(w.ctx, "settings"); return err },
		"empty user id":   func() error { _, err := w.st.Account(w.ctx, ""); return err },
		"empty session":   func() error { _, err := w.st.ActorBySession(w.ctx, ""); return err },
		"empty login":     func() error { _, err := w.st.Login(w.ctx, ""); return err },
		"id of no form":   func() error { _, err := w.st.Account(w.ctx, "alice"); return err },
		"session no form": func() error { _, err := w.st.ActorBySession(w.ctx, "' OR 1=1 --"); return err },
	} {
		if err := call(); !errors.Is(err, auth.ErrNotFound) {
			w.t.Errorf("%s: got error %v, want ErrNotFound", name, err)
		}
	}
	w.must(w.st.DeleteLogins(w.ctx, user))
	w.must(w.st.AnonymizeLogins(w.ctx, user))
	w.must(w.st.KeyStore().DeleteKey(w.ctx, "a"))
	w.must(w.st.TouchSession(w.ctx, session, start, start))
	w.must(w.st.Limits().GiveBack(w.ctx, []string{"a"}, []limit.Take{bucket("b", 1)}))
}

// What a caller does to a value that it has stored changes nothing.
func sharesNoMemoryIn(w *world) {
	a := w.account("alice")
	x := w.refreshing(a.ID)
	k := w.key("k")
	r := w.record(func(*auth.AuditRecord) {})
	want := struct {
		attributes, detail, salt, public, sealed string
	}{string(a.Attributes), string(r.Detail), string(x.Salt), string(k.Public), string(k.Sealed)}
	w.must(w.st.CreateAccount(w.ctx, a))
	w.must(w.st.CompleteSignIn(w.ctx, w.signIn(a, x)))
	w.must(w.st.KeyStore().AddKey(w.ctx, k))
	w.must(w.st.AddAudit(w.ctx, r))
	a.Roles[0], x.Scopes[0] = "spoilt", "spoilt"
	for _, b := range [][]byte{a.Attributes, x.Salt, k.Public, k.Sealed, r.Detail} {
		clear(b)
	}
	w.must(w.unspoilt(want.attributes, want.detail, want.salt, want.public, want.sealed))

	scopes := []string{"read:notes", "users"}
	w.rotated(auth.Rotation{Session: x.ID, Next: w.hash(), Now: start, ExpiresAt: x.ExpiresAt, Scopes: scopes}, true)
	scopes[0] = "spoilt"
	var kept *auth.Session
	_, err := w.st.UpdateSession(w.ctx, x.ID, func(now *auth.Session) error { kept = now; return nil })
	w.must(err)
	kept.Scopes[0], kept.Salt[0] = "spoilt", 'X'
	var account *auth.Account
	_, err = w.st.UpdateAccount(w.ctx, a.ID, func(now *auth.Account) error { account = now; return nil })
	w.must(err)
	account.Roles[0], account.Attributes[0] = "spoilt", 'X'
	w.must(w.unspoilt(want.attributes, want.detail, want.salt, want.public, want.sealed))
}

// unspoilt compares every list that holds the one record of each kind.
func (w *world) unspoilt(attributes, detail, salt, public, sealed string) error {
	w.t.Helper()
	a, err := w.st.AccountByLogin(w.ctx, "alice")
	w.must(err)
	w.same("roles", a.Roles, []auth.RoleID{"editor", "user"})
	w.same("attributes", string(a.Attributes), attributes)
	list, err := w.st.Sessions(w.ctx, auth.SessionQuery{User: a.ID, Now: start, Limit: 1})
	w.must(err)
	w.same("scopes", list[0].Scopes, []string{"read:notes", "users"})
	w.same("salt", string(list[0].Salt), salt)
	keys, err := w.st.KeyStore().Keys(w.ctx)
	w.must(err)
	w.same("public", string(keys[0].Public), public)
	w.same("sealed", string(keys[0].Sealed), sealed)
	records, err := w.st.Audits(w.ctx, auth.AuditQuery{Limit: 1})
	w.must(err)
	w.same("detail", string(records[0].Detail), detail)
	return err
}

// What a caller does to a value that it has read changes nothing.
func sharesNoMemoryOut(w *world) {
	a := w.user("alice")
	x := w.session(a)
	k := w.key("k")
	w.must(w.st.KeyStore().AddKey(w.ctx, k))
	r := w.addRecord(func(*auth.AuditRecord) {})
	check := func() {
		w.must(w.unspoilt(`{"team":"one"}`, string(r.Detail), string(x.Salt), string(k.Public), string(k.Sealed)))
	}
	spoil := func(u auth.User, sessions ...auth.Session) {
		w.t.Helper()
		if len(u.Roles) == 0 || len(u.Attributes) == 0 {
			w.t.Fatal("nothing to spoil")
		}
		u.Roles[0], u.Attributes[0] = "spoilt", 'X'
		for _, x := range sessions {
			x.Scopes[0], x.Salt[0] = "spoilt", 'X'
		}
		check()
	}
	one := w.stored(a.ID)
	spoil(one.User)
	byLogin, err := w.st.AccountByLogin(w.ctx, "alice")
	w.must(err)
	spoil(byLogin.User)
	read, err := w.st.ReadSignIn(w.ctx, "alice")
	w.must(err)
	spoil(read.Account.User)
	users, err := w.st.Users(w.ctx, auth.UserQuery{Limit: 1})
	w.must(err)
	spoil(users[0])
	updated, err := w.st.UpdateAccount(w.ctx, a.ID, func(*auth.Account) error { return nil })
	w.must(err)
	spoil(updated.User)
	byID, err := w.st.ActorBySession(w.ctx, x.ID)
	w.must(err)
	spoil(byID.User, byID.Session)
	byToken, err := w.st.ActorByToken(w.ctx, x.TokenHash)
	w.must(err)
	spoil(byToken.User, byToken.Session)
	use, err := w.st.RefreshToken(w.ctx, x.TokenHash)
	w.must(err)
	spoil(use.Actor.User, use.Actor.Session)
	w.spoilLists(a, x)
	check()
}

func (w *world) spoilLists(a auth.Account, x auth.Session) {
	w.t.Helper()
	list, err := w.st.Sessions(w.ctx, auth.SessionQuery{User: a.ID, Now: start, Limit: 1})
	w.must(err)
	list[0].Scopes[0], list[0].Salt[0] = "spoilt", 'X'
	moved, err := w.st.UpdateSession(w.ctx, x.ID, func(*auth.Session) error { return nil })
	w.must(err)
	moved.Scopes[0], moved.Salt[0] = "spoilt", 'X'
	keys, err := w.st.KeyStore().Keys(w.ctx)
	w.must(err)
	keys[0].Public[0], keys[0].Sealed[0] = 'X', 'X'
	records, err := w.st.Audits(w.ctx, auth.AuditQuery{Limit: 1})
	w.must(err)
	records[0].Detail[0] = 'X'
}

// Times keep their microseconds, even far from today.
func timesRoundTrip(w *world) {
	for i, at := range []time.Time{
		time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(2000, 2, 29, 12, 0, 0, 1000, time.UTC), time.Date(2026, 3, 29, 1, 30, 0, 999999000, time.UTC),
		time.Date(2038, 1, 19, 3, 14, 8, 500000, time.UTC), time.Date(2262, 4, 12, 0, 0, 0, 123456000, time.UTC),
	} {
		a := w.account(string(rune('a' + i)))
		a.CreatedAt, a.UpdatedAt, a.LastLoginAt = at, at.Add(time.Microsecond), at.Add(2*time.Microsecond)
		w.must(w.st.CreateAccount(w.ctx, a))
		w.same("account", w.stored(a.ID), a)
		x := w.refreshing(a.ID)
		x.CreatedAt, x.LastSeenAt, x.ProvedAt, x.ExpiresAt, x.EndsAt = at, at, at.Add(
			time.Microsecond,
		), at.Add(time.Hour), at.Add(time.Hour)
		in := w.signIn(a, x)
		in.Login.At = at
		w.must(w.st.CompleteSignIn(w.ctx, in))
		a.LastLoginAt = at
		w.actors(x, a.User)
		w.loginIs(in.Login)
		r := w.addRecord(func(r *auth.AuditRecord) { r.At, r.Actor = at, a.Username })
		got, err := w.st.Audits(w.ctx, auth.AuditQuery{Actor: a.Username, Since: at, Limit: 1})
		w.must(err)
		w.same("record", got, []auth.AuditRecord{r})
		k := w.key(string(a.ID))
		k.CreatedAt = at
		w.must(w.st.KeyStore().AddKey(w.ctx, k))
		keys, err := w.st.KeyStore().Keys(w.ctx)
		w.must(err)
		for _, got := range keys {
			if got.ID == k.ID {
				w.same("key", got, k)
			}
		}
	}
}

// If the context has ended, every method returns an error and nothing is stored.
func canceledContext(w *world) {
	a := w.user("alice")
	x := w.session(a)
	l := w.addLogin(w.login(a.ID, ""))
	w.must(w.st.KeyStore().AddKey(w.ctx, w.key("k")))
	w.must(w.st.AddSetUpToken(w.ctx, token.Hash{1}, start))
	w.init("v", "one", "one")
	before := w.snapshot(a.ID)
	ctx, cancel := context.WithCancel(w.ctx)
	cancel()
	off := w.within(w.db)
	off.ctx = ctx
	for name, call := range off.everyCall(a, x, l) {
		if err := call(); !errors.Is(err, context.Canceled) {
			w.t.Errorf("%s: got error %v, want that of the context", name, err)
		}
	}
	w.same("everything", w.snapshot(a.ID), before)
	w.noValue("new")
	w.hasSetup(token.Hash{1}, true)
	w.takes(start, 0, bucket("a", 1))
}

// A context that ends while edit runs ends the update.
func canceledInEdit(w *world) {
	a := w.user("alice")
	x := w.session(a)
	before := w.snapshot(a.ID)
	for name, call := range map[string]func(ctx context.Context, cancel func()) error{
		"UpdateAccount": func(ctx context.Context, cancel func()) error {
			_, err := w.st.UpdateAccount(
				ctx, a.ID, func(now *auth.Account) error { cancel(); now.Name = "lost"; return nil },
			)
			return err
		},
		"UpdateSession": func(ctx context.Context, cancel func()) error {
			_, err := w.st.UpdateSession(
				ctx, x.ID, func(now *auth.Session) error { cancel(); now.Scopes = nil; return nil },
			)
			return err
		},
		"UpdateValue": func(ctx context.Context, cancel func()) error {
			return w.st.UpdateValue(ctx, "new", func(string) (string, error) { cancel(); return "lost", nil })
		},
	} {
		ctx, cancel := context.WithCancel(w.ctx)
		if err := call(ctx, cancel); !errors.Is(err, context.Canceled) {
			w.t.Errorf("%s: got error %v, want that of the context", name, err)
		}
		cancel()
	}
	w.same("everything", w.snapshot(a.ID), before)
	w.noValue("new")
}
