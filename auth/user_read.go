package auth

import (
	"context"
	"strings"

	"github.com/hallpass-go/hallpass/scopes"
)

// User finds a user. It needs read:users for that user.
func (s *Service) User(ctx context.Context, p *Principal, id UserID) (User, error) {
	if err := s.Authorize(p, ActReadUser, UserTarget(id)); err != nil {
		return User{}, err
	}
	a, err := s.account(ctx, s.st, id)
	return a.User, err
}

// UserByLogin finds a user by username or, with an "@", by email. It needs read:users for that user; without
// it the answer for a name that exists is the one for a name that does not.
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
	Role       string // held directly; a name that no role has selects nobody
	Status     Status
	ExternalID string
	PageQuery
}

// Users lists users by id. It needs list:users for everybody.
func (s *Service) Users(ctx context.Context, p *Principal, f UserFilter) (Page[User], error) {
	if err := s.Authorize(p, ActListUsers, scopes.Target{}); err != nil {
		return Page[User]{}, err
	}
	limit, err := f.limit()
	if err != nil {
		return Page[User]{}, err
	}
	if f.Status != "" {
		var bad fieldErrors
		oneOf(&bad, "status", f.Status, StatusActive, StatusPending, StatusDisabled)
		if err := bad.err(); err != nil {
			return Page[User]{}, err
		}
	}
	if !plainText(f.Prefix + f.ExternalID + f.Role) {
		return Page[User]{Items: []User{}}, nil
	}
	list, err := s.st.Users(ctx, UserQuery{
		Prefix: strings.ToLower(f.Prefix), Role: RoleID(f.Role), Status: f.Status, ExternalID: f.ExternalID,
		After: UserID(f.Cursor), Limit: limit + 1,
	})
	return page(list, limit, err, func(u User) string { return string(u.ID) })
}
