package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

type exchangeRow struct {
	bun.BaseModel `bun:"table:hallpass_share_exchanges,alias:e"`

	ID      string `bun:"id,pk"`
	CodeID  string `bun:"code_id"`
	UserID  string `bun:"user_id"`
	ShareID string `bun:"share_id,nullzero"`
	At      moment `bun:"at"`
}

// AddExchange adds a record of an exchange if its code and its user exist.
func (s shares) AddExchange(ctx context.Context, e sharing.Exchange) error {
	if !isUUID(e.Code) || !isUUID(e.User) {
		return auth.ErrNotFound
	}
	return s.whole(ctx, "add exchange", func(s shares) error {
		if err := s.keep(ctx, "hallpass_share_codes", e.Code); err != nil {
			return err
		}
		if err := s.keep(ctx, "hallpass_users", string(e.User)); err != nil {
			return err
		}
		if !isUUID(e.ID) || malformed(e.Share) {
			return errNoUUID
		}
		_, err := s.db.NewInsert().Model(
			&exchangeRow{ID: e.ID, CodeID: e.Code, UserID: string(e.User), ShareID: e.Share, At: at(e.At)},
		).Exec(ctx)
		return err
	})
}

// HasExchanged looks among the exchanges of the user, who has few, where a code may have many.
func (s shares) HasExchanged(ctx context.Context, code string, user auth.UserID) (had bool, err error) {
	if !isUUID(code) || !isUUID(user) {
		return false, nil
	}
	err = s.run(ctx, "has exchanged", func() (err error) {
		had, err = s.db.NewSelect().Model((*exchangeRow)(nil)).Where("e.user_id = ?", user).Where(
			s.pool.words.ignore+"e.code_id = ?", code,
		).Exists(ctx)
		return err
	})
	return had && err == nil, err
}

// Exchanges lists the exchanges of a code, newest first.
func (s shares) Exchanges(ctx context.Context, code, before string, limit int) (list []sharing.Exchange, err error) {
	if limit <= 0 || !isUUID(code) || malformed(before) {
		return nil, nil
	}
	err = s.run(ctx, "exchanges", func() error {
		var rows []exchangeRow
		sel := s.db.NewSelect().Model(&rows).Where("code_id = ?", code).OrderExpr("id DESC").Limit(int64(limit))
		if before != "" {
			sel.Where("id < ?", before)
		}
		if err := sel.Scan(ctx); err != nil {
			return err
		}
		list = make([]sharing.Exchange, len(rows))
		for i, r := range rows {
			list[i] = sharing.Exchange{ID: r.ID, Code: r.CodeID, User: auth.UserID(r.UserID), Share: r.ShareID, At: r.At.Time}
		}
		return nil
	})
	return list, err
}

// DeleteExpired removes one batch of shares and one of codes. It leaves those that were
// extended in the meantime.
func (s shares) DeleteExpired(ctx context.Context, t time.Time, limit int) (n int, err error) {
	err = s.whole(ctx, "delete expired shares", func(s shares) error {
		n = 0
		for _, table := range []string{"hallpass_shares", "hallpass_share_codes"} {
			some, err := s.exec(ctx, "DELETE FROM "+table+" WHERE expires_at <= ? AND id IN ("+
				"SELECT id FROM "+table+" WHERE expires_at <= ? ORDER BY expires_at LIMIT ?"+s.pool.words.skipLocked+
				")", at(t), at(t), max(limit, 0))
			if err != nil {
				return err
			}
			n += some
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
