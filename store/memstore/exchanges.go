package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

// AddExchange implements sharing.Store.
func (a *sharingStore) AddExchange(ctx context.Context, e sharing.Exchange) error {
	return a.with(ctx, func(s *state) error {
		if _, ok := s.codes[e.Code]; !ok || !s.hasUser(e.User) {
			return auth.ErrNotFound
		}
		if err := needUUIDs(e.ID, e.Share); err != nil {
			return err
		}
		return add(s.exchanges, e.ID, e)
	})
}

// HasExchanged implements sharing.Store.
func (a *sharingStore) HasExchanged(ctx context.Context, code string, user auth.UserID) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		for _, e := range s.exchanges {
			if e.Code == code && e.User == user {
				return true, nil
			}
		}
		return false, nil
	})
}

// Exchanges implements sharing.Store.
func (a *sharingStore) Exchanges(ctx context.Context, code, before string, limit int) ([]sharing.Exchange, error) {
	return read(ctx, a, func(s *state) ([]sharing.Exchange, error) {
		if before != "" && !isUUID(before) {
			return nil, nil
		}
		var out []sharing.Exchange
		for id, e := range s.exchanges {
			if e.Code == code && (before == "" || id < before) {
				out = append(out, e)
			}
		}
		slices.SortFunc(out, func(x, y sharing.Exchange) int { return cmp.Compare(y.ID, x.ID) })
		return firstOf(out, limit), nil
	})
}

// DeleteExpired implements sharing.Store.
func (a *sharingStore) DeleteExpired(ctx context.Context, t time.Time, limit int) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		shares, codes := 0, 0
		first := func(n *int, match bool) bool {
			if match = match && *n < limit; match {
				*n++
			}
			return match
		}
		n := s.deleteShares(func(x sharing.Share) bool { return first(&shares, expired(x, t)) })
		return n + s.deleteCodes(func(c sharing.ShareCode) bool { return first(&codes, !c.ExpiresAt.After(t)) }), nil
	})
}
