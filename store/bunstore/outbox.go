package bunstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
)

type mailRow struct {
	bun.BaseModel `bun:"table:hallpass_outbox,alias:m"`

	ID        string `bun:"id,pk"`
	Sealed    []byte `bun:"sealed"`
	Attempts  int    `bun:"attempts"`
	DueAt     moment `bun:"due_at"`
	ExpiresAt moment `bun:"expires_at"`
	CreatedAt moment `bun:"created_at"`
}

// AddMail adds a mail to the outbox.
func (s accounts) AddMail(ctx context.Context, m auth.OutboxMail) error {
	return s.run(ctx, "add mail", func() error {
		_, err := s.db.NewInsert().Model(&mailRow{
			ID: string(m.ID), Sealed: notNil(m.Sealed), Attempts: m.Attempts, DueAt: at(m.DueAt),
			ExpiresAt: at(m.ExpiresAt), CreatedAt: at(m.CreatedAt),
		}).Exec(ctx)
		return err
	})
}

// ClaimMail takes due mails. It is called often but seldom finds one, so it looks before it
// writes.
func (s accounts) ClaimMail(ctx context.Context, now, until time.Time, limit int) (list []auth.OutboxMail, err error) {
	err = s.run(ctx, "claim mail", func() error {
		list = nil
		due, err := s.db.NewSelect().TableExpr("hallpass_outbox").Where("due_at <= ?", at(now)).Exists(ctx)
		if err != nil || !due || limit <= 0 {
			return err
		}
		var rows []mailRow
		err = s.db.NewRaw("UPDATE hallpass_outbox SET due_at = ?, attempts = attempts + 1"+
			" WHERE due_at <= ? AND id IN ("+
			"SELECT id FROM hallpass_outbox WHERE due_at <= ? ORDER BY due_at, id LIMIT ?"+s.pool.words.skipLocked+
			") RETURNING *",
			at(until), at(now), at(now), limit).Scan(ctx, &rows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			list = append(list, auth.OutboxMail{
				ID: auth.MailID(r.ID), Sealed: r.Sealed, Attempts: r.Attempts, DueAt: r.DueAt.Time,
				ExpiresAt: r.ExpiresAt.Time, CreatedAt: r.CreatedAt.Time,
			})
		}
		slices.SortFunc(list, func(x, y auth.OutboxMail) int { return strings.Compare(string(x.ID), string(y.ID)) })
		return nil
	})
	return list, err
}

// PutOffMail sets when a mail is due.
func (s accounts) PutOffMail(ctx context.Context, id auth.MailID, due time.Time) error {
	if !isUUID(id) {
		return nil
	}
	_, err := s.wins(ctx, "put off mail", "UPDATE hallpass_outbox SET due_at = ? WHERE id = ?", at(due), string(id))
	return err
}

// DeleteMail removes a mail from the outbox.
func (s accounts) DeleteMail(ctx context.Context, id auth.MailID) error {
	if !isUUID(id) {
		return nil
	}
	_, err := s.wins(ctx, "delete mail", "DELETE FROM hallpass_outbox WHERE id = ?", string(id))
	return err
}
