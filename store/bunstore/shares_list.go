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
	err = s.run(ctx, "shares", func() error {
		var rows []shareRow
		if err := s.selectShares(&rows, q).Scan(ctx); err != nil {
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

func (s shares) selectShares(rows *[]shareRow, q sharing.ShareQuery) *bun.SelectQuery {
	expiry := s.pool.words.ignore + "s.expires_at" // never the way to find what has not expired
	sel := s.db.NewSelect().Model(rows).Where("("+expiry+" IS NULL OR "+expiry+" > ?)", at(q.Now)).OrderExpr("s.id").Limit(int64(q.Limit))
	if q.Kind != "" {
		sel.Where("s.kind = ?", q.Kind)
	}
	if q.Resources != nil {
		sel.Where("(s.kind, s.resource_id) IN (VALUES ?)", refs(q.Resources))
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

// refs is a list of pairs for VALUES. Those that no database can hold find nothing, as does an empty list.
func refs(list []sharing.Ref) any {
	var pairs []bun.TupleValues
	for _, r := range list {
		if nameable(r) {
			pairs = append(pairs, bun.Tuple([]string{r.Kind, r.ID}))
		}
	}
	if pairs == nil {
		pairs = append(pairs, bun.Tuple([]any{nil, nil}))
	}
	return bun.List(pairs)
}
