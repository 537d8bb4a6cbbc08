package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/token"
)

func copyFlow(f emailcode.Flow) emailcode.Flow {
	f.SignUp = bytes.Clone(f.SignUp)
	return f
}

// refer returns ErrNotFound if a user or the session does not exist. Empty ids are ignored.
func (s *state) refer(session auth.SessionID, users ...auth.UserID) error {
	for _, id := range users {
		if _, ok := s.accounts[id]; !ok && id != "" {
			return auth.ErrNotFound
		}
	}
	if _, ok := s.sessions[session]; !ok && session != "" {
		return auth.ErrNotFound
	}
	return nil
}

// endWith removes what ends with a user or a session.
func (s *state) endWith(user auth.UserID, session auth.SessionID) {
	gone := func(u auth.UserID, x auth.SessionID) bool {
		return user != "" && u == user || session != "" && x == session
	}
	for id, f := range s.flows {
		if gone(auth.UserID(f.User), auth.SessionID(f.Session)) {
			delete(s.flows, id)
		}
	}
	for id, i := range s.invitations {
		if gone(i.User, "") || gone(i.Inviter, "") {
			delete(s.invitations, id)
		}
	}
	for id, d := range s.devices {
		if gone("", d.grant.Session) {
			delete(s.devices, id)
		}
	}
}

// take removes an entry of a map if counts returns true for it, and reports whether it did.
func take[K comparable, V any](m map[K]V, id K, counts func(V) bool) bool {
	v, ok := m[id]
	if ok = ok && counts(v); ok {
		delete(m, id)
	}
	return ok
}

// expire removes up to limit entries of a map that expired at or before t, and returns how
// many.
func expire[K comparable, V any](m map[K]V, end func(V) time.Time, t time.Time, limit int) int {
	n := 0
	for id, v := range m {
		if n < limit && !end(v).After(t) {
			delete(m, id)
			n++
		}
	}
	return n
}

// Flows implements auth.Store.
func (a *authStore) Flows() emailcode.Store { return a }

// AddFlow implements emailcode.Store.
func (a *authStore) AddFlow(ctx context.Context, f emailcode.Flow) error {
	return a.with(ctx, func(s *state) error {
		if s.refer(auth.SessionID(f.Session), auth.UserID(f.User)) != nil {
			return emailcode.ErrNotFound
		}
		if _, err := s.flowByLink(f.Link); err == nil {
			return errTaken
		}
		return add(s.flows, f.ID, copyFlow(f))
	})
}

// Flow implements emailcode.Store.
func (a *authStore) Flow(ctx context.Context, id emailcode.FlowID) (emailcode.Flow, error) {
	return read(ctx, a, func(s *state) (emailcode.Flow, error) {
		f, ok := s.flows[id]
		if !ok {
			return emailcode.Flow{}, emailcode.ErrNotFound
		}
		return copyFlow(f), nil
	})
}

// FlowByLink implements emailcode.Store.
func (a *authStore) FlowByLink(ctx context.Context, link token.Hash) (emailcode.Flow, error) {
	return read(ctx, a, func(s *state) (emailcode.Flow, error) { return s.flowByLink(link) })
}

func (s *state) flowByLink(link token.Hash) (emailcode.Flow, error) {
	for _, f := range s.flows {
		if f.Link == link && !link.IsZero() {
			return copyFlow(f), nil
		}
	}
	return emailcode.Flow{}, emailcode.ErrNotFound
}

// TryFlow implements emailcode.Store.
func (a *authStore) TryFlow(ctx context.Context, t emailcode.Try) (emailcode.Flow, error) {
	return read(ctx, a, func(s *state) (emailcode.Flow, error) {
		f, ok := s.flows[t.ID]
		if !ok || f.Secret != t.Secret || f.Tries >= t.Most || !f.ExpiresAt.After(t.Now) {
			return emailcode.Flow{}, emailcode.ErrNotFound
		}
		f.Tries++
		s.flows[t.ID] = f
		return copyFlow(f), nil
	})
}

