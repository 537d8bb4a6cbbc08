package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/token"
)

// Limits implements auth.Store.
func (a *authStore) Limits() limit.Store { return a }

// TakeTries implements limit.Store.
func (a *authStore) TakeTries(ctx context.Context, now time.Time, takes []limit.Take) (time.Duration, error) {
	return read(ctx, a, func(s *state) (time.Duration, error) {
		at, wait := now.UnixMicro(), int64(0)
		next := make([]int64, len(takes))
		for i, t := range takes {
			next[i] = max(s.buckets[t.Key], at) + t.Interval.Microseconds()
			wait = max(wait, next[i]-at-int64(t.Burst)*t.Interval.Microseconds())
		}
		if wait == 0 {
			for i, t := range takes {
				s.buckets[t.Key] = next[i]
			}
		}
		return time.Duration(wait) * time.Microsecond, nil
	})
}

// GiveBack implements limit.Store.
func (a *authStore) GiveBack(ctx context.Context, full []string, one []limit.Take) error {
	return a.with(ctx, func(s *state) error {
		for _, key := range full {
			delete(s.buckets, key)
		}
		for _, t := range one {
			if at, ok := s.buckets[t.Key]; ok {
				s.buckets[t.Key] = at - t.Interval.Microseconds()
			}
		}
		return nil
	})
}

// DeleteFullBuckets implements limit.Store.
func (a *authStore) DeleteFullBuckets(ctx context.Context, now time.Time, limit int) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		n := 0
		for key, at := range s.buckets {
			if n < limit && at <= now.UnixMicro() {
				delete(s.buckets, key)
				n++
			}
		}
		return n, nil
	})
}

// Value implements auth.Store.
func (a *authStore) Value(ctx context.Context, name string) (string, error) {
	return read(ctx, a, func(s *state) (string, error) {
		v, ok := s.values[name]
		if !ok {
			return "", auth.ErrNotFound
		}
		return v, nil
	})
}

// InitValue implements auth.Store.
func (a *authStore) InitValue(ctx context.Context, name, value string) (string, error) {
	return read(ctx, a, func(s *state) (string, error) {
		if v, ok := s.values[name]; ok {
			return v, nil
		}
		s.values[name] = value
		return value, nil
	})
}

// UpdateValue implements auth.Store.
func (a *authStore) UpdateValue(ctx context.Context, name string, edit func(string) (string, error)) error {
	return a.with(ctx, func(s *state) error {
		v, err := edit(s.values[name])
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
		s.values[name] = v
		return nil
	})
}

func copyKey(k token.StoredKey) token.StoredKey {
	k.Public, k.Sealed = bytes.Clone(k.Public), bytes.Clone(k.Sealed)
	return k
}

// KeyStore implements auth.Store.
func (a *authStore) KeyStore() token.KeyStore { return a }

// Keys implements token.KeyStore.
func (a *authStore) Keys(ctx context.Context) ([]token.StoredKey, error) {
	return read(ctx, a, func(s *state) ([]token.StoredKey, error) {
		var out []token.StoredKey
		for _, k := range s.keys {
			out = append(out, copyKey(k))
		}
		slices.SortFunc(out, func(x, y token.StoredKey) int {
			return cmp.Or(x.CreatedAt.Compare(y.CreatedAt), cmp.Compare(x.ID, y.ID))
		})
		return out, nil
	})
}

// AddKey implements token.KeyStore.
func (a *authStore) AddKey(ctx context.Context, k token.StoredKey) error {
	return a.with(ctx, func(s *state) error {
		return add(s.keys, k.ID, copyKey(k))
	})
}

// DeleteKey implements token.KeyStore.
func (a *authStore) DeleteKey(ctx context.Context, id string) error {
	return a.with(ctx, func(s *state) error {
		delete(s.keys, id)
		return nil
	})
}

// AddSetUpToken implements auth.Store.
func (a *authStore) AddSetUpToken(ctx context.Context, h token.Hash, _ time.Time) error {
	return a.with(ctx, func(s *state) error {
		s.setup[h] = struct{}{}
		return nil
	})
}

// HasSetUpToken implements auth.Store.
func (a *authStore) HasSetUpToken(ctx context.Context, h token.Hash) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		_, ok := s.setup[h]
		return ok, nil
	})
}

// DeleteSetUpTokens implements auth.Store.
func (a *authStore) DeleteSetUpTokens(ctx context.Context) error {
	return a.with(ctx, func(s *state) error {
		clear(s.setup)
		return nil
	})
}
