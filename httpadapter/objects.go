package httpadapter

import (
	"encoding/json"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// These are the objects of the contract. Times are RFC 3339 in UTC.

type userJSON struct {
	ID            auth.UserID     `json:"id"`
	Username      *string         `json:"username"`
	Email         *string         `json:"email"`
	EmailVerified bool            `json:"email_verified"`
	Name          string          `json:"name"`
	Attributes    json.RawMessage `json:"attributes"`
	Roles         []string        `json:"roles"`
	Groups        []string        `json:"groups"`
	Status        auth.Status     `json:"status"`
	ExternalID    *string         `json:"external_id"`
	CreatedAt     time.Time       `json:"created_at"`
	UpdatedAt     time.Time       `json:"updated_at"`
	LastLoginAt   *time.Time      `json:"last_login_at"`
}

func userOf(u auth.User) userJSON {
	return userJSON{
		ID: u.ID, Username: orNull(u.Username), Email: orNull(u.Email), EmailVerified: u.EmailVerified, Name: u.Name,
		Attributes: u.Attributes, Roles: u.RoleNames(), Groups: u.GroupNames(), Status: u.Status,
		ExternalID: orNull(u.ExternalID), CreatedAt: u.CreatedAt, UpdatedAt: u.UpdatedAt,
		LastLoginAt: timeOrNull(u.LastLoginAt),
	}
}

type loginJSON struct {
	ID        auth.LoginID  `json:"id"`
	UserID    *string       `json:"user_id"`
	At        time.Time     `json:"at"`
	Method    policy.Method `json:"method"`
	Outcome   auth.Outcome  `json:"outcome"`
	Reason    *string       `json:"reason"`
	IP        *string       `json:"ip"`
	UserAgent *string       `json:"user_agent"`
	SessionID *string       `json:"session_id"`
}

func loginOf(l auth.Login) loginJSON {
	return loginJSON{
		l.ID, orNull(string(l.User)), l.At, l.Method, l.Outcome, orNull(l.Reason), orNull(l.IP), orNull(l.UserAgent),
		orNull(string(l.Session)),
	}
}

type sessionJSON struct {
	ID         auth.SessionID `json:"id"`
	UserID     auth.UserID    `json:"user_id"`
	CreatedAt  time.Time      `json:"created_at"`
	LastSeenAt time.Time      `json:"last_seen_at"`
	ExpiresAt  time.Time      `json:"expires_at"`
	IP         *string        `json:"ip"`
	UserAgent  *string        `json:"user_agent"`
	Method     policy.Method  `json:"method"`
	ClientName *string        `json:"client_name"`
	Current    bool           `json:"current"`
}

// sessionOf shows a session. current is the one that the caller uses.
func sessionOf(x auth.Session, current auth.SessionID) sessionJSON {
	return sessionJSON{
		x.ID, x.User, x.CreatedAt, x.LastSeenAt, x.ExpiresAt, orNull(x.IP), orNull(x.UserAgent), x.Method,
		orNull(x.ClientName), x.ID == current,
	}
}

type auditJSON struct {
	ID     auth.AuditID    `json:"id"`
	At     time.Time       `json:"at"`
	Actor  *string         `json:"actor"`
	Action string          `json:"action"`
	Target *string         `json:"target"`
	Detail json.RawMessage `json:"detail"`
}

func auditOf(r auth.AuditRecord) auditJSON {
	if r.Detail == nil {
		r.Detail = json.RawMessage("{}")
	}
	return auditJSON{r.ID, r.At, orNull(r.Actor), r.Action, orNull(r.Target), r.Detail}
}

type tokenJSON struct {
	Access    string `json:"access_token"`
	Type      string `json:"token_type"`
	ExpiresIn int64  `json:"expires_in"`
	Refresh   string `json:"refresh_token,omitempty"`
	Scope     string `json:"scope"`
}

type signedInJSON struct {
	User    userJSON    `json:"user"`
	Session sessionJSON `json:"session"`
}

// list is one page.
type list[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

func listOf[From, To any](p auth.Page[From], err error, to func(From) To) (list[To], error) {
	if err != nil {
		return list[To]{}, err
	}
	return list[To]{Items: each(p.Items, to), Next: orNull(p.Next)}, nil
}

// each shows a list. It is never null.
func each[From, To any](items []From, to func(From) To) []To {
	out := make([]To, len(items))
	for i, item := range items {
		out[i] = to(item)
	}
	return out
}

// one shows a value that a service returned.
func one[From, To any](v From, err error, to func(From) To) (To, error) {
	if err != nil {
		var none To
		return none, err
	}
	return to(v), nil
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
