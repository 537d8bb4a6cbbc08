package auth

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// houseBatch is how many rows one statement of the housekeeping removes.
const houseBatch = 1000

// Housekeep removes what has expired (sessions, API tokens, logins and audit records past their
// retention, reservations of names, full limit buckets, flows, invitations) in
// small batches, and turns the signing keys over. Any number of replicas may do so at once.
func (s *Service) Housekeep(ctx context.Context) error {
	now := s.now()
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return fmt.Errorf("housekeep: %w", err)
	}
	_, keyErr := s.signing.Ring(ctx)
	return errors.Join(
		keyErr,
		batches(ctx, func() (int, error) { return s.st.DeleteExpiredSessions(ctx, now, houseBatch) }),
		batches(ctx, func() (int, error) { return s.st.DeleteExpiredAPITokens(ctx, now, houseBatch) }),
		batches(ctx, func() (int, error) {
			return s.st.DeleteLoginsBefore(ctx, now.Add(-settings.Retention.Logins), houseBatch)
		}),
		batches(
			ctx, func() (int, error) {
				return s.st.DeleteAuditsBefore(ctx, now.Add(-settings.Retention.Audit), houseBatch)
			},
		),
		batches(ctx, func() (int, error) { return s.st.DeleteExpiredReservations(ctx, now, houseBatch) }),
		batches(ctx, func() (int, error) { return s.st.Limits().DeleteFullBuckets(ctx, now, houseBatch) }),
		batches(ctx, func() (int, error) { return s.st.Flows().DeleteExpiredFlows(ctx, now, houseBatch) }),
		batches(ctx, func() (int, error) { return s.st.DeleteExpiredInvitations(ctx, now, houseBatch) }),
	)
}

// batches repeats remove until it finds less than a batch.
func batches(ctx context.Context, remove func() (int, error)) error {
	for {
		n, err := remove()
		if err != nil {
			return fmt.Errorf("housekeep: %w", err)
		}
		if n < houseBatch {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// Housekeeper is a part of the library that keeps things which expire. Housekeep removes them
// in small batches and changes nothing that counts. Any number of replicas may do so at once.
type Housekeeper interface {
	Housekeep(ctx context.Context) error
}

// Run sends mail as soon as there is some. Every ten minutes it does the housekeeping, its own
// and that of the rooms. It returns when ctx ends, with the error of ctx. An error of one round
// goes to Config.Report, and the next round tries again. Hosts start Run in a goroutine. Only
// mail depends on it. The goroutines that it starts end before it returns.
func (s *Service) Run(ctx context.Context, rooms ...Housekeeper) error {
	var senders sync.WaitGroup
	defer senders.Wait()
	senders.Go(func() { s.Outbox.Run(ctx) })
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		for _, room := range append([]Housekeeper{s}, rooms...) {
			if err := room.Housekeep(ctx); err != nil && ctx.Err() == nil {
				s.report(err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// report hands an error of work in the background to the host.
func (s *Service) report(err error) {
	if s.cfg.Report != nil {
		s.cfg.Report(err)
	}
}
