package storetest

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

var refreshScenarios = []scenario{
	{"RotateRefresh", rotateRefresh},
	{"RotateRefreshLoses", rotateRefreshLoses},
	{"RotateRefreshIsWhole", rotateRefreshWhole},
	{"ConsumedTokensEndWithTheirSession", consumedTokensEnd},
	{"CountReplay", countReplay},
	{"DeleteSessions", deleteSessions},
	{"DeleteExpiredSessions", deleteExpiredSessions},
}

// refreshUse checks what presenting a token finds.
func (w *world) refreshUse(what string, h token.Hash, want auth.RefreshUse) {
	w.t.Helper()
	got, err := w.st.RefreshToken(w.ctx, h)
	w.must(err)
	w.same(what, got, want)
}

// noRefresh checks that a token finds nothing.
func (w *world) noRefresh(h token.Hash) {
	w.t.Helper()
	_, err := w.st.RefreshToken(w.ctx, h)
	w.want(err, auth.ErrNotFound)
}

// rotate moves x on; it has to win.
func (w *world) rotate(x auth.Session, scopes []string) auth.Session {
	w.t.Helper()
	next := x
	next.TokenHash, next.Generation, next.Replays, next.Scopes = w.hash(), x.Generation+1, 0, scopes
	next.LastSeenAt = start.Add(time.Duration(next.Generation) * time.Minute)
	next.ExpiresAt = next.LastSeenAt.Add(time.Hour)
	won, err := w.st.RotateRefresh(w.ctx, auth.Rotation{
		Session: x.ID, From: x.Generation, Next: next.TokenHash, Now: next.LastSeenAt, ExpiresAt: next.ExpiresAt, Scopes: scopes,
	})
	w.must(err)
	if !won {
		w.t.Fatalf("generation %d does not follow %d", next.Generation, x.Generation)
	}
	return next
}

func rotateRefresh(w *world) {
	a, b := w.user("alice"), w.user("bob")
	first, other := w.session(a), w.session(b)
	a.LastLoginAt, b.LastLoginAt = start, start
	w.refreshUse("the first token", first.TokenHash, auth.RefreshUse{Actor: auth.Actor{Session: first, User: a.User}})
	w.noRefresh(w.hash())
	consumed := []auth.Session{first}
	x := first
	for _, scopes := range [][]string{{"read:notes"}, {}, nil} {
		ok, err := w.st.CountReplay(w.ctx, x.ID, x.Generation, 5)
		w.must(err)
		w.same("counted", ok, true)
		x = w.rotate(x, scopes)
		actor := auth.Actor{Session: x, User: a.User}
		w.actors(x, a.User)
		w.refreshUse("the newest token", x.TokenHash, auth.RefreshUse{Actor: actor, Generation: x.Generation})
		for _, c := range consumed {
			at := start.Add(time.Duration(c.Generation+1) * time.Minute)
			w.refreshUse("a consumed token", c.TokenHash, auth.RefreshUse{Actor: actor, Generation: c.Generation, ConsumedAt: at})
			_, err := w.st.ActorByToken(w.ctx, c.TokenHash)
			w.want(err, auth.ErrNotFound)
		}
		consumed = append(consumed, x)
	}
	w.refreshUse("other's token", other.TokenHash, auth.RefreshUse{Actor: auth.Actor{Session: other, User: b.User}})
}

// What comes too late changes nothing and makes no token.
func rotateRefreshLoses(w *world) {
	a := w.user("alice")
	x := w.rotate(w.session(a), nil)
	a.LastLoginAt = start
	for _, r := range []auth.Rotation{
		{Session: x.ID, From: x.Generation - 1},
		{Session: x.ID, From: x.Generation + 1},
		{Session: auth.SessionID(w.id()), From: 0},
	} {
		r.Next, r.Now, r.ExpiresAt = w.hash(), start.Add(time.Hour), start.Add(2*time.Hour)
		won, err := w.st.RotateRefresh(w.ctx, r)
		w.must(err)
		w.same("won", won, false)
		w.noRefresh(r.Next)
		w.actors(x, a.User)
		w.refreshUse("newest", x.TokenHash, auth.RefreshUse{Actor: auth.Actor{Session: x, User: a.User}, Generation: x.Generation})
	}
}

// A rotation that can't be written, here to a token of another session, consumes nothing.
func rotateRefreshWhole(w *world) {
	a := w.user("alice")
	x, other := w.session(a), w.session(a)
	a.LastLoginAt = start
	won, err := w.st.RotateRefresh(w.ctx, auth.Rotation{Session: x.ID, Next: other.TokenHash, Now: start, ExpiresAt: x.ExpiresAt})
	if err == nil || won {
		w.t.Errorf("two sessions have one token (%v, %v)", won, err)
	}
	w.actors(x, a.User)
	w.actors(other, a.User)
	w.refreshUse("still newest", x.TokenHash, auth.RefreshUse{Actor: auth.Actor{Session: x, User: a.User}})
}

