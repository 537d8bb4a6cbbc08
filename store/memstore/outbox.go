package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

func copyMail(m auth.OutboxMail) auth.OutboxMail {
	m.Sealed = bytes.Clone(m.Sealed)
	return m
}

// AddMail implements auth.Store.
func (a *authStore) AddMail(ctx context.Context, m auth.OutboxMail) error {
	return a.with(ctx, func(s *state) error { return add(s.outbox, m.ID, copyMail(m)) })
}

// ClaimMail implements auth.Store.
func (a *authStore) ClaimMail(ctx context.Context, now, until time.Time, limit int) ([]auth.OutboxMail, error) {
	return read(ctx, a, func(s *state) ([]auth.OutboxMail, error) {
		var due []auth.OutboxMail
		for _, m := range s.outbox {
			if !m.DueAt.After(now) {
				due = append(due, m)
			}
		}
		slices.SortFunc(
			due, func(x, y auth.OutboxMail) int { return cmp.Or(x.DueAt.Compare(y.DueAt), cmp.Compare(x.ID, y.ID)) },
		)
		due = firstOf(due, limit)
		for i, m := range due {
			m.DueAt, m.Attempts = until, m.Attempts+1
			s.outbox[m.ID], due[i] = m, copyMail(m)
		}
		slices.SortFunc(due, func(x, y auth.OutboxMail) int { return cmp.Compare(x.ID, y.ID) })
		return due, nil
	})
}

// PutOffMail implements auth.Store.
func (a *authStore) PutOffMail(ctx context.Context, id auth.MailID, due time.Time) error {
	return a.with(ctx, func(s *state) error {
		if m, ok := s.outbox[id]; ok {
			m.DueAt = due
			s.outbox[id] = m
		}
		return nil
	})
}

// DeleteMail implements auth.Store.
func (a *authStore) DeleteMail(ctx context.Context, id auth.MailID) error {
	return a.with(ctx, func(s *state) error {
		delete(s.outbox, id)
		return nil
	})
}
