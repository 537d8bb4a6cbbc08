package auth

import (
	"encoding/json"
	"time"
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
