package memstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
)

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