// RenewFlow implements emailcode.Store.
func (a *authStore) RenewFlow(ctx context.Context, r emailcode.Renewal) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		f, ok := s.flows[r.ID]
		if !ok || f.Sends != r.Sends {
			return false, nil
		}
		if other, err := s.flowByLink(r.Link); err == nil && other.ID != r.ID {
			return false, errTaken
		}
		f.Code, f.Link, f.SentAt, f.ExpiresAt, f.Sends = r.Code, r.Link, r.SentAt, r.ExpiresAt, f.Sends+1
		s.flows[r.ID] = f
		return true, nil
	})
}

// UseFlow implements emailcode.Store.
func (a *authStore) UseFlow(ctx context.Context, id emailcode.FlowID, now time.Time) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		return take(s.flows, id, func(f emailcode.Flow) bool { return f.ExpiresAt.After(now) }), nil
	})
}

// EndFlows implements emailcode.Store.
func (a *authStore) EndFlows(ctx context.Context, user string, p emailcode.Purpose) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		n := 0
		for id, f := range s.flows {
			if f.User == user && user != "" && f.Purpose == p {
				delete(s.flows, id)
				n++
			}
		}
		return n, nil
	})
}

// DeleteExpiredFlows implements emailcode.Store.
func (a *authStore) DeleteExpiredFlows(ctx context.Context, t time.Time, limit int) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		return expire(s.flows, func(f emailcode.Flow) time.Time { return f.ExpiresAt }, t, limit), nil
	})
}

func copyInvitation(i auth.Invitation) auth.Invitation {
	if i.Roles != nil {
		i.Roles = append([]auth.RoleID{}, i.Roles...)
	}
	i.Groups = slices.Clone(i.Groups)
	return i
}

// AddInvitation implements auth.Store.
func (a *authStore) AddInvitation(ctx context.Context, i auth.Invitation) error {
	return a.with(ctx, func(s *state) error {
		if err := s.refer("", i.User, i.Inviter); err != nil {
			return err
		}
		for _, other := range s.invitations {
			if other.Token == i.Token {
				return errTaken
			}
		}
		return add(s.invitations, i.ID, copyInvitation(i))
	})
}

// InvitationByToken implements auth.Store.
func (a *authStore) InvitationByToken(ctx context.Context, h token.Hash) (auth.Invitation, error) {
	return read(ctx, a, func(s *state) (auth.Invitation, error) {
		for _, i := range s.invitations {
			if i.Token == h {
				return copyInvitation(i), nil
			}
		}
		return auth.Invitation{}, auth.ErrNotFound
	})
}

// Invitations implements auth.Store.
func (a *authStore) Invitations(ctx context.Context, q auth.InvitationQuery) ([]auth.Invitation, error) {
	return read(ctx, a, func(s *state) ([]auth.Invitation, error) {
		var out []auth.Invitation
		for _, i := range s.invitations {
			if i.ExpiresAt.After(q.Now) && i.ID > q.After {
				out = append(out, copyInvitation(i))
			}
		}
		slices.SortFunc(out, func(x, y auth.Invitation) int { return cmp.Compare(x.ID, y.ID) })
		return firstOf(out, q.Limit), nil
	})
}

// UseInvitation implements auth.Store.
func (a *authStore) UseInvitation(ctx context.Context, id auth.InvitationID, now time.Time) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		return take(s.invitations, id, func(i auth.Invitation) bool { return i.ExpiresAt.After(now) }), nil
	})
}

// DeleteInvitation implements auth.Store.
func (a *authStore) DeleteInvitation(ctx context.Context, id auth.InvitationID) error {
	return a.with(ctx, func(s *state) error {
		if !take(s.invitations, id, func(auth.Invitation) bool { return true }) {
			return auth.ErrNotFound
		}
		return nil
	})
}

// DeleteExpiredInvitations implements auth.Store.
func (a *authStore) DeleteExpiredInvitations(ctx context.Context, t time.Time, limit int) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		return expire(s.invitations, func(i auth.Invitation) time.Time { return i.ExpiresAt }, t, limit), nil
	})
}
