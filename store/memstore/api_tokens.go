package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

func copyAPIToken(t auth.APIToken) auth.APIToken {
	t.Scopes = append([]string{}, t.Scopes...)
	return t
}

// hasHolder tells whether the one user or service exists.
func (s *state) hasHolder(o auth.Holder) bool {
	_, user := s.accounts[o.User]
	_, service := s.services[o.Service]
	return user && o.Service == "" || service && o.User == ""
}

// AddAPIToken implements auth.Store.
func (a *authStore) AddAPIToken(ctx context.Context, t auth.APIToken) error {
	return a.with(ctx, func(s *state) error {
		if !s.hasHolder(t.Owner) {
			return auth.ErrNotFound
		}
		for _, other := range s.apiTokens {
			if other.Hash == t.Hash {
				return errTaken
			}
		}
		return add(s.apiTokens, t.ID, copyAPIToken(t))
	})
}

// APITokenUse implements auth.Store.
func (a *authStore) APITokenUse(ctx context.Context, h token.Hash) (auth.APITokenUse, error) {
	return read(ctx, a, func(s *state) (auth.APITokenUse, error) {
		for _, t := range s.apiTokens {
			if t.Hash != h {
				continue
			}
			use := auth.APITokenUse{Token: copyAPIToken(t)}
			if t.Owner.User != "" {
				use.User = s.view(s.accounts[t.Owner.User].User)
			} else {
				use.Service = s.viewService(s.services[t.Owner.Service])
			}
			return use, nil
		}
		return auth.APITokenUse{}, auth.ErrNotFound
	})
}

// APITokens implements auth.Store.
func (a *authStore) APITokens(ctx context.Context, q auth.APITokenQuery) ([]auth.APIToken, error) {
	return read(ctx, a, func(s *state) ([]auth.APIToken, error) {
		var out []auth.APIToken
		for id, t := range s.apiTokens {
			if t.Owner == q.Owner && (q.Before == "" || id < q.Before) {
				out = append(out, copyAPIToken(t))
			}
		}
		slices.SortFunc(out, func(x, y auth.APIToken) int { return cmp.Compare(y.ID, x.ID) })
		return firstOf(out, q.Limit), nil
	})
}

// TouchAPIToken implements auth.Store.
func (a *authStore) TouchAPIToken(ctx context.Context, id auth.APITokenID, at time.Time) error {
	return a.with(ctx, func(s *state) error {
		if t, ok := s.apiTokens[id]; ok && !t.LastUsedAt.After(at) {
			t.LastUsedAt = at
			s.apiTokens[id] = t
		}
		return nil
	})
}

// DeleteAPITokens implements auth.Store.
func (a *authStore) DeleteAPITokens(ctx context.Context, owner auth.Holder, id auth.APITokenID) (int, error) {
	return read(ctx, a, func(s *state) (int, error) { return s.deleteAPITokens(owner, id), nil })
}

func (s *state) deleteAPITokens(owner auth.Holder, id auth.APITokenID) (n int) {
	for k, t := range s.apiTokens {
		if t.Owner == owner && (id == "" || k == id) {
			delete(s.apiTokens, k)
			n++
		}
	}
	return n
}

// DeleteExpiredAPITokens implements auth.Store.
func (a *authStore) DeleteExpiredAPITokens(ctx context.Context, at time.Time, limit int) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		n := 0
		for id, t := range s.apiTokens {
			if n < limit && !t.ExpiresAt.IsZero() && !t.ExpiresAt.After(at) {
				delete(s.apiTokens, id)
				n++
			}
		}
		return n, nil
	})
}
