package bunstore

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

// ActorBySession returns a session and its user.
func (s accounts) ActorBySession(ctx context.Context, id auth.SessionID) (auth.Actor, error) {
	if !isUUID(id) {
		return auth.Actor{}, auth.ErrNotFound
	}
	return s.actor(ctx, s.pool.texts.actorByID, string(id))
}

// ActorByToken returns the session with the secret, and its user.
func (s accounts) ActorByToken(ctx context.Context, h token.Hash) (auth.Actor, error) {
	return s.actor(ctx, s.pool.texts.actorByToken, h[:])
}

func (h *handle) actor(ctx context.Context, text string, key any) (a auth.Actor, err error) {
	err = h.run(ctx, "session", func() (err error) {
		var row actorRow
		if err := h.find(ctx, &row, text, key); err != nil {
			return err
		}
		a, err = row.actor()
		return err
	})
	return a, err
}

// Sessions lists the unexpired sessions of a user, newest first.
func (s accounts) Sessions(ctx context.Context, q auth.SessionQuery) (list []auth.Session, err error) {
	if !isUUID(q.User) {
		return nil, nil
	}
	if q.Before != "" && !isUUID(q.Before) {
		return nil, auth.ErrBadCursor
	}
	err = s.run(ctx, "sessions", func() error {
		var rows []sessionRow
		sel := s.db.NewSelect().Model(&rows).Where("user_id = ?", string(q.User)).Where("expires_at > ?", at(q.Now))
		if q.Before != "" {
			sel.Where("id < ?", string(q.Before))
		}
		if err := sel.OrderExpr("id DESC").Limit(int64(q.Limit)).Scan(ctx); err != nil {
			return err
		}
		list = make([]auth.Session, len(rows))
		for i := range rows {
			if list[i], err = rows[i].session(); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// UpdateSession locks a session, lets edit change it and writes it.
func (s accounts) UpdateSession(
	ctx context.Context, id auth.SessionID, edit func(*auth.Session) error,
) (x auth.Session, err error) {
	if !isUUID(id) {
		return auth.Session{}, auth.ErrNotFound
	}
	var refused error
	err = s.tx(ctx, func(h *handle) error {
		return h.run(ctx, "update session", func() error {
			old, err := h.lockSession(ctx, id)
			if err != nil {
				return err
			}
			x = old
			x.Scopes, x.Salt = cloned(old.Scopes), cloned(old.Salt)
			if refused = edit(&x); refused != nil {
				return refused
			}
			x.LastSeenAt, x.ProvedAt, x.ExpiresAt = at(x.LastSeenAt).Time, at(x.ProvedAt).Time, at(x.ExpiresAt).Time
			old.LastSeenAt, old.ProvedAt, old.ExpiresAt = x.LastSeenAt, x.ProvedAt, x.ExpiresAt
			old.TokenHash, old.Scopes = x.TokenHash, cloned(x.Scopes)
			x = old
			return orNotFound(affected(h.db.NewUpdate().Model(toSessionRow(x)).
				Column("last_seen_at", "proved_at", "expires_at", "token_hash", "scopes").WherePK().Exec(ctx)))
		})
	})
	if refused != nil {
		return auth.Session{}, refused
	}
	if err != nil {
		return auth.Session{}, err
	}
	return x, nil
}

func (h *handle) lockSession(ctx context.Context, id auth.SessionID) (auth.Session, error) {
	var row sessionRow
	sel := h.db.NewSelect().Model(&row).Where("id = ?", string(id))
	if h.pool.dialect == Postgres {
		sel.For("UPDATE")
	}
	if err := sel.Scan(ctx); err != nil {
		return auth.Session{}, err
	}
	return row.session()
}

// cloned copies a list, so that changes in place affect nothing else. nil stays nil.
func cloned[T any](list []T) []T {
	if list == nil {
		return nil
	}
	return append([]T{}, list...)
}

// TouchSession records that a session was used.
func (s accounts) TouchSession(ctx context.Context, id auth.SessionID, seen, expires time.Time) error {
	if !isUUID(id) {
		return nil
	}
	return s.run(ctx, "touch session", func() error {
		_, err := s.exec(ctx,
			"UPDATE hallpass_sessions SET last_seen_at = ?, expires_at = ? WHERE id = ? AND last_seen_at <= ?",
			at(seen), at(expires), string(id), at(seen))
		return err
	})
}

// DeleteSession removes one session of a user.
func (s accounts) DeleteSession(ctx context.Context, user auth.UserID, id auth.SessionID) error {
	if !isUUID(user) || !isUUID(id) {
		return auth.ErrNotFound
	}
	return s.run(ctx, "delete session", func() error {
		return orNotFound(
			s.exec(ctx, "DELETE FROM hallpass_sessions WHERE id = ? AND user_id = ?", string(id), string(user)),
		)
	})
}
