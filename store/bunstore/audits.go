package bunstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/hallpass-go/hallpass/auth"
)

type auditRow struct {
	bun.BaseModel `bun:"table:hallpass_audit,alias:a"`

	ID     string `bun:"id,pk"`
	At     moment `bun:"at"`
	Actor  string `bun:"actor"`
	Action string `bun:"action"`
	Target string `bun:"target"`
	Detail string `bun:"detail,nullzero"`
}

func (r *auditRow) record() auth.AuditRecord {
	a := auth.AuditRecord{ID: auth.AuditID(r.ID), At: r.At.Time, Actor: r.Actor, Action: r.Action, Target: r.Target}
	if r.Detail != "" {
		a.Detail = json.RawMessage(r.Detail)
	}
	return a
}

// AddAudit adds an audit record.
func (s accounts) AddAudit(ctx context.Context, r auth.AuditRecord) error {
	return s.run(ctx, "add audit record", func() error {
		row := auditRow{ID: string(r.ID), At: at(r.At), Actor: r.Actor, Action: r.Action, Target: r.Target,
			Detail: string(r.Detail)}
		_, err := s.db.NewInsert().Model(&row).Exec(ctx)
		return err
	})
}

// Audits lists audit records, newest first.
func (s accounts) Audits(ctx context.Context, q auth.AuditQuery) (list []auth.AuditRecord, err error) {
	if q.Before != "" && !isUUID(q.Before) {
		return nil, auth.ErrBadCursor
	}
	err = s.run(ctx, "audit records", func() error {
		var rows []auditRow
		sel, err := s.selectAudits(ctx, &rows, q)
		if err == nil {
			err = sel.Scan(ctx)
		}
		if err != nil {
			return err
		}
		list = make([]auth.AuditRecord, len(rows))
		for i := range rows {
			list[i] = rows[i].record()
		}
		return nil
	})
	return list, err
}

func (h *handle) selectAudits(ctx context.Context, rows *[]auditRow, q auth.AuditQuery) (*bun.SelectQuery, error) {
	sel := h.db.NewSelect().Model(rows).Limit(int64(q.Limit))
	if q.Actor != "" {
		sel.Where("a.actor = ?", q.Actor)
	}
	if q.Target != "" {
		sel.Where("a.target = ?", q.Target)
	}
	if q.Action != "" {
		sel.Where("a.action = ?", q.Action)
	}
	if q.Before != "" {
		sel.Where("a.id < ?", string(q.Before))
	}
	if q.Since.IsZero() {
		return sel.OrderExpr("a.id DESC"), nil
	}
	by, since := access{filter: h.pool.words.ignore}, "a.at >= ?"
	if q.Actor == "" && q.Target == "" && q.Action == "" {
		var err error
		if by, err = h.access(ctx, "hallpass_audit AS a", since, at(q.Since)); err != nil {
			return nil, err
		}
	}
	return sel.Where(by.filter+since, at(q.Since)).OrderExpr(by.order + "a.id DESC"), nil
}

// DeleteAuditsBefore removes one batch.
func (s accounts) DeleteAuditsBefore(ctx context.Context, t time.Time, limit int) (n int, err error) {
	err = s.run(ctx, "delete audit records", func() (err error) {
		n, err = s.exec(ctx, "DELETE FROM hallpass_audit WHERE id IN ("+
			"SELECT id FROM hallpass_audit WHERE at < ? ORDER BY at LIMIT ?"+s.pool.words.skipLocked+")", at(t), limit)
		return err
	})
	return n, err
}
