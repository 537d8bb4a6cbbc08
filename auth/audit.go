package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/scopes"
)

// AuditID identifies an audit record: a UUIDv7 in canonical form.
type AuditID string

// AuditRecord says who changed which right, policy or credential. It holds no secret.
type AuditRecord struct {
	ID     AuditID
	At     time.Time
	Actor  string          // a user id, or the name that an operator gave itself
	Action string          // such as "role.add" or "settings.update"
	Target string          // the id of what was changed: a user id, or the name of a setting; empty for none
	Detail json.RawMessage // a JSON object; nil for none
}

// AuditQuery selects audit records, newest first. Zero fields do not filter.
type AuditQuery struct {
	Actor  string
	Target string
	Action string
	Since  time.Time // at or after
	Before AuditID   // ids smaller than this
	Limit  int
}

// Audit records a change of rights, policy or credentials, in the transaction that makes it. p
// is who made the change; nil means nobody in particular. detail must hold no secret and may be
// nil.
func (s *Service) Audit(
	ctx context.Context, tx Tx, p *Principal, action, target string, detail map[string]any,
) error {
	now := s.now()
	r := AuditRecord{ID: AuditID(newID(now)), At: now, Action: action, Target: target}
	if p != nil {
		r.Actor = p.actor()
	}
	if len(detail) > 0 {
		doc, err := json.Marshal(detail)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		r.Detail = doc
	}
	if err := tx.st.AddAudit(ctx, r); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

// AuditFilter selects audit records. Zero fields do not filter.
type AuditFilter struct {
	Actor, Target, Action string
	Since                 time.Time // at or after
	PageQuery
}

// Audits lists the records of changes of rights, policy and credentials, newest first. It needs
// read:audit.
func (h *History) Audits(ctx context.Context, p *Principal, f AuditFilter) (Page[AuditRecord], error) {
	if err := h.s.Authorize(p, ActReadAudit, scopes.Target{}); err != nil {
		return Page[AuditRecord]{}, err
	}
	limit, err := f.Size()
	if err != nil {
		return Page[AuditRecord]{}, err
	}
	if !plainText(f.Actor + f.Target + f.Action) {
		return Page[AuditRecord]{Items: []AuditRecord{}}, nil
	}
	list, err := h.s.st.Audits(ctx, AuditQuery{
		Actor: f.Actor, Target: f.Target, Action: f.Action, Since: storable(f.Since), Before: AuditID(f.Cursor),
		Limit: limit + 1,
	})
	return NewPage(list, limit, err, func(r AuditRecord) string { return string(r.ID) })
}
