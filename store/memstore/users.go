package memstore

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

type reservation struct {
	holder auth.UserID
	until  time.Time
}

func copyUser(u auth.User) auth.User {
	u.Attributes = bytes.Clone(u.Attributes)
	u.Roles = append([]auth.RoleID{}, u.Roles...)
	return u
}

// firstOf returns one page of a sorted list.
func firstOf[T any](list []T, limit int) []T { return list[:max(0, min(len(list), limit))] }

func copyAccount(a auth.Account) auth.Account {
	a.User = copyUser(a.User)
	return a
}

// conflict returns the error for another account that has one of a's names, or nil.
func (s *state) conflict(a auth.Account) error {
	for _, c := range []struct {
		index map[string]auth.UserID
		key   string
		err   error
	}{
		{s.byName, a.UsernameKey, auth.ErrUsernameTaken},
		{s.byEmail, a.EmailKey, auth.ErrEmailTaken},
		{s.external, a.ExternalID, auth.ErrExternalIDTaken},
	} {
		if id, taken := c.index[c.key]; c.key != "" && taken && id != a.ID {
			return c.err
		}
	}
	return nil
}

// put adds or replaces an account and its names in the indexes.
func (s *state) put(a auth.Account) {
	s.unname(a.ID)
	s.accounts[a.ID] = copyAccount(a)
	for _, c := range []struct {
		index map[string]auth.UserID
		key   string
	}{{s.byName, a.UsernameKey}, {s.byEmail, a.EmailKey}, {s.external, a.ExternalID}} {
		if c.key != "" {
			c.index[c.key] = a.ID
		}
	}
}

func (s *state) unname(id auth.UserID) {
	old := s.accounts[id]
	delete(s.byName, old.UsernameKey)
	delete(s.byEmail, old.EmailKey)
	delete(s.external, old.ExternalID)
}

func (s *state) account(id auth.UserID) (auth.Account, error) {
	a, ok := s.accounts[id]
	if !ok {
		return auth.Account{}, auth.ErrNotFound
	}
	a.User = s.view(a.User)
	return a, nil
}

func (s *state) byLogin(key string) (auth.Account, error) {
	index := s.byName
	if strings.Contains(key, "@") {
		index = s.byEmail
	}
	id, ok := index[key]
	if !ok || key == "" {
		return auth.Account{}, auth.ErrNotFound
	}
	return s.account(id)
}

// CreateAccount implements auth.Store.
func (a *authStore) CreateAccount(ctx context.Context, acc auth.Account) error {
	return a.with(ctx, func(s *state) error {
		if _, taken := s.accounts[acc.ID]; taken {
			return errTaken
		}
		if err := s.conflict(acc); err != nil {
			return err
		}
		acc = copyAccount(acc)
		slices.Sort(acc.Roles)
		acc.Roles = slices.Compact(acc.Roles)
		s.put(acc)
		return nil
	})
}

// Account implements auth.Store.
func (a *authStore) Account(ctx context.Context, id auth.UserID) (auth.Account, error) {
	return read(ctx, a, func(s *state) (auth.Account, error) { return s.account(id) })
}

// AccountByLogin implements auth.Store.
func (a *authStore) AccountByLogin(ctx context.Context, key string) (auth.Account, error) {
	return read(ctx, a, func(s *state) (auth.Account, error) { return s.byLogin(key) })
}

// UpdateAccount implements auth.Store.
func (a *authStore) UpdateAccount(
	ctx context.Context, id auth.UserID, edit func(*auth.Account) error,
) (auth.Account, error) {
	return read(ctx, a, func(s *state) (auth.Account, error) {
		old, err := s.account(id)
		if err != nil {
			return auth.Account{}, err
		}
		now := copyAccount(old)
		if err := cmp.Or(edit(&now), ctx.Err()); err != nil {
			return auth.Account{}, err
		}
		now.ID, now.CreatedAt, now.Roles = old.ID, old.CreatedAt, old.Roles
		if err := s.conflict(now); err != nil {
			return auth.Account{}, err
		}
		s.put(now)
		return s.account(id)
	})
}

