package bunstore

import (
	"context"
	"errors"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

// RefreshToken returns the session that any of its refresh tokens belongs to.
func (s accounts) RefreshToken(ctx context.Context, hash token.Hash) (out auth.RefreshUse, err error) {
	err = s.run(ctx, "refresh token", func() (err error) {
		var row refreshRow
		if err := s.find(ctx, &row, s.pool.texts.refresh, hash[:], hash[:]); err != nil {
			return err
		}
		out.Generation, out.ConsumedAt = row.Generation, row.ConsumedAt.Time
		out.Actor, err = row.actor()
		return err
	})
	if err != nil {
		return auth.RefreshUse{}, err
	}
	return out, nil
}

// errLost ends the transaction of a rotation that lost to another one.
var errLost = errors.New("rotated by another")

// RotateRefresh replaces the newest refresh token of a session. The update overwrites it, so it
// is first kept as consumed. The update decides who wins. The session is locked before that,
// because the foreign key would make the insert fail while the session is being deleted.
func (s accounts) RotateRefresh(ctx context.Context, r auth.Rotation) (won bool, err error) {
	if !isUUID(r.Session) {
		return false, nil
	}
	err = s.tx(ctx, func(h *handle) error {
		return h.run(ctx, "rotate refresh token", func() error {
			n, err := h.exec(ctx, "INSERT INTO hallpass_consumed_tokens (hash, session_id, generation, consumed_at)"+
				" SELECT s.token_hash, s.id, s.generation, ?"+
				" FROM (SELECT token_hash, id, generation FROM hallpass_sessions"+
				" WHERE id = ? AND generation = ?"+h.pool.words.forUpdate+") AS s WHERE true ON CONFLICT DO NOTHING",
				at(r.Now), string(r.Session), r.From)
			if err != nil {
				return err
			}
			if n == 0 {
				return errLost
			}
			n, err = h.exec(ctx, "UPDATE hallpass_sessions SET token_hash = ?, generation = generation + 1,"+
				" replays = 0, last_seen_at = ?, expires_at = ?, scopes = ? WHERE id = ? AND generation = ?",
				r.Next[:], at(r.Now), at(r.ExpiresAt), scopesArg(r.Scopes), string(r.Session), r.From)
			if err == nil && n == 0 {
				return errLost
			}
			return err
		})
	})
	if errors.Is(err, errLost) {
		return false, nil
	}
	return err == nil, err
}

// scopesArg returns the value for a column of scopes.
func scopesArg(list []string) any {
	if list == nil {
		return nil
	}
	return joinScopes(list)
}

// CountReplay counts one use of the previous token within the grace period.
func (s accounts) CountReplay(ctx context.Context, id auth.SessionID, newest, limit int) (ok bool, err error) {
	if !isUUID(id) {
		return false, nil
	}
	err = s.run(ctx, "count replay", func() error {
		n, err := s.exec(ctx, "UPDATE hallpass_sessions SET replays = replays + 1"+
			" WHERE id = ? AND generation = ? AND replays < ?",
			string(id), newest, limit)
		ok = n == 1
		return err
	})
	return ok, err
}

// DeleteSessions removes all sessions of a user except one.
func (s accounts) DeleteSessions(ctx context.Context, user auth.UserID, except auth.SessionID) (n int, err error) {
	if !isUUID(user) {
		return 0, nil
	}
	err = s.run(ctx, "delete sessions", func() (err error) {
		del := s.db.NewDelete().Table("hallpass_sessions").Where("user_id = ?", string(user))
		if isUUID(except) {
			del.Where("id <> ?", string(except))
		}
		n, err = affected(del.Exec(ctx))
		return err
	})
	return n, err
}

// DeleteExpiredSessions removes one batch. It leaves sessions that were extended meanwhile.
func (s accounts) DeleteExpiredSessions(ctx context.Context, t time.Time, limit int) (n int, err error) {
	err = s.run(ctx, "delete expired sessions", func() (err error) {
		n, err = s.exec(ctx, "DELETE FROM hallpass_sessions WHERE expires_at <= ? AND id IN ("+
			"SELECT id FROM hallpass_sessions WHERE expires_at <= ? ORDER BY expires_at LIMIT ?"+
			s.pool.words.skipLocked+")",
			at(t), at(t), limit)
		return err
	})
	return n, err
}
