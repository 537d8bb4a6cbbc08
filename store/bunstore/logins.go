package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
)

type loginRow struct {
	bun.BaseModel `bun:"table:hallpass_logins,alias:l"`

	ID        string `bun:"id,pk"`
	UserID    string `bun:"user_id,nullzero"`
	At        moment `bun:"at"`
	Method    string `bun:"method"`
	Outcome   string `bun:"outcome"`
	Reason    string `bun:"reason"`
	IP        string `bun:"ip"`
	UserAgent string `bun:"user_agent"`
	SessionID string `bun:"session_id,nullzero"`
}

func toLoginRow(l auth.Login) *loginRow {
	return &loginRow{
		ID: string(l.ID), UserID: string(l.User), At: at(l.At), Method: string(l.Method), Outcome: string(l.Outcome),
		Reason: l.Reason, IP: l.IP, UserAgent: l.UserAgent, SessionID: string(l.Session),
	}
}

func (r *loginRow) login() auth.Login {
	return auth.Login{
		ID: auth.LoginID(r.ID), User: auth.UserID(r.UserID), At: r.At.Time, Method: policy.Method(r.Method),
		Outcome: auth.Outcome(r.Outcome),
		Reason:  r.Reason, IP: r.IP, UserAgent: r.UserAgent, Session: auth.SessionID(r.SessionID),
	}
}

// AddLogin records one attempt.
func (s accounts) AddLogin(ctx context.Context, l auth.Login) error {
	return s.run(ctx, "add login", func() error {
		_, err := s.db.NewInsert().Model(toLoginRow(l)).Exec(ctx)
		return err
	})
}

// Login returns the login with the id.
func (s accounts) Login(ctx context.Context, id auth.LoginID) (l auth.Login, err error) {
	if !isUUID(id) {
		return auth.Login{}, auth.ErrNotFound
	}
	err = s.run(ctx, "login", func() error {
		var row loginRow
		if err := s.db.NewSelect().Model(&row).Where("id = ?", string(id)).Scan(ctx); err != nil {
			return err
		}
		l = row.login()
		return nil
	})
	return l, err
}

// Logins lists logins, newest first.
func (s accounts) Logins(ctx context.Context, q auth.LoginQuery) (list []auth.Login, err error) {
	if q.User != "" && !isUUID(q.User) {
		return nil, nil
	}
	if q.Before != "" && !isUUID(q.Before) {
		return nil, auth.ErrBadCursor
	}
	err = s.run(ctx, "logins", func() error {
		var rows []loginRow
		sel, err := s.selectLogins(ctx, &rows, q)
		if err == nil {
			err = sel.Scan(ctx)
		}
		if err != nil {
			return err
		}
		list = make([]auth.Login, len(rows))
		for i := range rows {
			list[i] = rows[i].login()
		}
		return nil
	})
	return list, err
}

func (h *handle) selectLogins(ctx context.Context, rows *[]loginRow, q auth.LoginQuery) (*bun.SelectQuery, error) {
	sel := h.db.NewSelect().Model(rows).Limit(int64(q.Limit))
	if q.User != "" {
		sel.Where("l.user_id = ?", string(q.User))
	}
	if q.Outcome != "" {
		sel.Where("l.outcome = ?", string(q.Outcome))
	}
	if q.Method != "" {
		sel.Where("l.method = ?", string(q.Method))
	}
	if q.Method != "" && q.Method != auth.MethodPassword {
		sel.Where("l.method <> 'password'") // the condition of the index
	}
	if q.Before != "" {
		sel.Where("l.id < ?", string(q.Before))
	}
	by := access{filter: h.pool.words.ignore} // read in the order of the user's logins
	since, until := "l.at >= ?", "l.at < ?"
	if q.User == "" && !(q.Since.IsZero() && q.Until.IsZero()) {
		var err error
		if by, err = h.access(
			ctx, "hallpass_logins AS l", since+" AND "+until, at(q.Since), latest(q.Until),
		); err != nil {
			return nil, err
		}
	}
	if !q.Since.IsZero() {
		sel.Where(by.filter+since, at(q.Since))
	}
	if !q.Until.IsZero() {
		sel.Where(by.filter+until, at(q.Until))
	}
	return sel.OrderExpr(by.order + "l.id DESC"), nil
}

// latest returns t, or a time after all others if t is zero.
func latest(t time.Time) moment {
	if t.IsZero() {
		return moment{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}
	}
	return at(t)
}

// DeleteLogins removes all logins of a user.
func (s accounts) DeleteLogins(ctx context.Context, user auth.UserID) error {
	return s.ofUser(ctx, "delete logins", "DELETE FROM hallpass_logins WHERE user_id = ?", user)
}

// AnonymizeLogins removes from the logins of a user everything that identifies the user.
func (s accounts) AnonymizeLogins(ctx context.Context, user auth.UserID) error {
	return s.ofUser(ctx, "anonymize logins",
		"UPDATE hallpass_logins SET user_id = NULL, session_id = NULL, ip = '', user_agent = '' WHERE user_id = ?",
		user)
}

func (h *handle) ofUser(ctx context.Context, what, text string, user auth.UserID) error {
	if !isUUID(user) {
		return nil
	}
	return h.run(ctx, what, func() error {
		_, err := h.exec(ctx, text, string(user))
		return err
	})
}

// DeleteLoginsBefore removes one batch.
func (s accounts) DeleteLoginsBefore(ctx context.Context, t time.Time, limit int) (n int, err error) {
	err = s.run(ctx, "delete logins", func() (err error) {
		n, err = s.exec(ctx, "DELETE FROM hallpass_logins WHERE id IN ("+
			"SELECT id FROM hallpass_logins WHERE at < ? ORDER BY at LIMIT ?"+s.pool.words.skipLocked+")", at(t), limit)
		return err
	})
	return n, err
}
