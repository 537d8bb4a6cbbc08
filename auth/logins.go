package auth

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/scopes"
)

// LoginFilter selects logins. Zero fields do not filter.
type LoginFilter struct {
	Outcome Outcome
	Method  Method
	Since   time.Time // at or after
	Until   time.Time // before
	PageQuery
}

// Logins lists the logins of a user, or with an empty id of everybody, newest first. It needs
// read:logins for whom it asks.
func (s *Service) Logins(ctx context.Context, p *Principal, id UserID, f LoginFilter) (Page[Login], error) {
	may := s.Authorize(p, ActReadLogins, scopes.Target{})
	if id != "" {
		may = s.AuthorizeUser(ctx, p, ActReadLogins, id)
	}
	if may != nil {
		return Page[Login]{}, may
	}
	limit, err := f.Size()
	if err != nil {
		return Page[Login]{}, err
	}
	var bad FieldErrors
	if f.Outcome != "" {
		oneOf(&bad, "outcome", f.Outcome, Success, Failure)
	}
	if f.Method != "" {
		oneOf(&bad, "method", f.Method, s.methods.recorded()...)
	}
	if err := bad.Err(); err != nil {
		return Page[Login]{}, err
	}
	list, err := s.st.Logins(ctx, LoginQuery{
		User: id, Outcome: f.Outcome, Method: f.Method, Since: storable(f.Since), Until: storable(f.Until),
		Before: LoginID(f.Cursor), Limit: limit + 1,
	})
	return NewPage(list, limit, err, func(l Login) string { return string(l.ID) })
}

// UserLogin finds one login of a user. It needs read:logins for that user; ErrNotFound if the
// login is not theirs.
func (s *Service) UserLogin(ctx context.Context, p *Principal, id UserID, login LoginID) (Login, error) {
	if err := s.authorizeUser(ctx, s.st, p, ActReadLogins, id); err != nil {
		return Login{}, err
	}
	l, err := s.login(ctx, login)
	if err == nil && l.User != id {
		err = ErrNotFound
	}
	if err != nil {
		return Login{}, err
	}
	return l, nil
}

// Login finds one login. It needs read:logins for the user it belongs to; for one of nobody,
// for everybody.
func (s *Service) Login(ctx context.Context, p *Principal, login LoginID) (Login, error) {
	// Who holds the scope for nobody learns that before anything is read.
	if err := s.Authorize(p, ActReadLogins, UserTarget("nobody")); err != nil && err != ErrNotFound {
		return Login{}, err
	}
	l, err := s.login(ctx, login)
	if err != nil {
		return Login{}, err
	}
	of := l.User
	if of == "" {
		of = "nobody"
	}
	if err := s.authorizeUser(ctx, s.st, p, ActReadLogins, of); err != nil {
		return Login{}, err
	}
	return l, nil
}

func (s *Service) login(ctx context.Context, id LoginID) (Login, error) {
	if !IsID(string(id)) {
		return Login{}, ErrNotFound
	}
	return s.st.Login(ctx, id)
}
