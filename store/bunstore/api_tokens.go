package bunstore

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

type apiTokenRow struct {
	bun.BaseModel `bun:"table:hallpass_api_tokens,alias:t"`

	ID         string `bun:"id,pk"`
	UserID     string `bun:"user_id,nullzero"`
	ServiceID  string `bun:"service_id,nullzero"`
	Name       string `bun:"name"`
	Prefix     string `bun:"prefix"`
	Hash       []byte `bun:"hash"`
	Scopes     string `bun:"scopes"` // a JSON array
	CreatedAt  moment `bun:"created_at"`
	ExpiresAt  maybe  `bun:"expires_at"`
	LastUsedAt maybe  `bun:"last_used_at"`
}

func (r *apiTokenRow) token() (auth.APIToken, error) {
	scopes, err := splitScopes(r.Scopes)
	if err != nil {
		return auth.APIToken{}, err
	}
	t := auth.APIToken{
		ID: auth.APITokenID(r.ID), Owner: auth.Holder{
			User: auth.UserID(r.UserID), Service: auth.ServiceID(r.ServiceID),
		},
		Name: r.Name, Prefix: r.Prefix, Scopes: scopes,
		CreatedAt: r.CreatedAt.Time, ExpiresAt: r.ExpiresAt.Time, LastUsedAt: r.LastUsedAt.Time,
	}
	if copy(t.Hash[:], r.Hash) != len(token.Hash{}) || scopes == nil {
		return auth.APIToken{}, fmt.Errorf("an API token is unreadable")
	}
	return t, nil
}

// apiTokenUseRow is a token and its owner. The columns of the other kind of owner are NULL.
type apiTokenUseRow struct {
	Token   apiTokenRow `bun:"embed:t_"`
	User    userRow     `bun:"embed:u_"`
	Service serviceRow  `bun:"embed:v_"`
}

// AddAPIToken adds a token if its owner exists.
func (s accounts) AddAPIToken(ctx context.Context, t auth.APIToken) error {
	table, owner, ok := holderOf(t.Owner)
	if !ok {
		return auth.ErrNotFound
	}
	row := apiTokenRow{
		ID: string(t.ID), UserID: string(t.Owner.User), ServiceID: string(t.Owner.Service), Name: t.Name,
		Prefix: t.Prefix, Hash: t.Hash[:],
		Scopes: joinScopes(notNull(t.Scopes)), CreatedAt: at(t.CreatedAt), ExpiresAt: maybe{at(t.ExpiresAt)},
		LastUsedAt: maybe{at(t.LastUsedAt)},
	}
	return s.tx(ctx, func(h *handle) error {
		return h.run(ctx, "add API token", func() error {
			if err := h.keep(ctx, table, owner); err != nil {
				return err
			}
			_, err := h.db.NewInsert().Model(&row).Exec(ctx)
			return err
		})
	})
}

// keep protects a row, which must exist, from being deleted until the transaction ends.
// Otherwise a reference to it could fail, which would end a PostgreSQL transaction.
func (h *handle) keep(ctx context.Context, table, id string) error {
	var found int
	return h.db.NewRaw("SELECT 1 FROM "+table+" WHERE id = ?"+h.pool.words.keyShare, id).Scan(ctx, &found)
}

// holderOf gives the table and id of a user or a service; false unless there is just one.
func holderOf(o auth.Holder) (table, id string, ok bool) {
	if o.Service != "" {
		return "hallpass_services", string(o.Service), o.User == "" && isUUID(o.Service)
	}
	return "hallpass_users", string(o.User), isUUID(o.User)
}

// owned is the condition that tokens belong to an owner.
func owned(o auth.Holder) (where, id string, ok bool) {
	_, id, ok = holderOf(o)
	if o.Service != "" {
		return "service_id = ?", id, ok
	}
	return "user_id = ?", id, ok
}

// APITokenUse returns a token and its owner.
func (s accounts) APITokenUse(ctx context.Context, hash token.Hash) (use auth.APITokenUse, err error) {
	err = s.run(ctx, "API token", func() error {
		var row apiTokenUseRow
		if err := s.find(ctx, &row, s.pool.texts.apiToken, hash[:]); err != nil {
			return err
		}
		if row.Token.ID == "" {
			return auth.ErrNotFound
		}
		use.Token, err = row.Token.token()
		switch {
		case err != nil:
		case use.Token.Owner.Service != "":
			use.Service, err = row.Service.service()
		default:
			var a auth.Account
			a, err = row.User.account()
			use.User = a.User
		}
		return err
	})
	if err != nil {
		return auth.APITokenUse{}, err
	}
	return use, nil
}

// APITokens lists the tokens of an owner, newest first.
func (s accounts) APITokens(ctx context.Context, q auth.APITokenQuery) (list []auth.APIToken, err error) {
	where, owner, ok := owned(q.Owner)
	if !ok {
		return nil, nil
	}
	if q.Before != "" && !isUUID(q.Before) {
		return nil, auth.ErrBadCursor
	}
	err = s.run(ctx, "API tokens", func() error {
		var rows []apiTokenRow
		sel := s.db.NewSelect().Model(&rows).Where(where, owner).OrderExpr("id DESC").Limit(int64(q.Limit))
		if q.Before != "" {
			sel.Where("id < ?", string(q.Before))
		}
		if err := sel.Scan(ctx); err != nil {
			return err
		}
		list = make([]auth.APIToken, len(rows))
		for i := range rows {
			if list[i], err = rows[i].token(); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// TouchAPIToken records that a token was used.
func (s accounts) TouchAPIToken(ctx context.Context, id auth.APITokenID, t time.Time) error {
	if !isUUID(id) {
		return nil
	}
	return s.run(ctx, "touch API token", func() error {
		_, err := s.exec(ctx, "UPDATE hallpass_api_tokens SET last_used_at = ?"+
			" WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)",
			at(t), string(id), at(t))
		return err
	})
}

// DeleteAPITokens removes one or all tokens of an owner.
func (s accounts) DeleteAPITokens(ctx context.Context, owner auth.Holder, id auth.APITokenID) (n int, err error) {
	where, key, ok := owned(owner)
	if !ok || id != "" && !isUUID(id) {
		return 0, nil
	}
	del := "DELETE FROM hallpass_api_tokens WHERE " + where
	args := []any{key}
	if id != "" {
		del, args = del+" AND id = ?", append(args, string(id))
	}
	err = s.run(ctx, "delete API tokens", func() (err error) {
		n, err = s.exec(ctx, del, args...)
		return err
	})
	return n, err
}

// DeleteExpiredAPITokens removes one batch of expired tokens.
func (s accounts) DeleteExpiredAPITokens(ctx context.Context, t time.Time, limit int) (n int, err error) {
	err = s.run(ctx, "delete expired API tokens", func() (err error) {
		n, err = s.exec(ctx, "DELETE FROM hallpass_api_tokens WHERE expires_at <= ? AND id IN ("+
			"SELECT id FROM hallpass_api_tokens WHERE expires_at <= ? ORDER BY expires_at LIMIT ?"+
			s.pool.words.skipLocked+")", at(t), at(t), limit)
		return err
	})
	return n, err
}
