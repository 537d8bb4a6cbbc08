package auth

import (
	"context"
	"errors"
	"strings"

	"github.com/hallpass-go/hallpass/scopes"
)

// User finds a user. It needs read:users for that user.
func (s *Service) User(ctx context.Context, p *Principal, id UserID) (User, error) {
	if err := s.authorizeUser(ctx, s.st, p, ActReadUser, id); err != nil {
		return User{}, err
	}
	a, err := s.account(ctx, s.st, id)
	return a.User, err
}

// UserByLogin finds a user by username or, with an "@", by email. It needs read:users for that
// user; without it the answer for a name that exists is the one for a name that does not.
func (s *Service) UserByLogin(ctx context.Context, p *Principal, login string) (User, error) {
	if err := s.Authorize(p, ActReadUser, scopes.Target{}); err != nil {
		return User{}, err
	}
	key := s.loginKey(login)
	if key == "" {
		return User{}, ErrNotFound
	}
	a, err := s.st.AccountByLogin(ctx, key)
	return a.User, err
}

// UserFilter selects users. Zero fields do not filter.
type UserFilter struct {
	Prefix     string // of username or email, in any case
	Role       string // held directly, by name or id; one that does not exist selects nobody
	Group      string // they are in, by name or id; one that does not exist selects nobody
	Status     Status
	ExternalID string
	PageQuery
}

// Users lists users by id: those for whom the caller holds list:users.
func (s *Service) Users(ctx context.Context, p *Principal, f UserFilter) (Page[User], error) {
	limits, err := s.reach(p, ActListUsers)
	if err != nil {
		return Page[User]{}, err
	}
	limit, err := f.Size()
	if err != nil {
		return Page[User]{}, err
	}
	if f.Status != "" {
		var bad FieldErrors
		oneOf(&bad, "status", f.Status, StatusActive, StatusPending, StatusDisabled)
		if err := bad.Err(); err != nil {
			return Page[User]{}, err
		}
	}
	if !plainText(f.Prefix + f.ExternalID + f.Role + f.Group) {
		return Page[User]{Items: []User{}}, nil
	}
	q := UserQuery{
		Prefix: strings.ToLower(f.Prefix), Status: f.Status, ExternalID: f.ExternalID, Within: usersWithin(limits),
		After: UserID(f.Cursor), Limit: limit + 1,
	}
	if err := s.resolve(ctx, f, &q); errors.Is(err, ErrNotFound) {
		return Page[User]{Items: []User{}}, nil
	} else if err != nil {
		return Page[User]{}, err
	}
	list, err := s.st.Users(ctx, q)
	return NewPage(list, limit, err, func(u User) string { return string(u.ID) })
}

// resolve turns the names in f into ids.
func (s *Service) resolve(ctx context.Context, f UserFilter, q *UserQuery) error {
	if f.Role != "" {
		r, err := s.findRole(ctx, s.st, f.Role)
		if err != nil {
			return err
		}
		q.Role = r.ID
	}
	if f.Group != "" {
		g, err := s.st.Group(ctx, refKey(f.Group))
		if err != nil {
			return err
		}
		q.Group = g.ID
	}
	return nil
}

// usersWithin is what filters select, for a store.
func usersWithin(limits []scopes.Filters) []Within {
	var out []Within
	for _, f := range limits {
		var w Within
		for _, id := range f[scopes.KindUser] {
			w.Users = append(w.Users, UserID(id))
		}
		for _, id := range f[scopes.KindGroup] {
			w.Groups = append(w.Groups, GroupID(id))
		}
		out = append(out, w)
	}
	return out
}
