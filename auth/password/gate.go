package password

import (
	"context"
	"sync/atomic"
	"time"
)

// gate limits how many callers hash at once and how many may wait. Callers are served in the
// order in which they came, as senders on a channel are.
type gate struct {
	places chan struct{} // held while waiting or working
	slots  chan struct{} // held while working
	cost   atomic.Int64  // moving average of one hash with today's parameters, in nanoseconds; 0 if unknown
}

func newGate(slots, queue int) *gate {
	return &gate{places: make(chan struct{}, slots+queue), slots: make(chan struct{}, slots)}
}

// enter returns nil once it holds a slot. It returns a BusyError if the queue is full, and the
// context's error if the context ends first.
func (g *gate) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case g.places <- struct{}{}:
	default:
		return &BusyError{RetryAfter: g.drain()}
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-g.places
		return ctx.Err()
	}
}

// leave gives back what a successful enter took.
func (g *gate) leave() {
	<-g.slots
	<-g.places
}

// drain estimates how long a full queue takes to empty.
func (g *gate) drain() time.Duration {
	d := time.Duration(g.cost.Load()) * time.Duration(cap(g.places)/cap(g.slots))
	return min(max(d.Round(time.Second), time.Second), 30*time.Second)
}

// observe adds the duration of one hash with today's parameters to a moving average. Two calls
// at once may lose one observation, which does no harm.
func (g *gate) observe(d time.Duration) {
	old := g.cost.Load()
	if old == 0 {
		old = int64(d)
	}
	g.cost.Store(old + (int64(d)-old)/8)
}
