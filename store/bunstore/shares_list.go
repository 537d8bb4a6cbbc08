package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

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
