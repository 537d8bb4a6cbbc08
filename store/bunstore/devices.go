package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
)

// devices is the store of package device.
type devices struct{ *handle }

var _ device.Store = devices{}

// Devices is the part for device grants.
func (s *Store) Devices() device.Store { return devices{s.h} }

// In implements device.Store.
func (s devices) In(tx auth.Tx) device.Store { return devices{s.inside(tx)} }

type deviceRow struct {
	bun.BaseModel `bun:"table:hallpass_device_grants,alias:d"`

	ID         string `bun:"id,pk"`
	Device     []byte `bun:"device"`
	UserCode   []byte `bun:"user_code"`
	ClientName string `bun:"client_name"`
	Scopes     string `bun:"scopes,nullzero"` // a JSON array
	IP         string `bun:"ip"`
	CreatedAt  moment `bun:"created_at"`
	ExpiresAt  moment `bun:"expires_at"`
	SessionID  string `bun:"session_id,nullzero"`
	UserID     string `bun:"user_id,nullzero"`
	Decision   string `bun:"decision"`
	Step       int64  `bun:"step"`      // microseconds between polls
	NextPoll   int64  `bun:"next_poll"` // Unix microseconds
	Soon       bool   `bun:"soon"`      // whether the last poll came before NextPoll allowed it
}

func (r *deviceRow) grant() (device.Grant, error) {
	g := device.Grant{
		ID: device.GrantID(r.ID), ClientName: r.ClientName, IP: r.IP, CreatedAt: r.CreatedAt.Time,
		ExpiresAt: r.ExpiresAt.Time,
		Session:   auth.SessionID(r.SessionID), User: auth.UserID(r.UserID), Decision: device.Decision(r.Decision),
	}
	var err error
	if g.Scopes, err = splitScopes(r.Scopes); err != nil {
		return g, err
	}
	return g, readHashes(
		"device grant", hashColumn{r.Device, &g.Device, false}, hashColumn{r.UserCode, &g.UserCode, false},
	)
}

// AddGrant adds a grant unless its user code is taken.
func (s devices) AddGrant(
	ctx context.Context, g device.Grant, interval time.Duration,
) (added bool, err error) {
	row := deviceRow{
		ID: string(g.ID), Device: g.Device[:], UserCode: g.UserCode[:], ClientName: g.ClientName,
		Scopes: joinScopes(g.Scopes), IP: g.IP,
		CreatedAt: at(g.CreatedAt), ExpiresAt: at(g.ExpiresAt), Step: interval.Microseconds(),
		NextPoll: g.CreatedAt.Add(interval).UnixMicro(),
	}
	err = s.run(ctx, "add device grant", func() error {
		n, err := affected(s.db.NewInsert().Model(&row).On("CONFLICT (user_code) DO NOTHING").Exec(ctx))
		added = n == 1
		return err
	})
	return added, err
}

// OwnGrant makes a session the owner, or finds that it is.
func (s devices) OwnGrant(ctx context.Context, o device.Owner) (g device.Grant, err error) {
	if !isUUID(o.Session) || !isUUID(o.User) {
		return g, auth.ErrNotFound
	}
	text := "UPDATE hallpass_device_grants SET session_id = ?, user_id = ? WHERE user_code = ? AND expires_at > ?" +
		" AND (session_id IS NULL OR session_id = ?)" +
		" AND EXISTS (SELECT 1 FROM hallpass_sessions WHERE id = ?) RETURNING *"
	session := string(o.Session)
	g, err = s.oneGrant(ctx, "own device grant", func(*deviceRow) {}, text,
		session, string(o.User), o.UserCode[:], at(o.Now), session, session)
	if err != nil && dangling(err) {
		err = auth.ErrNotFound // the session has ended in the meantime
	}
	return g, err
}

// oneGrant runs a statement that returns a grant; look may read what is no part of it.
func (h *handle) oneGrant(
	ctx context.Context, what string, look func(*deviceRow), text string, args ...any,
) (g device.Grant, err error) {
	err = h.run(ctx, what, func() (err error) {
		var rows []deviceRow
		err = h.db.NewRaw(text, args...).Scan(ctx, &rows)
		if err == nil && len(rows) == 0 {
			err = auth.ErrNotFound
		}
		if err != nil {
			return err
		}
		look(&rows[0])
		g, err = rows[0].grant()
		return err
	})
	return g, err
}

// DecideGrant writes the owner's decision.
func (s devices) DecideGrant(ctx context.Context, d device.Verdict) (won bool, err error) {
	if !isUUID(d.Session) {
		return false, nil
	}
	return s.wins(ctx, "decide device grant", "UPDATE hallpass_device_grants SET decision = ?, scopes = ?"+
		" WHERE user_code = ? AND session_id = ? AND expires_at > ? AND decision = ''",
		string(d.Decision), scopesArg(d.Scopes), d.UserCode[:], string(d.Session), at(d.Now))
}

// PollGrant notes a poll.
func (s devices) PollGrant(ctx context.Context, p device.Poll) (g device.Grant, soon bool, err error) {
	now, more := p.Now.UnixMicro(), p.Step.Microseconds()
	grown := "step + CASE WHEN next_poll > ? THEN ? ELSE 0 END"
	g, err = s.oneGrant(ctx, "poll device grant", func(row *deviceRow) { soon = row.Soon },
		"UPDATE hallpass_device_grants SET soon = (next_poll > ?), step = "+grown+
			", next_poll = ? + "+grown+" WHERE device = ? RETURNING *",
		now, now, more, now, now, more, p.Device[:])
	return g, soon, err
}

// UseGrant removes a grant that was allowed.
func (s devices) UseGrant(ctx context.Context, id device.GrantID, now time.Time) (won bool, err error) {
	if !isUUID(id) {
		return false, nil
	}
	return s.wins(ctx, "use device grant",
		"DELETE FROM hallpass_device_grants WHERE id = ? AND decision = ? AND expires_at > ?",
		string(id), string(device.Allow), at(now))
}

// DeleteExpiredGrants removes a batch.
func (s devices) DeleteExpiredGrants(ctx context.Context, t time.Time, limit int) (int, error) {
	return s.deleteExpired(ctx, "delete expired device grants", "hallpass_device_grants", t, limit)
}
