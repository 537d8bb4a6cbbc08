package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// AddLogin implements auth.Store.
func (a *authStore) AddLogin(ctx context.Context, l auth.Login) error {
	return a.with(ctx, func(s *state) error { return add(s.logins, l.ID, l) })
}

// Login implements auth.Store.
func (a *authStore) Login(ctx context.Context, id auth.LoginID) (auth.Login, error) {
	return read(ctx, a, func(s *state) (auth.Login, error) {
		l, ok := s.logins[id]
		if !ok {
			return l, auth.ErrNotFound
		}
		return l, nil
	})
}

// Logins implements auth.Store.
func (a *authStore) Logins(ctx context.Context, q auth.LoginQuery) ([]auth.Login, error) {
	return read(ctx, a, func(s *state) ([]auth.Login, error) {
		var out []auth.Login
		for _, l := range s.logins {
			if (q.User == "" || l.User == q.User) && (q.Outcome == "" || l.Outcome == q.Outcome) &&
				(q.Method == "" || l.Method == q.Method) &&
				(q.Since.IsZero() || !l.At.Before(q.Since)) && (q.Until.IsZero() || l.At.Before(q.Until)) &&
				(q.Before == "" || l.ID < q.Before) {
				out = append(out, l)
			}
		}
		slices.SortFunc(out, func(x, y auth.Login) int { return cmp.Compare(y.ID, x.ID) })
		return firstOf(out, q.Limit), nil
	})
}

// DeleteLogins implements auth.Store.
func (a *authStore) DeleteLogins(ctx context.Context, user auth.UserID) error {
	return a.with(ctx, func(s *state) error {
		for id, l := range s.logins {
			if l.User == user {
				delete(s.logins, id)
			}
		}
		return nil
	})
}

// AnonymizeLogins implements auth.Store.
func (a *authStore) AnonymizeLogins(ctx context.Context, user auth.UserID) error {
	return a.with(ctx, func(s *state) error {
		for id, l := range s.logins {
			if l.User == user {
				l.User, l.IP, l.UserAgent, l.Session = "", "", "", ""
				s.logins[id] = l
			}
		}
		return nil
	})
}

// DeleteLoginsBefore implements auth.Store.
func (a *authStore) DeleteLoginsBefore(ctx context.Context, t time.Time, limit int) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		n := 0
		for id, l := range s.logins {
			if n < limit && l.At.Before(t) {
				delete(s.logins, id)
				n++
			}
		}
		return n, nil
	})
}

// AddAudit implements auth.Store.
func (a *authStore) AddAudit(ctx context.Context, r auth.AuditRecord) error {
	return a.with(ctx, func(s *state) error {
		r.Detail = bytes.Clone(r.Detail)
		return add(s.audits, r.ID, r)
	})
}

// Audits implements auth.Store.
func (a *authStore) Audits(ctx context.Context, q auth.AuditQuery) ([]auth.AuditRecord, error) {
	return read(ctx, a, func(s *state) ([]auth.AuditRecord, error) {
		var out []auth.AuditRecord
		for _, r := range s.audits {
			if (q.Actor == "" || r.Actor == q.Actor) && (q.Target == "" || r.Target == q.Target) &&
				(q.Action == "" || r.Action == q.Action) &&
				(q.Since.IsZero() || !r.At.Before(q.Since)) && (q.Before == "" || r.ID < q.Before) {
				r.Detail = bytes.Clone(r.Detail)
				out = append(out, r)
			}
		}
		slices.SortFunc(out, func(x, y auth.AuditRecord) int { return cmp.Compare(y.ID, x.ID) })
		return firstOf(out, q.Limit), nil
	})
}

// DeleteAuditsBefore implements auth.Store.
func (a *authStore) DeleteAuditsBefore(ctx context.Context, t time.Time, limit int) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		n := 0
		for id, r := range s.audits {
			if n < limit && r.At.Before(t) {
				delete(s.audits, id)
				n++
			}
		}
		return n, nil
	})
}
