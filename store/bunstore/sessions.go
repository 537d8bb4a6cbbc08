package bunstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/auth/token"
)

type sessionRow struct {
	bun.BaseModel `bun:"table:hallpass_sessions,alias:s"`

	ID          string `bun:"id,pk"`
	UserID      string `bun:"user_id"`
	Method      string `bun:"method"`
	Scopes      string `bun:"scopes,nullzero"` // a JSON array
	ClientName  string `bun:"client_name"`
	IP          string `bun:"ip"`
	UserAgent   string `bun:"user_agent"`
	CreatedAt   moment `bun:"created_at"`
	LastSeenAt  moment `bun:"last_seen_at"`
	ProvedAt    moment `bun:"proved_at"`
	ExpiresAt   moment `bun:"expires_at"`
	EndsAt      moment `bun:"ends_at"`
	IdleSeconds int64  `bun:"idle_seconds"`
	Refreshes   bool   `bun:"refreshes"`
	TokenHash   []byte `bun:"token_hash"`
	Generation  int    `bun:"generation"`
	Replays     int    `bun:"replays"`
	Salt        []byte `bun:"salt"`
}

func toSessionRow(x auth.Session) *sessionRow {
	return &sessionRow{
		ID: string(x.ID), UserID: string(x.User), Method: string(x.Method), Scopes: joinScopes(x.Scopes),
		ClientName: x.ClientName, IP: x.IP, UserAgent: x.UserAgent,
		CreatedAt: at(x.CreatedAt), LastSeenAt: at(x.LastSeenAt), ProvedAt: at(x.ProvedAt),
		ExpiresAt: at(x.ExpiresAt), EndsAt: at(x.EndsAt), IdleSeconds: int64(x.Idle / time.Second),
		Refreshes: x.Refreshes, TokenHash: x.TokenHash[:], Generation: x.Generation, Replays: x.Replays, Salt: x.Salt,
	}
}

func (r *sessionRow) session() (auth.Session, error) {
	scopes, err := splitScopes(r.Scopes)
	if err != nil {
		return auth.Session{}, err
	}
	x := auth.Session{
		ID: auth.SessionID(r.ID), User: auth.UserID(r.UserID), Method: policy.Method(r.Method), Scopes: scopes,
		ClientName: r.ClientName, IP: r.IP, UserAgent: r.UserAgent,
		CreatedAt: r.CreatedAt.Time, LastSeenAt: r.LastSeenAt.Time, ProvedAt: r.ProvedAt.Time,
		ExpiresAt: r.ExpiresAt.Time, EndsAt: r.EndsAt.Time, Idle: time.Duration(r.IdleSeconds) * time.Second,
		Refreshes: r.Refreshes, Generation: r.Generation, Replays: r.Replays,
	}
	if len(r.Salt) > 0 {
		x.Salt = r.Salt
	}
	if copy(x.TokenHash[:], r.TokenHash) != len(token.Hash{}) {
		return auth.Session{}, fmt.Errorf("the token hash of a session is unreadable")
	}
	return x, nil
}

// joinScopes distinguishes nil, which is no ceiling, from an empty list, a ceiling that allows
// nothing. The columns hold NULL and [].
func joinScopes(list []string) string {
	if list == nil {
		return ""
	}
	doc, _ := json.Marshal(list) // never fails for strings
	return string(doc)
}

func splitScopes(doc string) (list []string, err error) {
	if doc == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(doc), &list); err != nil || list == nil {
		return nil, fmt.Errorf("a list of scopes is unreadable")
	}
	return list, nil
}

// actorRow is a session and its user.
type actorRow struct {
	Session sessionRow `bun:"embed:s_"`
	User    userRow    `bun:"embed:u_"`
}

func (r *actorRow) actor() (auth.Actor, error) {
	if r.Session.ID == "" {
		return auth.Actor{}, auth.ErrNotFound
	}
	x, err := r.Session.session()
	if err != nil {
		return auth.Actor{}, err
	}
	a, err := r.User.account()
	return auth.Actor{Session: x, User: a.User}, err
}

// refreshRow is what a refresh token leads to.
type refreshRow struct {
	actorRow `bun:"embed:"`

	Generation int   `bun:"generation"`
	ConsumedAt maybe `bun:"consumed_at"`
}

// signInRow is the settings, and the account if there is one.
type signInRow struct {
	User     userRow `bun:"embed:u_"`
	Settings string  `bun:"settings"`
}

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
