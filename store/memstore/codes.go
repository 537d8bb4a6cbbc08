package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/sharing"
)

func copyCode(c sharing.ShareCode) sharing.ShareCode {
	c.Scopes = append([]string{}, c.Scopes...)
	return c
}

// AddShareCode implements sharing.Store.
func (a *sharingStore) AddShareCode(ctx context.Context, c sharing.ShareCode) error {
	return a.with(ctx, func(s *state) error {
		if !s.hasHolder(c.Giver) {
			return auth.ErrNotFound
		}
		for _, other := range s.codes {
			if other.Hash == c.Hash {
				return errTaken
			}
		}
		if err := needUUIDs(c.ID); err != nil {
			return err
		}
		return add(s.codes, c.ID, copyCode(c))
	})
}

// ShareCodeByHash implements sharing.Store.
func (a *sharingStore) ShareCodeByHash(ctx context.Context, h token.Hash) (sharing.ShareCode, error) {
	return read(ctx, a, func(s *state) (sharing.ShareCode, error) {
		for _, c := range s.codes {
			if c.Hash == h {
				return copyCode(c), nil
			}
		}
		return sharing.ShareCode{}, auth.ErrNotFound
	})
}

// Code implements sharing.Store.
func (a *sharingStore) ShareCode(ctx context.Context, r auth.ResourceRef, id string) (sharing.ShareCode, error) {
	return read(ctx, a, func(s *state) (sharing.ShareCode, error) {
		c, ok := s.codes[id]
		if !ok || c.Resource != r {
			return sharing.ShareCode{}, auth.ErrNotFound
		}
		return copyCode(c), nil
	})
}

// Codes implements sharing.Store.
func (a *sharingStore) ShareCodes(ctx context.Context, q sharing.ShareCodeQuery) ([]sharing.ShareCode, error) {
	return read(ctx, a, func(s *state) ([]sharing.ShareCode, error) {
		if q.After != "" && !isUUID(q.After) {
			return nil, nil
		}
		var out []sharing.ShareCode
		for id, c := range s.codes {
			if id > q.After && c.ExpiresAt.After(q.Now) &&
				(q.Resource == auth.ResourceRef{} || c.Resource == q.Resource) &&
				(q.Giver == auth.Holder{} || c.Giver == q.Giver) {
				out = append(out, copyCode(c))
			}
		}
		slices.SortFunc(out, func(x, y sharing.ShareCode) int { return cmp.Compare(x.ID, y.ID) })
		return firstOf(out, q.Limit), nil
	})
}

// UseShareCode implements sharing.Store.
func (a *sharingStore) UseShareCode(ctx context.Context, id string, at time.Time) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		c, ok := s.codes[id]
		if !ok || !c.ExpiresAt.After(at) || c.MaxUses > 0 && c.Exchanges >= c.MaxUses {
			return false, nil
		}
		c.Exchanges++
		c.LastExchangedAt = at
		s.codes[id] = c
		return true, nil
	})
}

// DeleteShareCodes implements sharing.Store.
func (a *sharingStore) DeleteShareCodes(ctx context.Context, r auth.ResourceRef, id string) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		return s.deleteCodes(func(c sharing.ShareCode) bool { return c.Resource == r && (id == "" || c.ID == id) }), nil
	})
}

// deleteCodes removes codes with their exchanges.
func (s *state) deleteCodes(match func(sharing.ShareCode) bool) (n int) {
	for id, c := range s.codes {
		if !match(c) {
			continue
		}
		delete(s.codes, id)
		n++
		for k, e := range s.exchanges {
			if e.Code == id {
				delete(s.exchanges, k)
			}
		}
	}
	return n
}
