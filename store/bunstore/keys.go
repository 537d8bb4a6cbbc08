package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth/token"
)

type keyRow struct {
	bun.BaseModel `bun:"table:hallpass_keys"`

	ID        string `bun:"id,pk"`
	Algorithm string `bun:"algorithm"`
	Public    []byte `bun:"public"`
	Sealed    []byte `bun:"sealed"`
	CreatedAt moment `bun:"created_at"`
}

// KeyStore returns the store of signing keys.
func (s accounts) KeyStore() token.KeyStore { return s }

// Keys lists all signing keys, oldest first.
func (s accounts) Keys(ctx context.Context) (list []token.StoredKey, err error) {
	err = s.run(ctx, "keys", func() error {
		var rows []keyRow
		if err := s.db.NewSelect().Model(&rows).OrderExpr("created_at, id").Scan(ctx); err != nil {
			return err
		}
		list = make([]token.StoredKey, len(rows))
		for i, r := range rows {
			list[i] = token.StoredKey{
				ID: r.ID, Algorithm: r.Algorithm, Public: r.Public, Sealed: r.Sealed, CreatedAt: r.CreatedAt.Time,
			}
		}
		return nil
	})
	return list, err
}

// AddKey adds a signing key.
func (s accounts) AddKey(ctx context.Context, k token.StoredKey) error {
	return s.run(ctx, "add key", func() error {
		row := keyRow{ID: k.ID, Algorithm: k.Algorithm, Public: notNil(k.Public), Sealed: notNil(k.Sealed),
			CreatedAt: at(k.CreatedAt)}
		_, err := s.db.NewInsert().Model(&row).Exec(ctx)
		return err
	})
}

func notNil(b []byte) []byte { return append([]byte{}, b...) }

// DeleteKey removes a signing key.
func (s accounts) DeleteKey(ctx context.Context, id string) error {
	return s.run(ctx, "delete key", func() error {
		_, err := s.exec(ctx, "DELETE FROM hallpass_keys WHERE id = ?", id)
		return err
	})
}

// AddSetUpToken adds the hash of a set-up token.
func (s accounts) AddSetUpToken(ctx context.Context, h token.Hash, t time.Time) error {
	return s.run(ctx, "add set-up token", func() error {
		_, err := s.exec(ctx,
			"INSERT INTO hallpass_setup_tokens (hash, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING", h[:], at(t))
		return err
	})
}

// HasSetUpToken tells whether a set-up token counts.
func (s accounts) HasSetUpToken(ctx context.Context, h token.Hash) (has bool, err error) {
	err = s.run(ctx, "set-up token", func() (err error) {
		has, err = s.db.NewSelect().TableExpr("hallpass_setup_tokens").Where("hash = ?", h[:]).Exists(ctx)
		return err
	})
	return has, err
}

// DeleteSetUpTokens removes all set-up tokens.
func (s accounts) DeleteSetUpTokens(ctx context.Context) error {
	return s.run(ctx, "delete set-up tokens", func() error {
		_, err := s.exec(ctx, "DELETE FROM hallpass_setup_tokens")
		return err
	})
}
