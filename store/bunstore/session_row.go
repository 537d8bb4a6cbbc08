package bunstore

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
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
		ID: auth.SessionID(r.ID), User: auth.UserID(r.UserID), Method: auth.Method(r.Method), Scopes: scopes,
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
