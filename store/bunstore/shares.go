package bunstore

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

type shareRow struct {
	bun.BaseModel `bun:"table:hallpass_shares,alias:s"`

	ID           string `bun:"id,pk"`
	Kind         string `bun:"kind"`
	ResourceID   string `bun:"resource_id"`
	GiverUser    string `bun:"giver_user,nullzero"`
	GiverService string `bun:"giver_service,nullzero"`
	ToUser       string `bun:"to_user,nullzero"`
	ToGroup      string `bun:"to_group,nullzero"`
	Scopes       string `bun:"scopes"` // a JSON array
	CodeID       string `bun:"code_id,nullzero"`
	CreatedAt    moment `bun:"created_at"`
	ExpiresAt    maybe  `bun:"expires_at"`
}

func toShareRow(x sharing.Share) *shareRow {
	return &shareRow{
		ID: x.ID, Kind: x.Resource.Kind, ResourceID: x.Resource.ID, GiverUser: string(x.Giver.User),
		GiverService: string(x.Giver.Service), ToUser: string(x.User),
		ToGroup: string(x.Group), Scopes: joinScopes(notNull(x.Scopes)), CodeID: x.Code, CreatedAt: at(x.CreatedAt),
		ExpiresAt: maybe{at(x.ExpiresAt)},
	}
}

func (r *shareRow) share() (sharing.Share, error) {
	scopes, err := splitScopes(r.Scopes)
	if scopes == nil && err == nil {
		err = errors.New("a share is unreadable")
	}
	return sharing.Share{
		ID: r.ID, Resource: auth.ResourceRef{
			Kind: r.Kind, ID: r.ResourceID,
		}, Giver: auth.Holder{User: auth.UserID(r.GiverUser), Service: auth.ServiceID(r.GiverService)},
		User: auth.UserID(r.ToUser), Group: auth.GroupID(r.ToGroup), Scopes: scopes, Code: r.CodeID,
		CreatedAt: r.CreatedAt.Time,
		ExpiresAt: r.ExpiresAt.Time,
	}, err
}

// receiverOf returns the table and id of a receiver. It returns false unless there is exactly
// one.
func receiverOf(x sharing.Share) (table, id string, ok bool) {
	if x.Group != "" {
		return "hallpass_groups", string(x.Group), x.User == "" && isUUID(x.Group)
	}
	return "hallpass_users", string(x.User), isUUID(x.User)
}

// AddShare adds a share unless its user already has one from its code.
func (s shares) AddShare(ctx context.Context, x sharing.Share) (added bool, err error) {
	givers, giver, one := holderOf(x.Giver)
	receivers, receiver, other := receiverOf(x)
	if !one || !other {
		return false, auth.ErrNotFound
	}
	err = s.whole(ctx, "add share", func(s shares) error {
		if err := s.keep(ctx, givers, giver); err != nil {
			return err
		}
		if err := s.keep(ctx, receivers, receiver); err != nil {
			return err
		}
		if !isUUID(x.ID) || malformed(x.Code) {
			return errNoUUID
		}
		n, err := affected(s.db.NewInsert().Model(toShareRow(x)).On(
			"CONFLICT (code_id, to_user) WHERE code_id IS NOT NULL DO NOTHING",
		).Exec(ctx))
		added = n == 1
		return err
	})
	return added && err == nil, err
}

// Share returns the share with the id.
func (s shares) Share(ctx context.Context, id string) (sharing.Share, error) {
	if !isUUID(id) {
		return sharing.Share{}, auth.ErrNotFound
	}
	return s.readShare(ctx, "s.id = ?", id)
}

// ShareFromCode finds by code and user.
func (s shares) ShareFromCode(ctx context.Context, code string, user auth.UserID) (sharing.Share, error) {
	if !isUUID(code) || !isUUID(user) {
		return sharing.Share{}, auth.ErrNotFound
	}
	return s.readShare(ctx, "s.code_id = ? AND s.to_user = ?", code, user)
}

func (s shares) readShare(ctx context.Context, where string, args ...any) (x sharing.Share, err error) {
	err = s.run(ctx, "share", func() error {
		var row shareRow
		if err := s.db.NewSelect().Model(&row).Where(where, args...).Scan(ctx); err != nil {
			return err
		}
		x, err = row.share()
		return err
	})
	if err != nil {
		return sharing.Share{}, err
	}
	return x, nil
}

