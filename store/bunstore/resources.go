package bunstore

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

type resourceRow struct {
	bun.BaseModel `bun:"table:hallpass_resources,alias:r"`

	Kind      string `bun:"kind,pk"`
	ID        string `bun:"id,pk"`
	OwnerID   string `bun:"owner_id"`
	CreatedAt moment `bun:"created_at"`
}

// PutResource adds a resource unless it is already there.
func (s shares) PutResource(ctx context.Context, r sharing.Resource) (bool, error) {
	if !isUUID(r.Owner) {
		return false, auth.ErrNotFound
	}
	const owner = " FROM hallpass_users WHERE id = ?0"
	created, err := s.assign(ctx, "put resource",
		"INSERT INTO hallpass_resources (kind, id, owner_id, created_at) SELECT ?1, ?2, id, ?3"+owner, "SELECT 1"+owner,
		r.Owner, r.Kind, r.ID, at(r.CreatedAt))
	return created, err
}

// Owners finds the owners of resources.
func (s shares) Owners(ctx context.Context, kind string, ids []string) (owners map[string]auth.UserID, err error) {
	if !storable(kind) {
		return map[string]auth.UserID{}, nil
	}
	err = s.run(ctx, "owners", func() error {
		var rows []resourceRow
		sel := s.db.NewSelect().Model(&rows).Column("id", "owner_id").Where("kind = ?", kind).Where("id IN (?)",
			keys(ids))
		if err := sel.Scan(ctx); err != nil {
			return err
		}
		owners = make(map[string]auth.UserID, len(rows))
		for _, r := range rows {
			owners[r.ID] = auth.UserID(r.OwnerID)
		}
		return nil
	})
	return owners, err
}

// keys returns a list of texts for an IN. Texts that a database can't hold find nothing, and
// neither does an empty list.
func keys(list []string) any {
	return bun.List(slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !storable(s) }))
}

// Resources lists resources by id.
func (s shares) Resources(ctx context.Context, q sharing.ResourceQuery) (list []sharing.Resource, err error) {
	if q.Limit <= 0 || !nameable(auth.ResourceRef{Kind: q.Kind, ID: q.After}) {
		return nil, nil
	}
	err = s.run(ctx, "resources", func() error {
		var rows []resourceRow
		if err := s.selectResources(&rows, q).Scan(ctx); err != nil {
			return err
		}
		list = make([]sharing.Resource, len(rows))
		for i, r := range rows {
			list[i] = sharing.Resource{
				ResourceRef: auth.ResourceRef{Kind: r.Kind, ID: r.ID}, Owner: auth.UserID(r.OwnerID),
				CreatedAt: r.CreatedAt.Time,
			}
		}
		return nil
	})
	return list, err
}

// selectResources searches by owner and by id separately, each with its own index. One
// condition for both might read all resources of a kind to find a few. Neither part returns
// more than a page. Resources of several owners are not found in the order of their ids.
func (s shares) selectResources(rows *[]resourceRow, q sharing.ResourceQuery) *bun.SelectQuery {
	page := func(model any, order string) *bun.SelectQuery {
		return s.db.NewSelect().Model(model).Where("r.kind = ?", q.Kind).Where("r.id > ?",
			q.After).OrderExpr(order).Limit(int64(q.Limit))
	}
	const byID = "r.id"
	if q.All {
		return page(rows, byID)
	}
	order := byID
	if len(q.Owners) > 1 {
		order = s.pool.words.ignore + byID
	}
	owned := page((*resourceRow)(nil), order).Where("r.owner_id IN (?)", in(q.Owners))
	named := page((*resourceRow)(nil), byID).Where("r.id IN (?)", keys(q.IDs))
	return s.db.NewSelect().Model(rows).ModelTableExpr(
		"(SELECT * FROM (?) AS owned UNION SELECT * FROM (?) AS named) AS r", owned, named,
	).
		OrderExpr(byID).Limit(int64(q.Limit))
}

// DeleteResource removes a resource, and all codes and shares that name it.
func (s shares) DeleteResource(ctx context.Context, r auth.ResourceRef) (deleted bool, err error) {
	if !nameable(r) {
		return false, nil
	}
	err = s.whole(ctx, "delete resource", func(s shares) error {
		n, err := s.exec(ctx, "DELETE FROM hallpass_resources WHERE kind = ? AND id = ?", r.Kind, r.ID)
		if err != nil {
			return err
		}
		deleted = n == 1
		for _, table := range []string{"hallpass_shares", "hallpass_share_codes"} {
			if _, err := s.exec(
				ctx, "DELETE FROM "+table+" WHERE kind = ? AND resource_id = ?", r.Kind, r.ID,
			); err != nil {
				return err
			}
		}
		return nil
	})
	return deleted && err == nil, err
}
