package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/token"
)

// deviceGrant is a grant with what paces its polls.
type deviceGrant struct {
	grant    auth.DeviceGrant
	interval time.Duration
	nextPoll time.Time
}

func copyGrant(g auth.DeviceGrant) auth.DeviceGrant {
	g.Scopes = copyList(g.Scopes)
	return g
}

func (s *state) deviceBy(match func(auth.DeviceGrant) bool) (deviceGrant, bool) {
	for _, d := range s.devices {
		if match(d.grant) {
			return d, true
		}
	}
	return deviceGrant{}, false
}

func byUserCode(h token.Hash) func(auth.DeviceGrant) bool {
	return func(g auth.DeviceGrant) bool { return g.UserCode == h }
}

// AddDeviceGrant implements auth.Store.
func (a *authStore) AddDeviceGrant(ctx context.Context, g auth.DeviceGrant, interval time.Duration) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		if _, taken := s.deviceBy(byUserCode(g.UserCode)); taken {
			return false, nil
		}
		if _, taken := s.deviceBy(func(o auth.DeviceGrant) bool { return o.Device == g.Device }); taken {
			return false, errTaken
		}
		return true, add(s.devices, g.ID, deviceGrant{copyGrant(g), interval, g.CreatedAt.Add(interval)})
	})
}

// OwnDeviceGrant implements auth.Store.
func (a *authStore) OwnDeviceGrant(ctx context.Context, o auth.DeviceOwner) (auth.DeviceGrant, error) {
	return read(ctx, a, func(s *state) (auth.DeviceGrant, error) {
		d, ok := s.deviceBy(byUserCode(o.UserCode))
		if !ok || !d.grant.ExpiresAt.After(o.Now) || d.grant.Session != "" && d.grant.Session != o.Session {
			return auth.DeviceGrant{}, auth.ErrNotFound
		}
		if _, ok := s.sessions[o.Session]; !ok {
			return auth.DeviceGrant{}, auth.ErrNotFound
		}
		d.grant.Session, d.grant.User = o.Session, o.User
		s.devices[d.grant.ID] = d
		return copyGrant(d.grant), nil
	})
}

// DecideDeviceGrant implements auth.Store.
func (a *authStore) DecideDeviceGrant(ctx context.Context, in auth.DeviceDecision) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		d, ok := s.deviceBy(byUserCode(in.UserCode))
		if !ok || !d.grant.ExpiresAt.After(in.Now) || in.Session == "" || d.grant.Session != in.Session ||
			d.grant.Decision != "" {
			return false, nil
		}
		d.grant.Decision, d.grant.Scopes = in.Decision, copyList(in.Scopes)
		s.devices[d.grant.ID] = d
		return true, nil
	})
}

// PollDeviceGrant implements auth.Store.
func (a *authStore) PollDeviceGrant(ctx context.Context, p auth.DevicePoll) (g auth.DeviceGrant, soon bool, err error) {
	err = a.with(ctx, func(s *state) error {
		d, ok := s.deviceBy(func(g auth.DeviceGrant) bool { return g.Device == p.Device })
		if !ok {
			return auth.ErrNotFound
		}
		if soon = d.nextPoll.After(p.Now); soon {
			d.interval += p.Step
		}
		d.nextPoll = p.Now.Add(d.interval)
		s.devices[d.grant.ID] = d
		g = copyGrant(d.grant)
		return nil
	})
	return g, soon, err
}

// UseDeviceGrant implements auth.Store.
func (a *authStore) UseDeviceGrant(ctx context.Context, id auth.DeviceGrantID, now time.Time) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		return take(s.devices, id, func(d deviceGrant) bool {
			return d.grant.Decision == auth.DecisionAllow && d.grant.ExpiresAt.After(now)
		}), nil
	})
}

// DeleteExpiredDeviceGrants implements auth.Store.
func (a *authStore) DeleteExpiredDeviceGrants(ctx context.Context, t time.Time, limit int) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		return expire(s.devices, func(d deviceGrant) time.Time { return d.grant.ExpiresAt }, t, limit), nil
	})
}

func copyMail(m mail.Envelope) mail.Envelope {
	m.Sealed = bytes.Clone(m.Sealed)
	return m
}

// Outbox implements auth.Store.
func (a *authStore) Outbox() mail.Store { return a }

// AddMail implements mail.Store.
func (a *authStore) AddMail(ctx context.Context, m mail.Envelope) error {
	return a.with(ctx, func(s *state) error { return add(s.outbox, m.ID, copyMail(m)) })
}

// ClaimMail implements mail.Store.
func (a *authStore) ClaimMail(ctx context.Context, now, until time.Time, limit int) ([]mail.Envelope, error) {
	return read(ctx, a, func(s *state) ([]mail.Envelope, error) {
		var due []mail.Envelope
		for _, m := range s.outbox {
			if !m.DueAt.After(now) {
				due = append(due, m)
			}
		}
		slices.SortFunc(
			due, func(x, y mail.Envelope) int { return cmp.Or(x.DueAt.Compare(y.DueAt), cmp.Compare(x.ID, y.ID)) },
		)
		due = firstOf(due, limit)
		for i, m := range due {
			m.DueAt, m.Attempts = until, m.Attempts+1
			s.outbox[m.ID], due[i] = m, copyMail(m)
		}
		slices.SortFunc(due, func(x, y mail.Envelope) int { return cmp.Compare(x.ID, y.ID) })
		return due, nil
	})
}

// PutOffMail implements mail.Store.
func (a *authStore) PutOffMail(ctx context.Context, id mail.ID, due time.Time) error {
	return a.with(ctx, func(s *state) error {
		if m, ok := s.outbox[id]; ok {
			m.DueAt = due
			s.outbox[id] = m
		}
		return nil
	})
}

// DeleteMail implements mail.Store.
func (a *authStore) DeleteMail(ctx context.Context, id mail.ID) error {
	return a.with(ctx, func(s *state) error {
		delete(s.outbox, id)
		return nil
	})
}
