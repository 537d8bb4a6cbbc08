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
	{"CountReplay", countReplay},
	{"ConsumedTokensEndWithSession", consumedTokensEnd},
	{"DeleteSessions", deleteSessions},
	{"DeleteExpiredSessions", deleteExpiredSessions},
}

// rotation returns the next rotation of x.
func (w *world) rotation(x auth.Session) auth.Rotation {
	return auth.Rotation{
		Session: x.ID, From: x.Generation, Next: w.hash(), Now: x.LastSeenAt.Add(time.Minute),
		ExpiresAt: x.ExpiresAt.Add(time.Minute), Scopes: x.Scopes,
	}
}

// rotate rotates x and returns the resulting session.
func (w *world) rotate(x auth.Session) auth.Session {
	w.t.Helper()
	r := w.rotation(x)
	w.rotated(r, true)
	return after(x, r)
}

// after returns x as it is after the rotation r.
func after(x auth.Session, r auth.Rotation) auth.Session {
	x.TokenHash, x.Generation, x.Replays = r.Next, r.From+1, 0
	x.LastSeenAt, x.ExpiresAt, x.Scopes = r.Now, r.ExpiresAt, r.Scopes
	return x
}

func (w *world) rotated(r auth.Rotation, want bool) {
	w.t.Helper()
	won, err := w.st.RotateRefresh(w.ctx, r)
	w.must(err)
	w.same("won", won, want)
}

// refreshUse compares what presenting a token finds.
func (w *world) refreshUse(h token.Hash, want auth.RefreshUse) {
	w.t.Helper()
	got, err := w.st.RefreshToken(w.ctx, h)
	w.must(err)
	w.same("use", got, want)
}

func (w *world) noRefresh(h token.Hash) {
	w.t.Helper()
	_, err := w.st.RefreshToken(w.ctx, h)
	w.want(err, auth.ErrNotFound)
}

func rotateRefresh(w *world) {
	a := w.user("alice")
	x, other := w.session(a), w.session(a)
	a.LastLoginAt = start
	w.refreshUse(x.TokenHash, auth.RefreshUse{Actor: auth.Actor{Session: x, User: a.User}})
	var old []auth.Session
	for _, scopes := range [][]string{{"read:notes"}, {}, nil, {"back"}} {
		w.counted(x, 5, true)
		old = append(old, x)
		r := w.rotation(x)
		r.Scopes = scopes
		w.rotated(r, true)
		x = after(x, r)
		w.actors(x, a.User)
		now := auth.Actor{Session: x, User: a.User}
		w.refreshUse(x.TokenHash, auth.RefreshUse{Actor: now, Generation: len(old)})
		for i, o := range old { // each was consumed when its successor was made
			w.refreshUse(o.TokenHash, auth.RefreshUse{
				Actor: now, Generation: i, ConsumedAt: start.Add(time.Microsecond + time.Duration(i+1)*time.Minute),
			})
			_, err := w.st.ActorByToken(w.ctx, o.TokenHash)
			w.want(err, auth.ErrNotFound)
		}
	}
	w.actors(other, a.User)
}

func rotateRefreshLoses(w *world) {
	a := w.user("alice")
	x := w.rotate(w.session(a))
	a.LastLoginAt = start
	for _, from := range []int{-1, 0, 2} {
		r := w.rotation(x)
		r.From = from
		w.rotated(r, false)
		w.noRefresh(r.Next)
		w.actors(x, a.User)
	}
	w.refreshUse(x.TokenHash, auth.RefreshUse{Actor: auth.Actor{Session: x, User: a.User}, Generation: 1})
	w.must(w.st.DeleteSession(w.ctx, a.ID, x.ID))
	r := w.rotation(x)
	w.rotated(r, false)
	w.noActors(x)
	w.noRefresh(r.Next)
	r.Session = auth.SessionID(w.id())
	w.rotated(r, false)
}

// Rotating to a token that another session has is an error and leaves both sessions unchanged.
func rotateRefreshWhole(w *world) {
	a := w.user("alice")
	x, other := w.session(a), w.session(a)
	a.LastLoginAt = start
	r := w.rotation(x)
	r.Next = other.TokenHash
	if won, err := w.st.RotateRefresh(w.ctx, r); won || err == nil {
		w.t.Fatalf("two sessions have one token: %v, %v", won, err)
	}
	w.actors(x, a.User)
	w.actors(other, a.User)
	w.refreshUse(x.TokenHash, auth.RefreshUse{Actor: auth.Actor{Session: x, User: a.User}})
	w.rotate(x)
}

