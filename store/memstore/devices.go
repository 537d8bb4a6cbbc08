package memstore

import (
	"context"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/token"
)

// deviceStore is the view of package device.
type deviceStore struct{ view }

var _ device.Store = (*deviceStore)(nil)

// Devices returns the store of package device.
func (m *Store) Devices() device.Store { return &deviceStore{view{m}} }

// In implements device.Store.
func (a *deviceStore) In(tx auth.Tx) device.Store { return a.m.within(tx).Devices() }

// deviceGrant is a grant with what paces its polls.
type deviceGrant struct {
	grant    device.Grant
	interval time.Duration
	nextPoll time.Time
}

func copyGrant(g device.Grant) device.Grant {
	g.Scopes = copyList(g.Scopes)
	return g
}

func (s *state) deviceBy(match func(device.Grant) bool) (deviceGrant, bool) {
	for _, d := range s.devices {
		if match(d.grant) {
			return d, true
		}
	}
	return deviceGrant{}, false
}

func byUserCode(h token.Hash) func(device.Grant) bool {
	return func(g device.Grant) bool { return g.UserCode == h }
}

// AddGrant implements device.Store.
func (a *deviceStore) AddGrant(ctx context.Context, g device.Grant, interval time.Duration) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		if _, taken := s.deviceBy(byUserCode(g.UserCode)); taken {
			return false, nil
		}
		if _, taken := s.deviceBy(func(o device.Grant) bool { return o.Device == g.Device }); taken {
			return false, errTaken
		}
		return true, add(s.devices, g.ID, deviceGrant{copyGrant(g), interval, g.CreatedAt.Add(interval)})
	})
}

// OwnGrant implements device.Store.
func (a *deviceStore) OwnGrant(ctx context.Context, o device.Owner) (device.Grant, error) {
	return read(ctx, a, func(s *state) (device.Grant, error) {
		d, ok := s.deviceBy(byUserCode(o.UserCode))
		if !ok || !d.grant.ExpiresAt.After(o.Now) || d.grant.Session != "" && d.grant.Session != o.Session {
			return device.Grant{}, auth.ErrNotFound
		}
		if _, ok := s.sessions[o.Session]; !ok {
			return device.Grant{}, auth.ErrNotFound
		}
		d.grant.Session, d.grant.User = o.Session, o.User
		s.devices[d.grant.ID] = d
		return copyGrant(d.grant), nil
	})
}

// DecideGrant implements device.Store.
func (a *deviceStore) DecideGrant(ctx context.Context, in device.Verdict) (bool, error) {
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

// PollGrant implements device.Store.
func (a *deviceStore) PollGrant(ctx context.Context, p device.Poll) (g device.Grant, soon bool, err error) {
	err = a.with(ctx, func(s *state) error {
		d, ok := s.deviceBy(func(g device.Grant) bool { return g.Device == p.Device })
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

// UseGrant implements device.Store.
func (a *deviceStore) UseGrant(ctx context.Context, id device.GrantID, now time.Time) (bool, error) {
	return read(ctx, a, func(s *state) (bool, error) {
		return take(s.devices, id, func(d deviceGrant) bool {
			return d.grant.Decision == device.Allow && d.grant.ExpiresAt.After(now)
		}), nil
	})
}

// DeleteExpiredGrants implements device.Store.
func (a *deviceStore) DeleteExpiredGrants(ctx context.Context, t time.Time, limit int) (int, error) {
	return read(ctx, a, func(s *state) (int, error) {
		return expire(s.devices, func(d deviceGrant) time.Time { return d.grant.ExpiresAt }, t, limit), nil
	})
}
