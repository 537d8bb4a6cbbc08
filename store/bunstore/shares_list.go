package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/sharing"
)

// Shares lists by id.
func (s shares) Shares(ctx context.Context, q sharing.ShareQuery) (list []sharing.Share, err error) {
	if q.Limit < 0 || !storable(q.Kind) || malformed(q.Giver.User, q.Giver.Service, q.Code, q.After) {
		return nil, nil
	}
	resources := pairs(q.Resources)
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

func (s shares) selectShares(rows *[]shareRow, q sharing.ShareQuery, resources []bun.TupleValues) *bun.SelectQuery {
	expiry := s.pool.words.ignore + "s.expires_at" // never the way to find what has not expired
	sel := s.db.NewSelect().Model(rows).Where("("+expiry+" IS NULL OR "+expiry+" > ?)", at(q.Now)).OrderExpr("s.id").Limit(int64(q.Limit))
	if q.Kind != "" {
		sel.Where("s.kind = ?", q.Kind)
	}
	if len(resources) > 0 {
		sel.Where("(s.kind, s.resource_id) IN (VALUES ?)", bun.List(resources))
	}
	if q.User != "" || q.Groups != nil {
		sel.Where("(s.to_user IN (?) OR s.to_group IN (?))", in([]string{q.User}), in(q.Groups))
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

// pairs are the names of resources for VALUES, without those that no database can hold: they find nothing.
func pairs(list []sharing.Ref) []bun.TupleValues {
	var out []bun.TupleValues
	for _, r := range list {
		if nameable(r) {
			out = append(out, bun.Tuple([]string{r.Kind, r.ID}))
		}
	}
	return out
}
