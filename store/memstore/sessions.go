package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

// consumed is a refresh token that has been used.
type consumed struct {
	session    auth.SessionID
	generation int
	at         time.Time
}

func copySession(x auth.Session) auth.Session {
	x.Salt = bytes.Clone(x.Salt)
	x.Scopes = copyList(x.Scopes)
	return x
}

// copyList copies a list and keeps nil and empty apart.
func copyList(l []string) []string {
	if l == nil {
		return nil
	}
	return append([]string{}, l...)
}

func (s *state) actor(id auth.SessionID) (auth.Actor, error) {
	x, ok := s.sessions[id]
	if !ok {
		return auth.Actor{}, auth.ErrNotFound
	}
	acc, err := s.account(x.User)
	return auth.Actor{Session: copySession(x), User: acc.User}, err
}

// putSession adds or replaces a session. It returns errTaken if another session has its token.
func (s *state) putSession(x auth.Session) error {
	if id, taken := s.byToken[x.TokenHash]; taken && id != x.ID {
		return errTaken
	}
	delete(s.byToken, s.sessions[x.ID].TokenHash)
	s.sessions[x.ID] = copySession(x)
	s.byToken[x.TokenHash] = x.ID
	return nil
}

func (s *state) endSession(id auth.SessionID) {
	delete(s.byToken, s.sessions[id].TokenHash)
	delete(s.sessions, id)
	s.endWith("", id)
	for h, c := range s.consumed {
		if c.session == id {
			delete(s.consumed, h)
		}
	}
}

// ReadSignIn implements auth.Store.
func (a *authStore) ReadSignIn(ctx context.Context, key string) (auth.SignInRead, error) {
	return read(ctx, a, func(s *state) (auth.SignInRead, error) {
		acc, err := s.byLogin(key)
		return auth.SignInRead{Account: acc, Found: err == nil, Settings: s.values["settings"]}, nil
	})
}

// CompleteSignIn implements auth.Store.
func (a *authStore) CompleteSignIn(ctx context.Context, in auth.SignIn) error {
	return a.with(ctx, func(s *state) error {
		acc, err := s.account(in.Session.User)
		if err != nil || acc.Status != auth.StatusActive || acc.PasswordHash != in.OldHash {
			return auth.ErrStale
		}
		_, session := s.sessions[in.Session.ID]
		_, login := s.logins[in.Login.ID]
		if session || login {
			return errTaken
		}
		if err := s.putSession(in.Session); err != nil {
			return err
		}
		acc.PasswordHash, acc.LastLoginAt = in.NewHash, in.Login.At
		s.accounts[acc.ID], s.logins[in.Login.ID] = acc, in.Login
		return nil
	})
}

// ActorBySession implements auth.Store.
func (a *authStore) ActorBySession(ctx context.Context, id auth.SessionID) (auth.Actor, error) {
	return read(ctx, a, func(s *state) (auth.Actor, error) { return s.actor(id) })
}

// ActorByToken implements auth.Store.
func (a *authStore) ActorByToken(ctx context.Context, h token.Hash) (auth.Actor, error) {
	return read(ctx, a, func(s *state) (auth.Actor, error) {
		id, ok := s.byToken[h]
		if !ok {
			return auth.Actor{}, auth.ErrNotFound
		}
		return s.actor(id)
	})
}

// Sessions implements auth.Store.
func (a *authStore) Sessions(ctx context.Context, q auth.SessionQuery) ([]auth.Session, error) {
	return read(ctx, a, func(s *state) ([]auth.Session, error) {
		var out []auth.Session
		for _, x := range s.sessions {
			if x.User == q.User && x.ExpiresAt.After(q.Now) && (q.Before == "" || x.ID < q.Before) {
				out = append(out, copySession(x))
			}
		}
		slices.SortFunc(out, func(x, y auth.Session) int { return cmp.Compare(y.ID, x.ID) })
		return firstOf(out, q.Limit), nil
	})
}

