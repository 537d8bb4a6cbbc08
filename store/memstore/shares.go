package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/sharing"
)

func copyShare(x sharing.Share) sharing.Share {
	x.Scopes = append([]string{}, x.Scopes...)
	return x
}

// fromCode finds the share that a user has from a code.
func (s *state) fromCode(code string, user auth.UserID) (sharing.Share, error) {
	for _, x := range s.shares {
		if x.Code == code && x.User == user && code != "" && user != "" {
			return copyShare(x), nil
		}
	}
	return sharing.Share{}, auth.ErrNotFound
}

// AddShare implements sharing.Store.
func (a *sharingStore) AddShare(ctx context.Context, x sharing.Share) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		if !s.hasHolder(x.Giver) || !s.hasReceiver(x.User, x.Group) {
			return false, auth.ErrNotFound
		}
		if err := needUUIDs(x.ID, x.Code); err != nil {
			return false, err
		}
		if _, err := s.fromCode(x.Code, x.User); err == nil {
			return false, nil
		}
		err := add(s.shares, x.ID, copyShare(x))
		return err == nil, err
	})
}

// Share implements sharing.Store.
func (a *sharingStore) Share(ctx context.Context, id string) (sharing.Share, error) {
	return read(ctx, a, func(s *state) (sharing.Share, error) {
		x, ok := s.shares[id]
		if !ok {
			return sharing.Share{}, auth.ErrNotFound
		}
		return copyShare(x), nil
	})
}

// ShareFromCode implements sharing.Store.
func (a *sharingStore) ShareFromCode(ctx context.Context, code string, user auth.UserID) (sharing.Share, error) {
	return read(ctx, a, func(s *state) (sharing.Share, error) { return s.fromCode(code, user) })
}

// Shares implements sharing.Store.
func (a *sharingStore) Shares(ctx context.Context, q sharing.ShareQuery) ([]sharing.Share, error) {
	return read(ctx, a, func(s *state) ([]sharing.Share, error) {
		if q.After != "" && !isUUID(q.After) {
			return nil, nil
		}
		var out []sharing.Share
		for id, x := range s.shares {
			if id > q.After && selects(q, x) {
				out = append(out, copyShare(x))
			}
		}
		slices.SortFunc(out, func(x, y sharing.Share) int { return cmp.Compare(x.ID, y.ID) })
		if q.Limit == 0 {
			return out, nil
		}
		return firstOf(out, q.Limit), nil
	})
}

func selects(q sharing.ShareQuery, x sharing.Share) bool {
	received := q.User == "" && q.Groups == nil || x.User != "" && x.User == q.User ||
		x.Group != "" && slices.Contains(q.Groups, x.Group)
	return received && (q.Kind == "" || x.Resource.Kind == q.Kind) &&
		(q.Resources == nil || slices.Contains(q.Resources, x.Resource)) &&
		(q.Giver == auth.Holder{} || x.Giver == q.Giver) && (q.Code == "" || x.Code == q.Code) && !expired(x, q.Now)
}

// expired reports whether a share has ended at t. A share without an end never has.
func expired(x sharing.Share, t time.Time) bool {
	return !x.ExpiresAt.IsZero() && !x.ExpiresAt.After(t)
}

// UpdateShare implements sharing.Store.
func (a *sharingStore) UpdateShare(
	ctx context.Context, id string, edit func(*sharing.Share) error,
) (sharing.Share, error) {
	return read(ctx, a, func(s *state) (sharing.Share, error) {
		old, ok := s.shares[id]
		if !ok {
			return sharing.Share{}, auth.ErrNotFound
		}
		now := copyShare(old)
		if err := cmp.Or(edit(&now), ctx.Err()); err != nil {
			return sharing.Share{}, err
		}
		old.Scopes, old.ExpiresAt = now.Scopes, now.ExpiresAt
		s.shares[id] = copyShare(old)
		return copyShare(old), nil
	})
}

// DeleteShares implements sharing.Store.
func (a *sharingStore) DeleteShares(ctx context.Context, q sharing.ShareSelection) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		return s.deleteShares(func(x sharing.Share) bool {
			return x.Resource == q.Resource && (q.ID == "" || x.ID == q.ID) && (q.User == "" || x.User == q.User) &&
				(q.Group == "" || x.Group == q.Group) && (q.Code == "" || x.Code == q.Code)
		}), nil
	})
}

func (s *state) deleteShares(match func(sharing.Share) bool) (n int) {
	for id, x := range s.shares {
		if match(x) {
			delete(s.shares, id)
			n++
		}
	}
	return n
}