// DeleteAccount implements auth.Store.
func (a *authStore) DeleteAccount(ctx context.Context, id auth.UserID) error {
	return a.with(ctx, func(s *state) error {
		if _, ok := s.accounts[id]; !ok {
			return auth.ErrNotFound
		}
		s.unname(id)
		delete(s.accounts, id)
		s.endWith(id, "")
		for sid, x := range s.sessions {
			if x.User == id {
				s.endSession(sid)
			}
		}
		for m := range s.members {
			if m.b == id {
				delete(s.members, m)
			}
		}
		s.deleteAPITokens(auth.Holder{User: id}, "")
		s.forgetUser(id)
		return nil
	})
}

// Users implements auth.Store.
func (a *authStore) Users(ctx context.Context, q auth.UserQuery) ([]auth.User, error) {
	return read(ctx, a, func(s *state) ([]auth.User, error) {
		var out []auth.User
		for _, acc := range s.accounts {
			if acc.ID > q.After && s.matches(acc, q) {
				out = append(out, s.view(acc.User))
			}
		}
		slices.SortFunc(out, func(x, y auth.User) int { return cmp.Compare(x.ID, y.ID) })
		return firstOf(out, q.Limit), nil
	})
}

func (s *state) matches(a auth.Account, q auth.UserQuery) bool {
	in := func(g auth.GroupID) bool { _, is := s.members[member{g, a.ID}]; return is }
	for _, w := range q.Within {
		if !slices.Contains(w.Users, a.ID) && !slices.ContainsFunc(w.Groups, in) {
			return false
		}
	}
	return (q.Group == "" || in(q.Group)) && (q.Prefix == "" || a.UsernameKey != "" &&
		strings.HasPrefix(a.UsernameKey, q.Prefix) || a.EmailKey != "" && strings.HasPrefix(a.EmailKey, q.Prefix)) &&
		(q.Role == "" || slices.Contains(a.Roles, q.Role)) && (q.Status == "" || a.Status == q.Status) &&
		(q.ExternalID == "" || a.ExternalID == q.ExternalID)
}

// AddRole implements auth.Store.
func (a *authStore) AddRole(ctx context.Context, id auth.UserID, role auth.RoleID) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		acc, err := s.account(id)
		if err != nil || slices.Contains(acc.Roles, role) {
			return false, err
		}
		acc.Roles = append(acc.Roles, role)
		slices.Sort(acc.Roles)
		s.accounts[id] = acc
		return true, nil
	})
}

// RemoveRole implements auth.Store.
func (a *authStore) RemoveRole(ctx context.Context, id auth.UserID, role auth.RoleID) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		acc, ok := s.accounts[id]
		if !ok || !slices.Contains(acc.Roles, role) {
			return false, nil
		}
		acc = copyAccount(acc)
		acc.Roles = slices.DeleteFunc(acc.Roles, func(r auth.RoleID) bool { return r == role })
		s.accounts[id] = acc
		return true, nil
	})
}

// HasActiveHolder implements auth.Store.
func (a *authStore) HasActiveHolder(ctx context.Context, role auth.RoleID, except auth.UserID) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		for _, acc := range s.accounts {
			if acc.ID != except && acc.Status == auth.StatusActive && slices.Contains(acc.Roles, role) {
				return true, nil
			}
		}
		return false, nil
	})
}

// errNoTx means that a lock makes sense only in a transaction.
var errNoTx = errors.New("only inside a transaction")

// Lock implements auth.Store. A transaction holds the one lock anyway.
func (a *authStore) Lock(ctx context.Context, _ string) error {
	if !a.m.inner {
		return errNoTx
	}
	return a.with(ctx, func(*state) error { return nil })
}

// ReserveUsername implements auth.Store.
func (a *authStore) ReserveUsername(ctx context.Context, key string, holder auth.UserID, until time.Time) error {
	return a.with(ctx, func(s *state) error {
		s.reserved[key] = reservation{holder, until}
		return nil
	})
}

// UsernameReserved implements auth.Store.
func (a *authStore) UsernameReserved(ctx context.Context, key string, id auth.UserID, now time.Time) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		r, ok := s.reserved[key]
		return ok && r.holder != id && now.Before(r.until), nil
	})
}

// DeleteExpiredReservations implements auth.Store.
func (a *authStore) DeleteExpiredReservations(ctx context.Context, t time.Time, limit int) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		n := 0
		for key, r := range s.reserved {
			if n < limit && !r.until.After(t) {
				delete(s.reserved, key)
				n++
			}
		}
		return n, nil
	})
}
