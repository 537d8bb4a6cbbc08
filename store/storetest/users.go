package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var userScenarios = []scenario{
	{"AccountRoundTrip", accountRoundTrip},
	{"BareAccountRoundTrip", bareAccountRoundTrip},
	{"AccountByLogin", accountByLogin},
	{"CreateRefusesTakenNames", createRefusesTakenNames},
	{"EmptyNamesAreNotTaken", emptyNamesAreNotTaken},
	{"CreateRefusesTakenID", createRefusesTakenID},
	{"UpdateAccount", updateAccount},
	{"UpdateAccountKeepsIdentity", updateAccountKeepsIdentity},
	{"UpdateAccountErrorWritesNothing", updateAccountError},
	{"UpdateRefusesTakenNames", updateRefusesTakenNames},
	{"UpdateFreesNames", updateFreesNames},
	{"DeleteAccount", deleteAccount},
}

func accountRoundTrip(w *world) {
	a := w.user("alice")
	w.user("bob")
	w.same("account", w.stored(a.ID), a)
	for _, status := range []auth.Status{auth.StatusPending, auth.StatusDisabled} {
		b := w.account(string(status))
		b.Status = status
		w.must(w.st.CreateAccount(w.ctx, b))
		w.same(string(status), w.stored(b.ID), b)
	}
}

// This account has only what every account has.
func bareAccountRoundTrip(w *world) {
	a := auth.Account{User: auth.User{
		ID: auth.UserID(w.id()), Attributes: []byte(`{}`), Status: auth.StatusActive, CreatedAt: start,
		UpdatedAt: start,
	}}
	w.must(w.st.CreateAccount(w.ctx, a))
	got := w.stored(a.ID)
	w.same("account", got, a)
	if !got.LastLoginAt.IsZero() {
		w.t.Errorf("the time that never was is %v", got.LastLoginAt)
	}
}

func accountByLogin(w *world) {
	a := w.user("alice")
	w.user("bob")
	bare := w.account("bare")
	bare.UsernameKey, bare.EmailKey = "", ""
	w.must(w.st.CreateAccount(w.ctx, bare))
	for _, key := range []string{"alice", "alice@example.org"} {
		got, err := w.st.AccountByLogin(w.ctx, key)
		w.must(err)
		w.same(key, got, a)
	}
	// Keys are compared by bytes, and an email is not a username.
	for _, key := range []string{"", "@", "Alice", "alic", "alice ", "alice@Example.org", "alice@example.or", "carol",
		string(a.ID), a.ExternalID} {
		_, err := w.st.AccountByLogin(w.ctx, key)
		w.want(err, auth.ErrNotFound)
	}
}

// taken are the three conflicts.
var taken = []struct {
	name string
	err  error
	take func(a *auth.Account, from auth.Account)
}{
	{"username", auth.ErrUsernameTaken, func(a *auth.Account, from auth.Account) { a.UsernameKey = from.UsernameKey }},
	{"email", auth.ErrEmailTaken, func(a *auth.Account, from auth.Account) { a.EmailKey = from.EmailKey }},
	{"external id", auth.ErrExternalIDTaken, func(a *auth.Account, from auth.Account) {
		a.ExternalID = from.ExternalID
	}},
}

func createRefusesTakenNames(w *world) {
	a := w.user("alice")
	for _, c := range taken {
		b := w.account("b")
		c.take(&b, a)
		w.want(w.st.CreateAccount(w.ctx, b), c.err)
		w.absent(b.ID)
	}
	w.user("b") // none of b's names was stored
	w.same("alice", w.stored(a.ID), a)
}

func emptyNamesAreNotTaken(w *world) {
	for range 3 {
		a := w.account("same")
		a.UsernameKey, a.EmailKey, a.ExternalID = "", "", ""
		w.must(w.st.CreateAccount(w.ctx, a))
	}
}

// An id is never given out twice. If it is, the first account stays.
func createRefusesTakenID(w *world) {
	a, b := w.user("alice"), w.account("bob")
	b.ID = a.ID
	if err := w.st.CreateAccount(w.ctx, b); err == nil {
		w.t.Error("an account was stored over another")
	}
	w.same("alice", w.stored(a.ID), a)
	_, err := w.st.AccountByLogin(w.ctx, "bob")
	w.want(err, auth.ErrNotFound)
}

func updateAccount(w *world) {
	a, other := w.user("alice"), w.user("bob")
	want := w.account("carol")
	want.ID, want.CreatedAt, want.Roles = a.ID, a.CreatedAt, a.Roles
	want.EmailVerified, want.Name, want.Attributes, want.Status = false, "", []byte(`[]`), auth.StatusDisabled
	want.UpdatedAt, want.LastLoginAt, want.PasswordHash = start.Add(time.Hour), time.Time{}, ""
	got, err := w.st.UpdateAccount(w.ctx, a.ID, func(now *auth.Account) error {
		w.same("handed to edit", *now, a)
		*now = want
		return nil
	})
	w.must(err)
	w.same("returned", got, want)
	w.same("stored", w.stored(a.ID), want)
	w.same("other", w.stored(other.ID), other)
	byName, err := w.st.AccountByLogin(w.ctx, "carol")
	w.must(err)
	w.same("by new name", byName, want)
}

