package memstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// PutResource implements sharing.Store.
func (a *sharingStore) PutResource(ctx context.Context, r sharing.Resource) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		if !s.hasUser(r.Owner) {
			return false, auth.ErrNotFound
		}
		return add(s.resources, r.ResourceRef, r) == nil, nil
	})
}

// Owners implements sharing.Store.
func (a *sharingStore) Owners(ctx context.Context, kind string, ids []string) (map[string]auth.UserID, error) {
	return read(ctx, a, func(s *state) (map[string]auth.UserID, error) {
		out := map[string]auth.UserID{}
		for _, id := range ids {
			if r, ok := s.resources[auth.ResourceRef{Kind: kind, ID: id}]; ok {
				out[id] = r.Owner
			}
		}
		return out, nil
	})
}

// Resources implements sharing.Store.
func (a *sharingStore) Resources(ctx context.Context, q sharing.ResourceQuery) ([]sharing.Resource, error) {
	return read(ctx, a, func(s *state) ([]sharing.Resource, error) {
		var out []sharing.Resource
		for ref, r := range s.resources {
			if ref.Kind == q.Kind && ref.ID > q.After && (q.All || slices.Contains(q.Owners, r.Owner) ||
				slices.Contains(q.IDs, ref.ID)) {
				out = append(out, r)
			}
		}
		slices.SortFunc(out, func(x, y sharing.Resource) int { return cmp.Compare(x.ID, y.ID) })
		return firstOf(out, q.Limit), nil
	})
}

// DeleteResource implements sharing.Store.
func (a *sharingStore) DeleteResource(ctx context.Context, r auth.ResourceRef) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		_, was := s.resources[r]
		delete(s.resources, r)
		s.deleteShares(func(x sharing.Share) bool { return x.Resource == r })
		s.deleteCodes(func(c sharing.ShareCode) bool { return c.Resource == r })
		return was, nil
	})
}