// UpdateShare locks a share, lets edit change it and writes it.
func (s shares) UpdateShare(ctx context.Context, id string, edit func(*sharing.Share) error) (sharing.Share, error) {
	if !isUUID(id) {
		return sharing.Share{}, auth.ErrNotFound
	}
	return edited(ctx, s.handle, "update share", edit, func(h *handle) (sharing.Share, error) {
		var row shareRow
		if err := h.lockRow(ctx, &row, id); err != nil {
			return sharing.Share{}, err
		}
		return row.share()
	}, func(h *handle, _, now sharing.Share) error {
		now.ID = id
		return orNotFound(
			affected(h.db.NewUpdate().Model(toShareRow(now)).Column("scopes", "expires_at").WherePK().Exec(ctx)),
		)
	})
}

// DeleteShares removes the selected shares.
func (s shares) DeleteShares(ctx context.Context, q sharing.ShareSelection) (n int, err error) {
	if !nameable(q.Resource) || malformed(q.ID, string(q.User), string(q.Group), q.Code) {
		return 0, nil
	}
	err = s.run(ctx, "delete shares", func() (err error) {
		del := s.db.NewDelete().Table("hallpass_shares").Where(
			"kind = ? AND resource_id = ?", q.Resource.Kind, q.Resource.ID,
		)
		if q.ID != "" {
			del.Where("id = ?", q.ID)
		}
		if q.User != "" {
			del.Where("to_user = ?", q.User)
		}
		if q.Group != "" {
			del.Where("to_group = ?", q.Group)
		}
		if q.Code != "" {
			del.Where("code_id = ?", q.Code)
		}
		n, err = affected(del.Exec(ctx))
		return err
	})
	return n, err
}

// Shares lists shares by id.
func (s shares) Shares(ctx context.Context, q sharing.ShareQuery) (list []sharing.Share, err error) {
	if q.Limit < 0 || !storable(q.Kind) || malformed(string(q.Giver.User), string(q.Giver.Service), q.Code, q.After) {
		return nil, nil
	}
	resources := byKind(q.Resources)
	if q.Resources != nil && len(resources) == 0 {
		return nil, nil
	}
	err = s.run(ctx, "shares", func() error {
		var rows []shareRow
		if err := s.selectShares(&rows, q, resources).Scan(ctx); err != nil {
			return err
		}
		list = make([]sharing.Share, len(rows))
		for i := range rows {
			if list[i], err = rows[i].share(); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

func (s shares) selectShares(rows *[]shareRow, q sharing.ShareQuery, resources map[string][]string) *bun.SelectQuery {
	// Too many shares have these for their indexes to help.
	expiry, kind := s.pool.words.ignore+"s.expires_at", s.pool.words.ignore+"s.kind"
	sel := s.db.NewSelect().Model(rows).Where(
		"("+expiry+" IS NULL OR "+expiry+" > ?)", at(q.Now),
	).OrderExpr("s.id").Limit(int64(q.Limit))
	if q.Kind != "" {
		sel.Where(kind+" = ?", q.Kind)
	}
	if len(resources) > 0 {
		sel.WhereGroup(" AND ", func(either *bun.SelectQuery) *bun.SelectQuery {
			for kind, ids := range resources {
				either.WhereOr("s.kind = ? AND s.resource_id IN (?)", kind, bun.List(ids))
			}
			return either
		})
	}
	if q.User != "" || q.Groups != nil {
		sel.Where("(s.to_user IN (?) OR s.to_group IN (?))", in([]string{string(q.User)}), in(q.Groups))
	}
	if q.Giver.User != "" {
		sel.Where("s.giver_user = ?", q.Giver.User)
	}
	if q.Giver.Service != "" {
		sel.Where("s.giver_service = ?", q.Giver.Service)
	}
	if q.Code != "" {
		sel.Where("s.code_id = ?", q.Code)
	}
	if q.After != "" {
		sel.Where("s.id > ?", q.After)
	}
	return sel
}

// byKind are the ids of resources, without those that no database can hold: they find nothing.
func byKind(list []auth.ResourceRef) map[string][]string {
	out := map[string][]string{}
	for _, r := range list {
		if nameable(r) {
			out[r.Kind] = append(out[r.Kind], r.ID)
		}
	}
	return out
}