func updateAccountKeepsIdentity(w *world) {
	a := w.user("alice")
	want := a
	want.Name = "renamed"
	got, err := w.st.UpdateAccount(w.ctx, a.ID, func(now *auth.Account) error {
		now.ID, now.CreatedAt, now.Roles = auth.UserID(w.id()), start.Add(time.Hour), []auth.RoleID{"admin"}
		now.Name = "renamed"
		return nil
	})
	w.must(err)
	w.same("returned", got, want)
	w.same("stored", w.stored(a.ID), want)
}

func updateAccountError(w *world) {
	a := w.user("alice")
	_, err := w.st.UpdateAccount(w.ctx, a.ID, func(now *auth.Account) error {
		now.Name, now.UsernameKey = "changed", "changed"
		now.Attributes[2], now.Roles[0] = 'X', "changed"
		return errRefused
	})
	if err != errRefused {
		w.t.Errorf("got error %v, want that of edit as it is", err)
	}
	w.same("stored", w.stored(a.ID), a)
	_, err = w.st.UpdateAccount(w.ctx, auth.UserID(w.id()), func(*auth.Account) error {
		w.t.Error("edit was called for an account that is not there")
		return nil
	})
	w.want(err, auth.ErrNotFound)
}

func updateRefusesTakenNames(w *world) {
	a, b := w.user("alice"), w.user("bob")
	for _, c := range taken {
		_, err := w.st.UpdateAccount(w.ctx, b.ID, func(now *auth.Account) error {
			now.Name = "changed"
			c.take(now, a)
			return nil
		})
		w.want(err, c.err)
		w.same(c.name, w.stored(b.ID), b)
	}
	// A user's own names do not conflict, and neither do empty ones.
	for _, edit := range []func(*auth.Account) error{
		func(now *auth.Account) error { c := now.Name; now.Name = c + "!"; return nil },
		func(now *auth.Account) error { now.UsernameKey, now.EmailKey, now.ExternalID = "", "", ""; return nil },
	} {
		for _, id := range []auth.UserID{a.ID, b.ID} {
			_, err := w.st.UpdateAccount(w.ctx, id, edit)
			w.must(err)
		}
	}
}

func updateFreesNames(w *world) {
	a := w.user("alice")
	_, err := w.st.UpdateAccount(w.ctx, a.ID, func(now *auth.Account) error {
		now.UsernameKey, now.EmailKey, now.ExternalID = "new", "new@example.org", "new"
		return nil
	})
	w.must(err)
	_, err = w.st.AccountByLogin(w.ctx, "alice")
	w.want(err, auth.ErrNotFound)
	b := w.user("alice")
	w.must(w.st.DeleteAccount(w.ctx, b.ID))
	w.user("alice")
}

func deleteAccount(w *world) {
	a, b := w.user("alice"), w.user("bob")
	x, y := w.session(a), w.session(b)
	consumed := x.TokenHash
	_, err := w.st.RotateRefresh(
		w.ctx, auth.Rotation{Session: x.ID, Next: w.hash(), Now: start, ExpiresAt: x.ExpiresAt},
	)
	w.must(err)
	w.must(w.st.DeleteAccount(w.ctx, a.ID))
	w.absent(a.ID)
	w.want(w.st.DeleteAccount(w.ctx, a.ID), auth.ErrNotFound)
	_, err = w.st.ActorBySession(w.ctx, x.ID)
	w.want(err, auth.ErrNotFound)
	_, err = w.st.RefreshToken(w.ctx, consumed)
	w.want(err, auth.ErrNotFound)
	_, err = w.st.AddRole(w.ctx, a.ID, "user")
	w.want(err, auth.ErrNotFound)
	logins, err := w.st.Logins(w.ctx, auth.LoginQuery{User: a.ID, Limit: 9})
	w.must(err)
	w.same("number of logins that stay", len(logins), 1)
	kept, err := w.st.ActorBySession(w.ctx, y.ID)
	w.must(err)
	w.same("other's session", kept.Session, y)

	again := a // the same id starts without anything that the first had
	again.Roles, again.EmailKey, again.ExternalID = nil, "", ""
	w.must(w.st.CreateAccount(w.ctx, again))
	w.same("made anew", w.stored(a.ID), again)
	w.sessions("of the one before", auth.SessionQuery{User: a.ID, Now: start})
	w.noActors(x)
	w.noRefresh(consumed)
}