// UpdateSession implements auth.Store.
func (a *authStore) UpdateSession(
	ctx context.Context, id auth.SessionID, edit func(*auth.Session) error,
) (auth.Session, error) {
	return read(ctx, a, func(s *state) (auth.Session, error) {
		x, ok := s.sessions[id]
		if !ok {
			return auth.Session{}, auth.ErrNotFound
		}
		now := copySession(x)
		if err := cmp.Or(edit(&now), ctx.Err()); err != nil {
			return auth.Session{}, err
		}
		x.LastSeenAt, x.ProvedAt, x.ExpiresAt = now.LastSeenAt, now.ProvedAt, now.ExpiresAt
		x.TokenHash, x.Scopes = now.TokenHash, now.Scopes
		if err := s.putSession(x); err != nil {
			return auth.Session{}, err
		}
		return copySession(x), nil
	})
}

// TouchSession implements auth.Store.
func (a *authStore) TouchSession(ctx context.Context, id auth.SessionID, seen, expires time.Time) error {
	return a.with(ctx, func(s *state) error {
		if x, ok := s.sessions[id]; ok && !x.LastSeenAt.After(seen) {
			x.LastSeenAt, x.ExpiresAt = seen, expires
			s.sessions[id] = x
		}
		return nil
	})
}

// DeleteSession implements auth.Store.
func (a *authStore) DeleteSession(ctx context.Context, user auth.UserID, id auth.SessionID) error {
	return a.with(ctx, func(s *state) error {
		if x, ok := s.sessions[id]; !ok || x.User != user {
			return auth.ErrNotFound
		}
		s.endSession(id)
		return nil
	})
}

// RefreshToken implements auth.Store.
func (a *authStore) RefreshToken(ctx context.Context, h token.Hash) (auth.RefreshUse, error) {
	return read(ctx, a, func(s *state) (auth.RefreshUse, error) {
		var use auth.RefreshUse
		id, newest := s.byToken[h]
		if !newest {
			c, ok := s.consumed[h]
			if !ok {
				return use, auth.ErrNotFound
			}
			id, use.Generation, use.ConsumedAt = c.session, c.generation, c.at
		}
		var err error
		if use.Actor, err = s.actor(id); newest {
			use.Generation = use.Actor.Session.Generation
		}
		return use, err
	})
}

// RotateRefresh implements auth.Store.
func (a *authStore) RotateRefresh(ctx context.Context, r auth.Rotation) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		x, ok := s.sessions[r.Session]
		if !ok || x.Generation != r.From {
			return false, nil
		}
		next := copySession(x)
		next.TokenHash, next.Generation, next.Replays = r.Next, r.From+1, 0
		next.LastSeenAt, next.ExpiresAt, next.Scopes = r.Now, r.ExpiresAt, r.Scopes
		if err := s.putSession(next); err != nil {
			return false, err
		}
		s.consumed[x.TokenHash] = consumed{x.ID, x.Generation, r.Now}
		return true, nil
	})
}

// CountReplay implements auth.Store.
func (a *authStore) CountReplay(ctx context.Context, id auth.SessionID, newest, limit int) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		x, ok := s.sessions[id]
		if !ok || x.Generation != newest || x.Replays >= limit {
			return false, nil
		}
		x.Replays++
		s.sessions[id] = x
		return true, nil
	})
}

// DeleteSessions implements auth.Store.
func (a *authStore) DeleteSessions(ctx context.Context, user auth.UserID, except auth.SessionID) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		n := 0
		for id, x := range s.sessions {
			if x.User == user && id != except {
				s.endSession(id)
				n++
			}
		}
		return n, nil
	})
}

// DeleteExpiredSessions implements auth.Store.
func (a *authStore) DeleteExpiredSessions(ctx context.Context, t time.Time, limit int) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		n := 0
		for id, x := range s.sessions {
			if n < limit && !x.ExpiresAt.After(t) {
				s.endSession(id)
				n++
			}
		}
		return n, nil
	})
}
