package storetest

import (
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

var sessionScenarios = []scenario{
	{"SessionRoundTrip", sessionRoundTrip},
	{"SessionsInPages", sessionsInPages},
	{"UpdateSession", updateSession},
	{"UpdateSessionErrorWritesNothing", updateSessionError},
	{"TouchSession", touchSession},
	{"DeleteSession", deleteSession},
}

// actors reads a session in both ways.
func (w *world) actors(x auth.Session, u auth.User) {
	w.t.Helper()
	want := auth.Actor{Session: x, User: u}
	byID, err := w.st.ActorBySession(w.ctx, x.ID)
	w.must(err)
	w.same("by id", byID, want)
	byToken, err := w.st.ActorByToken(w.ctx, x.TokenHash)
	w.must(err)
	w.same("by token", byToken, want)
}

// noActors checks that a session is gone.
func (w *world) noActors(x auth.Session) {
	w.t.Helper()
	_, err := w.st.ActorBySession(w.ctx, x.ID)
	w.want(err, auth.ErrNotFound)
	_, err = w.st.ActorByToken(w.ctx, x.TokenHash)
	w.want(err, auth.ErrNotFound)
}

// Nil scopes mean no ceiling, and empty scopes one that allows nothing.
func sessionRoundTrip(w *world) {
	a := w.user("alice")
	a.LastLoginAt = start
	for _, scopes := range [][]string{nil, {}, {""}, {"a"}, {"a", "b!user=x"}, {"a,b", "c d", `"e"`, "f\ng", `\`}} {
		x := w.refreshing(a.ID)
		x.Scopes, x.Generation, x.Replays = scopes, 7, 3
		w.must(w.st.CompleteSignIn(w.ctx, w.signIn(a, x)))
		w.actors(x, a.User)
	}
	cookie := w.refreshing(a.ID)
	cookie.Refreshes, cookie.Salt, cookie.Idle = false, nil, 30*24*time.Hour+time.Second
	cookie.ClientName, cookie.IP, cookie.UserAgent = "", "", ""
	w.must(w.st.CompleteSignIn(w.ctx, w.signIn(a, cookie)))
	w.actors(cookie, a.User)
}

// sessions compares the sessions of a user, in pages. want may be in any order.
func (w *world) sessions(what string, q auth.SessionQuery, want ...auth.SessionID) {
	w.t.Helper()
	want = slices.Clone(want) // it may be part of a list of the caller's
	slices.Sort(want)
	slices.Reverse(want)
	pages(w, what, want, func(before auth.SessionID, limit int) ([]auth.Session, error) {
		q.Before, q.Limit = before, limit
		return w.st.Sessions(w.ctx, q)
	}, func(x auth.Session) auth.SessionID { return x.ID })
}

func sessionsInPages(w *world) {
	a, b := w.user("alice"), w.user("bob")
	w.sessions("none", auth.SessionQuery{User: a.ID, Now: start})
	w.session(b)
	var ids []auth.SessionID
	var all []auth.Session
	for range 5 {
		x := w.session(a)
		ids, all = append(ids, x.ID), append(all, x)
	}
	past := w.refreshing(a.ID)
	past.ExpiresAt = start.Add(time.Minute)
	w.must(w.st.CompleteSignIn(w.ctx, w.signIn(a, past)))
	w.sessions(
		"all", auth.SessionQuery{User: a.ID, Now: past.ExpiresAt.Add(-time.Microsecond)}, append(ids, past.ID)...,
	)
	w.sessions("unexpired", auth.SessionQuery{User: a.ID, Now: past.ExpiresAt}, ids...)
	w.sessions("after all ended", auth.SessionQuery{User: a.ID, Now: start.Add(time.Hour)})
	w.sessions("of nobody", auth.SessionQuery{User: auth.UserID(w.id()), Now: start})
	got, err := w.st.Sessions(w.ctx, auth.SessionQuery{User: a.ID, Now: past.ExpiresAt, Limit: 9})
	w.must(err)
	slices.Reverse(all)
	w.same("sessions", got, all)
}

func updateSession(w *world) {
	a := w.user("alice")
	x, other := w.session(a), w.session(a)
	a.LastLoginAt = start
	for _, scopes := range [][]string{{"read:notes"}, {}, nil} {
		want := x
		want.LastSeenAt, want.ProvedAt, want.ExpiresAt = start.Add(
			time.Second,
		), start.Add(2*time.Second), start.Add(3*time.Hour)
		want.TokenHash, want.Scopes = w.hash(), scopes
		got, err := w.st.UpdateSession(w.ctx, x.ID, func(now *auth.Session) error {
			w.same("handed to edit", *now, x)
			*now = w.refreshing(auth.UserID(w.id())) // most of this is not written
			now.LastSeenAt, now.ProvedAt, now.ExpiresAt = want.LastSeenAt, want.ProvedAt, want.ExpiresAt
			now.TokenHash, now.Scopes = want.TokenHash, want.Scopes
			now.Generation, now.Replays, now.Refreshes, now.EndsAt = 9, 9, false, start
			return nil
		})
		w.must(err)
		w.same("returned", got, want)
		w.actors(want, a.User)
		_, err = w.st.ActorByToken(w.ctx, x.TokenHash)
		w.want(err, auth.ErrNotFound) // the previous token
		x = want
	}
	w.actors(other, a.User)
}

func updateSessionError(w *world) {
	a := w.user("alice")
	x := w.session(a)
	a.LastLoginAt = start
	_, err := w.st.UpdateSession(w.ctx, x.ID, func(now *auth.Session) error {
		now.TokenHash, now.Scopes[0], now.Salt[0] = w.hash(), "changed", 'X'
		return errRefused
	})
	if err != errRefused {
		w.t.Errorf("got error %v, want that of edit as it is", err)
	}
	w.actors(x, a.User)
	_, err = w.st.UpdateSession(w.ctx, auth.SessionID(w.id()), func(*auth.Session) error {
		w.t.Error("edit was called for a session that is not there")
		return nil
	})
	w.want(err, auth.ErrNotFound)
}

func touchSession(w *world) {
	a := w.user("alice")
	x, other := w.session(a), w.session(a)
	a.LastLoginAt = start
	for _, c := range []struct {
		seen    time.Time
		written bool
	}{
		{start.Add(time.Minute), true},
		{start.Add(time.Minute - time.Microsecond), false}, // from a slower request
		{start.Add(time.Minute), true},                     // the same instant is not later
		{start.Add(time.Minute + time.Microsecond), true},
	} {
		expires := x.ExpiresAt.Add(time.Second)
		w.must(w.st.TouchSession(w.ctx, x.ID, c.seen, expires))
		if c.written {
			x.LastSeenAt, x.ExpiresAt = c.seen, expires
		}
		w.actors(x, a.User)
	}
	w.actors(other, a.User)
	gone := auth.SessionID(w.id())
	w.must(w.st.TouchSession(w.ctx, gone, start, start))
	_, err := w.st.ActorBySession(w.ctx, gone)
	w.want(err, auth.ErrNotFound)
}

func deleteSession(w *world) {
	a, b := w.user("alice"), w.user("bob")
	x, y := w.session(a), w.session(a)
	a.LastLoginAt = start
	w.want(w.st.DeleteSession(w.ctx, b.ID, x.ID), auth.ErrNotFound) // it is not b's
	w.want(w.st.DeleteSession(w.ctx, a.ID, auth.SessionID(w.id())), auth.ErrNotFound)
	w.actors(x, a.User)
	w.must(w.st.DeleteSession(w.ctx, a.ID, x.ID))
	w.noActors(x)
	w.want(w.st.DeleteSession(w.ctx, a.ID, x.ID), auth.ErrNotFound)
	w.actors(y, a.User)
}