func (w *world) counted(x auth.Session, limit int, want bool) {
	w.t.Helper()
	ok, err := w.st.CountReplay(w.ctx, x.ID, x.Generation, limit)
	w.must(err)
	w.same("counted", ok, want)
}

func countReplay(w *world) {
	a := w.user("alice")
	x, other := w.rotate(w.session(a)), w.session(a)
	a.LastLoginAt = start
	w.counted(x, 0, false)
	for range 3 {
		w.counted(x, 3, true)
	}
	w.counted(x, 3, false)
	w.counted(x, 2, false)
	w.counted(x, 4, true)
	x.Replays = 4
	w.actors(x, a.User)
	for _, generation := range []int{0, 2} {
		y := x
		y.Generation = generation
		w.counted(y, 9, false)
	}
	w.actors(x, a.User)
	x = w.rotate(x) // counting starts again
	w.counted(x, 1, true)
	w.counted(x, 1, false)
	w.actors(other, a.User)
	w.must(w.st.DeleteSession(w.ctx, a.ID, x.ID))
	w.counted(x, 9, false)
}

func consumedTokensEnd(w *world) {
	a := w.user("alice")
	for _, end := range []func(x auth.Session) error{
		func(x auth.Session) error { return w.st.DeleteSession(w.ctx, a.ID, x.ID) },
		func(x auth.Session) error { _, err := w.st.DeleteSessions(w.ctx, a.ID, ""); return err },
		func(x auth.Session) error { _, err := w.st.DeleteExpiredSessions(w.ctx, x.EndsAt, 9); return err },
		func(x auth.Session) error { return w.st.DeleteAccount(w.ctx, a.ID) },
	} {
		x := w.session(a)
		y := w.rotate(x)
		z := w.rotate(y)
		w.must(end(z))
		for _, s := range []auth.Session{x, y, z} {
			w.noRefresh(s.TokenHash)
		}
		w.noActors(z)
	}
}

func deleteSessions(w *world) {
	a, b := w.user("alice"), w.user("bob")
	x, y, z, bobs := w.session(a), w.session(a), w.session(a), w.session(b)
	a.LastLoginAt, b.LastLoginAt = start, start
	ended := func(except auth.SessionID, want int) {
		w.t.Helper()
		n, err := w.st.DeleteSessions(w.ctx, a.ID, except)
		w.must(err)
		w.same("ended", n, want)
	}
	ended(y.ID, 2)
	w.noActors(x)
	w.noActors(z)
	w.actors(y, a.User)
	ended(bobs.ID, 1) // a session of another user protects nothing
	ended("", 0)
	w.actors(bobs, b.User)
	w.session(a)
	w.session(a)
	ended("", 2)
	n, err := w.st.DeleteSessions(w.ctx, auth.UserID(w.id()), "")
	w.must(err)
	w.same("ended of nobody", n, 0)
}

func deleteExpiredSessions(w *world) {
	a := w.user("alice")
	deleted := func(t time.Time, limit, want int) {
		w.t.Helper()
		n, err := w.st.DeleteExpiredSessions(w.ctx, t, limit)
		w.must(err)
		w.same("deleted", n, want)
	}
	deleted(start.Add(time.Hour), 9, 0)
	var all []auth.Session
	for i := range 5 {
		x := w.refreshing(a.ID)
		x.ExpiresAt = start.Add(time.Duration(i) * time.Minute)
		w.must(w.st.CompleteSignIn(w.ctx, w.signIn(a, x)))
		all = append(all, x)
	}
	a.LastLoginAt = start
	deleted(start.Add(-time.Microsecond), 9, 0)
	deleted(start, 9, 1) // at or before
	w.noActors(all[0])
	deleted(start.Add(3*time.Minute), 2, 2)
	deleted(start.Add(3*time.Minute), 2, 1)
	for _, x := range all[1:4] {
		w.noActors(x)
	}
	w.actors(all[4], a.User)
}