func consumedTokensEnd(w *world) {
	a := w.user("alice")
	for _, end := range []func(x auth.Session) error{
		func(x auth.Session) error { return w.st.DeleteSession(w.ctx, a.ID, x.ID) },
		func(x auth.Session) error { _, err := w.st.DeleteSessions(w.ctx, a.ID, ""); return err },
		func(x auth.Session) error { _, err := w.st.DeleteExpiredSessions(w.ctx, x.EndsAt, 99); return err },
		func(x auth.Session) error { return w.st.DeleteAccount(w.ctx, a.ID) },
	} {
		first := w.session(a)
		second := w.rotate(first, nil)
		third := w.rotate(second, nil)
		w.must(end(third))
		for _, x := range []auth.Session{first, second, third} {
			w.noRefresh(x.TokenHash)
		}
		w.noActors(third)
		won, err := w.st.RotateRefresh(w.ctx, auth.Rotation{Session: third.ID, From: third.Generation, Next: w.hash(), Now: start, ExpiresAt: start})
		w.must(err)
		w.same("won after the end", won, false)
	}
}

func countReplay(w *world) {
	a := w.user("alice")
	x, other := w.rotate(w.session(a), nil), w.session(a)
	a.LastLoginAt = start
	count := func(id auth.SessionID, newest, limit int, want bool) {
		w.t.Helper()
		ok, err := w.st.CountReplay(w.ctx, id, newest, limit)
		w.must(err)
		w.same("counted", ok, want)
		if want {
			x.Replays++
		}
		w.actors(x, a.User)
	}
	count(x.ID, 0, 5, false) // not the newest any more
	count(x.ID, 2, 5, false) // not yet
	count(x.ID, 1, 0, false)
	count(auth.SessionID(w.id()), 1, 5, false)
	count(x.ID, 1, 2, true)
	count(x.ID, 1, 2, true)
	count(x.ID, 1, 2, false)
	count(x.ID, 1, 3, true) // a limit that was raised
	x = w.rotate(x, nil)
	w.actors(x, a.User) // counted anew
	count(x.ID, 2, 1, true)
	count(x.ID, 2, 1, false)
	w.actors(other, a.User)
}

func deleteSessions(w *world) {
	a, b := w.user("alice"), w.user("bob")
	x, y, z, other := w.session(a), w.session(a), w.session(a), w.session(b)
	a.LastLoginAt, b.LastLoginAt = start, start
	end := func(user auth.UserID, except auth.SessionID, want int) {
		w.t.Helper()
		n, err := w.st.DeleteSessions(w.ctx, user, except)
		w.must(err)
		w.same("ended", n, want)
	}
	end(auth.UserID(w.id()), "", 0)
	end(a.ID, y.ID, 2)
	w.noActors(x)
	w.noActors(z)
	w.actors(y, a.User)
	end(a.ID, y.ID, 0)
	end(a.ID, other.ID, 1) // a session of somebody else is no exception
	w.noActors(y)
	end(a.ID, "", 0)
	w.actors(other, b.User)
	end(b.ID, "", 1)
}

func deleteExpiredSessions(w *world) {
	a := w.user("alice")
	end := start.Add(time.Hour)
	var past []auth.Session
	for i := range 5 {
		x := w.refreshing(a.ID)
		x.ExpiresAt = end.Add(-time.Duration(i) * time.Minute)
		w.must(w.st.CompleteSignIn(w.ctx, w.signIn(a, x)))
		past = append(past, x)
	}
	later := w.refreshing(a.ID)
	later.ExpiresAt = end.Add(time.Microsecond)
	w.must(w.st.CompleteSignIn(w.ctx, w.signIn(a, later)))
	w.batches("sessions", 5, 2, func(limit int) (int, error) { return w.st.DeleteExpiredSessions(w.ctx, end, limit) })
	for _, x := range past {
		w.noActors(x)
	}
	a.LastLoginAt = start
	w.actors(later, a.User)
}

// batches removes in batches until nothing is left; there have to be count in all, and each has to stay below limit.
func (w *world) batches(what string, count, limit int, remove func(limit int) (int, error)) {
	w.t.Helper()
	for left := count; ; {
		n, err := remove(limit)
		w.must(err)
		if left -= n; n > limit || n < 0 || left < 0 || n == 0 && left > 0 {
			w.t.Fatalf("%s: a batch of %d for a limit of %d, %d of %d left", what, n, limit, left, count)
		}
		if n == 0 {
			return
		}
	}
}
