package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/sharing"
)

func copyCode(c sharing.Code) sharing.Code {
	c.Scopes = append([]string{}, c.Scopes...)
	return c
}

// AddCode implements sharing.CodeStore.
func (a *sharingStore) AddCode(ctx context.Context, c sharing.Code) error {
	return a.with(ctx, func(s *state) error {
		if !s.hasHolder(c.Giver) {
			return sharing.ErrNotFound
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

// CodeByHash implements sharing.CodeStore.
func (a *sharingStore) CodeByHash(ctx context.Context, h token.Hash) (sharing.Code, error) {
	return read(ctx, a, func(s *state) (sharing.Code, error) {
		for _, c := range s.codes {
			if c.Hash == h {
				return copyCode(c), nil
			}
		}
		return sharing.Code{}, sharing.ErrNotFound
	})
}

// Code implements sharing.CodeStore.
func (a *sharingStore) Code(ctx context.Context, r sharing.Ref, id string) (sharing.Code, error) {
	return read(ctx, a, func(s *state) (sharing.Code, error) {
		c, ok := s.codes[id]
		if !ok || c.Resource != r {
			return sharing.Code{}, sharing.ErrNotFound
		}
		return copyCode(c), nil
	})
}

// Codes implements sharing.CodeStore.
func (a *sharingStore) Codes(ctx context.Context, q sharing.CodeQuery) ([]sharing.Code, error) {
	return read(ctx, a, func(s *state) ([]sharing.Code, error) {
		if q.After != "" && !isUUID(q.After) {
			return nil, nil
		}
		var out []sharing.Code
		for id, c := range s.codes {
			if id > q.After && c.ExpiresAt.After(q.Now) && (q.Resource == sharing.Ref{} || c.Resource == q.Resource) &&
				(q.Giver == sharing.Holder{} || c.Giver == q.Giver) {
				out = append(out, copyCode(c))
			}
		}
		slices.SortFunc(out, func(x, y sharing.Code) int { return cmp.Compare(x.ID, y.ID) })
		return firstOf(out, q.Limit), nil
	})
}

// UseCode implements sharing.CodeStore.
func (a *sharingStore) UseCode(ctx context.Context, id string, at time.Time) (bool, error) {
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

// DeleteCodes implements sharing.CodeStore.
func (a *sharingStore) DeleteCodes(ctx context.Context, r sharing.Ref, id string) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		return s.deleteCodes(func(c sharing.Code) bool { return c.Resource == r && (id == "" || c.ID == id) }), nil
	})
}

// deleteCodes removes the matching codes with their exchanges, and returns the number of codes.
func (s *state) deleteCodes(match func(sharing.Code) bool) (n int) {
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
