package limit

import (
	"context"
	"fmt"
	"net/netip"
	"time"
)

// Limiter counts tries in a Store. It is immutable and safe for concurrent use.
type Limiter struct {
	st     Store
	key    []byte
	now    func() time.Time
	limits Limits
}

// New makes a Limiter. key names the buckets; use the same key on every replica. now is the
// clock, in whole microseconds.
func New(st Store, key []byte, now func() time.Time, limits Limits) (*Limiter, error) {
	limits, err := limits.WithDefaults()
	if err != nil {
		return nil, err
	}
	return &Limiter{st: st, key: key, now: now, limits: limits}, nil
}

// On returns a Limiter that counts in st, which may be bound to a transaction.
func (l *Limiter) On(st Store) *Limiter {
	c := *l
	c.st = st
	return &c
}

// Take takes one try from every bucket. If one of them is empty, it takes none and returns an
// Error.
func (l *Limiter) Take(ctx context.Context, takes ...Take) error {
	wait, err := l.st.TakeTries(ctx, l.now(), takes)
	if err != nil {
		return fmt.Errorf("count tries: %w", err)
	}
	if wait > 0 {
		return &Error{RetryAfter: wait}
	}
	return nil
}

// GiveBack gives back the tries of an attempt that failed before anything was verified. It does
// so even if the caller is gone, and returns no error: the attempt has failed already, and its
// own error matters more than a try that stays counted.
func (l *Limiter) GiveBack(ctx context.Context, takes ...Take) {
	_ = l.st.GiveBack(context.WithoutCancel(ctx), nil, takes)
}

// Network is the part of an address that one party controls. Make one with NetworkOf.
type Network string

// NetworkOf returns the network of an address: an IPv4 address, or the /64 of an IPv6 address.
// All unknown addresses are one network.
func NetworkOf(ip netip.Addr) Network {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return Network(p.String())
		}
	}
	return Network(ip.String())
}
