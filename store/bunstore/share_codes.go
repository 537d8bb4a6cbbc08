package bunstore

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/sharing"
)

type shareCodeRow struct {
	bun.BaseModel `bun:"table:hallpass_share_codes,alias:c"`

	ID              string `bun:"id,pk"`
	Hash            []byte `bun:"hash"`
	Kind            string `bun:"kind"`
	ResourceID      string `bun:"resource_id"`
	GiverUser       string `bun:"giver_user,nullzero"`
	GiverService    string `bun:"giver_service,nullzero"`
	Scopes          string `bun:"scopes"` // a JSON array
	Label           string `bun:"label"`
	AudienceType    string `bun:"audience_type"`
	AudienceValue   string `bun:"audience_value"`
	Next            string `bun:"next"`
	MaxUses         int    `bun:"max_uses"`
	Exchanges       int    `bun:"exchanges"`
	LastExchangedAt maybe  `bun:"last_exchanged_at"`
	CreatedAt       moment `bun:"created_at"`
	ExpiresAt       moment `bun:"expires_at"`
}

func toShareCodeRow(c sharing.ShareCode) *shareCodeRow {
	return &shareCodeRow{
		ID: c.ID, Hash: c.Hash[:], Kind: c.Resource.Kind, ResourceID: c.Resource.ID, GiverUser: string(c.Giver.User),
		GiverService: string(c.Giver.Service),
		Scopes:       joinScopes(notNull(c.Scopes)), Label: c.Label, AudienceType: string(c.Audience.Type),
		AudienceValue: c.Audience.Value,
		Next:          c.Next, MaxUses: c.MaxUses, Exchanges: c.Exchanges,
		LastExchangedAt: maybe{at(c.LastExchangedAt)},
		CreatedAt:       at(c.CreatedAt), ExpiresAt: at(c.ExpiresAt),
	}
}

func (r *shareCodeRow) code() (sharing.ShareCode, error) {
	scopes, err := splitScopes(r.Scopes)
	c := sharing.ShareCode{
		ID: r.ID, Resource: auth.ResourceRef{
			Kind: r.Kind, ID: r.ResourceID,
		}, Giver: auth.Holder{User: auth.UserID(r.GiverUser), Service: auth.ServiceID(r.GiverService)},
		Scopes: scopes, Label: r.Label, Audience: sharing.Audience{
			Type: sharing.AudienceType(r.AudienceType), Value: r.AudienceValue,
		},
		Next: r.Next, MaxUses: r.MaxUses, Exchanges: r.Exchanges, LastExchangedAt: r.LastExchangedAt.Time,
		CreatedAt: r.CreatedAt.Time, ExpiresAt: r.ExpiresAt.Time,
	}
	if copy(c.Hash[:], r.Hash) != len(token.Hash{}) || scopes == nil && err == nil {
		err = errors.New("a share code is unreadable")
	}
	return c, err
}

// AddShareCode adds a code of a giver that exists.
func (s shares) AddShareCode(ctx context.Context, c sharing.ShareCode) error {
	table, giver, ok := holderOf(c.Giver)
	if !ok {
		return auth.ErrNotFound
	}
	return s.whole(ctx, "add share code", func(s shares) error {
		if err := s.keep(ctx, table, giver); err != nil {
			return err
		}
		if !isUUID(c.ID) {
			return errNoUUID
		}
		_, err := s.db.NewInsert().Model(toShareCodeRow(c)).Exec(ctx)
		return err
	})
}

// ShareCodeByHash finds by the secret.
func (s shares) ShareCodeByHash(ctx context.Context, h token.Hash) (sharing.ShareCode, error) {
	return s.readCode(ctx, "c.hash = ?", h[:])
}

// ShareCode finds by resource and id.
func (s shares) ShareCode(ctx context.Context, r auth.ResourceRef, id string) (sharing.ShareCode, error) {
	if !isUUID(id) || !nameable(r) {
		return sharing.ShareCode{}, auth.ErrNotFound
	}
	return s.readCode(ctx, "c.id = ? AND c.kind = ? AND c.resource_id = ?", id, r.Kind, r.ID)
}

func (s shares) readCode(ctx context.Context, where string, args ...any) (c sharing.ShareCode, err error) {
	err = s.run(ctx, "share code", func() error {
		var row shareCodeRow
		if err := s.db.NewSelect().Model(&row).Where(where, args...).Scan(ctx); err != nil {
			return err
		}
		c, err = row.code()
		return err
	})
	if err != nil {
		return sharing.ShareCode{}, err
	}
	return c, nil
}

// ShareCodes lists by id.
func (s shares) ShareCodes(ctx context.Context, q sharing.ShareCodeQuery) (list []sharing.ShareCode, err error) {
	if q.Limit <= 0 || !nameable(q.Resource) || malformed(string(q.Giver.User), string(q.Giver.Service), q.After) {
		return nil, nil
	}
	err = s.run(ctx, "share codes", func() error {
		var rows []shareCodeRow
		if err := s.selectCodes(&rows, q).Scan(ctx); err != nil {
			return err
		}
		list = make([]sharing.ShareCode, len(rows))
		for i := range rows {
			if list[i], err = rows[i].code(); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

func (s shares) selectCodes(rows *[]shareCodeRow, q sharing.ShareCodeQuery) *bun.SelectQuery {
	sel := s.db.NewSelect().Model(rows).Where(
		s.pool.words.ignore+"c.expires_at > ?", at(q.Now),
	).OrderExpr("c.id").Limit(int64(q.Limit))
	if q.Resource != (auth.ResourceRef{}) {
		sel.Where("c.kind = ? AND c.resource_id = ?", q.Resource.Kind, q.Resource.ID)
	}
	if q.Giver.User != "" {
		sel.Where("c.giver_user = ?", q.Giver.User)
	}
	if q.Giver.Service != "" {
		sel.Where("c.giver_service = ?", q.Giver.Service)
	}
	if q.After != "" {
		sel.Where("c.id > ?", q.After)
	}
	return sel
}

// UseShareCode counts an exchange: of two that want the last one, one changes the row.
func (s shares) UseShareCode(ctx context.Context, id string, t time.Time) (ok bool, err error) {
	if !isUUID(id) {
		return false, nil
	}
	err = s.run(ctx, "use share code", func() error {
		n, err := s.exec(ctx, "UPDATE hallpass_share_codes SET exchanges = exchanges + 1, last_exchanged_at = ?0"+
			" WHERE id = ?1 AND expires_at > ?0 AND (max_uses <= 0 OR exchanges < max_uses)", at(t), id)
		ok = n == 1
		return err
	})
	return ok, err
}

// DeleteShareCodes removes one or all codes of a resource. Their exchanges go by a foreign key.
func (s shares) DeleteShareCodes(ctx context.Context, r auth.ResourceRef, id string) (n int, err error) {
	if !nameable(r) || malformed(id) {
		return 0, nil
	}
	err = s.run(ctx, "delete share codes", func() (err error) {
		del := s.db.NewDelete().Table("hallpass_share_codes").Where("kind = ? AND resource_id = ?", r.Kind, r.ID)
		if id != "" {
			del.Where("id = ?", id)
		}
		n, err = affected(del.Exec(ctx))
		return err
	})
	return n, err
}

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
			list[i] = sharing.Exchange{
				ID: r.ID, Code: r.CodeID, User: auth.UserID(r.UserID), Share: r.ShareID, At: r.At.Time,
			}
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
