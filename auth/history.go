package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
)

// Outcome of a login.
type Outcome string

// The two outcomes.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
)

// Reasons of failed logins.
const (
	ReasonUnknownUser   = "unknown_user"
	ReasonWrongPassword = "wrong_password"
	ReasonDisabled      = "account_disabled"
	ReasonPending       = "approval_pending"
	ReasonUnverified    = "email_unverified"
	ReasonInvalidScope  = "invalid_scope"
	ReasonTokenReuse    = "refresh_token_reuse"
	ReasonNoPassword    = "no_password"
	ReasonUnknownHash   = "unknown_hash"
	ReasonRefused       = "refused"   // by a hook of the host
	ReasonThrottled     = "throttled" // recorded once a minute for an account
	ReasonWrongCode     = "wrong_code"
)

// Login is the record of one attempt to sign in, good or bad.
type Login struct {
	ID        LoginID
	User      UserID // empty when no such user exists
	At        time.Time
	Method    policy.Method
	Outcome   Outcome
	Reason    string // empty on success
	IP        string
	UserAgent string
	Session   SessionID // empty on failure
}

// LoginQuery selects logins, newest first. Zero fields do not filter.
type LoginQuery struct {
	User    UserID
	Outcome Outcome
	Method  policy.Method
	Since   time.Time // at or after
	Until   time.Time // before
	Before  LoginID   // ids smaller than this
	Limit   int
}

// History is the record of sign-ins and of changes of rights. Reading sign-ins needs the scope
// read:logins, for whom they are about; reading changes needs read:audit. History is safe for
// concurrent use.
type History struct{ s *Service }

// LoginFilter selects logins. Zero fields do not filter.
type LoginFilter struct {
	Outcome Outcome
	Method  policy.Method
	Since   time.Time // at or after
	Until   time.Time // before
	PageQuery
}

// Logins lists the logins of a user, newest first, or those of everybody if id is empty. It
// needs read:logins for that user, or for everybody.
func (h *History) Logins(ctx context.Context, p *Principal, id UserID, f LoginFilter) (Page[Login], error) {
	may := h.s.Authorize(p, ActReadLogins, scopes.Target{})
	if id != "" {
		may = h.s.AuthorizeUser(ctx, p, ActReadLogins, id)
	}
	if may != nil {
		return Page[Login]{}, may
	}
	limit, err := f.Size()
	if err != nil {
		return Page[Login]{}, err
	}
	var bad FieldsError
	if f.Outcome != "" {
		oneOf(&bad, "outcome", f.Outcome, Success, Failure)
	}
	if f.Method != "" {
		oneOf(&bad, "method", f.Method, h.s.methods.recorded()...)
	}
	if err := bad.Err(); err != nil {
		return Page[Login]{}, err
	}
	list, err := h.s.st.Logins(ctx, LoginQuery{
		User: id, Outcome: f.Outcome, Method: f.Method, Since: storable(f.Since), Until: storable(f.Until),
		Before: LoginID(f.Cursor), Limit: limit + 1,
	})
	return NewPage(list, limit, err, func(l Login) string { return string(l.ID) })
}

// UserLogin finds one login of a user. It needs read:logins for that user. ErrNotFound if the
// login is not theirs.
func (h *History) UserLogin(ctx context.Context, p *Principal, id UserID, login LoginID) (Login, error) {
	if err := h.s.authorizeUser(ctx, h.s.st, p, ActReadLogins, id); err != nil {
		return Login{}, err
	}
	l, err := h.find(ctx, login)
	if err == nil && l.User != id {
		err = ErrNotFound
	}
	if err != nil {
		return Login{}, err
	}
	return l, nil
}

// Login finds one login. It needs read:logins for the user whose login it is, or for everybody
// if it is nobody's.
func (h *History) Login(ctx context.Context, p *Principal, login LoginID) (Login, error) {
	// A caller who holds the scope for nobody is refused before anything is read.
	if err := h.s.Authorize(p, ActReadLogins, UserID("nobody").Target()); err != nil && err != ErrNotFound {
		return Login{}, err
	}
	l, err := h.find(ctx, login)
	if err != nil {
		return Login{}, err
	}
	of := l.User
	if of == "" {
		of = "nobody"
	}
	if err := h.s.authorizeUser(ctx, h.s.st, p, ActReadLogins, of); err != nil {
		return Login{}, err
	}
	return l, nil
}

func (h *History) find(ctx context.Context, id LoginID) (Login, error) {
	if !IsID(string(id)) {
		return Login{}, ErrNotFound
	}
	return h.s.st.Login(ctx, id)
}

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

// AddressToKeep is the address of a client as the settings let it be kept; empty where they
// keep none.
func (s *Service) AddressToKeep(ctx context.Context, c Client) (string, error) {
	settings, err := s.settings(ctx, s.st)
	return address(settings, c), err
}

// newLogin is the record of an attempt; its outcome is not known yet.
func newLogin(user UserID, m policy.Method, c Client, settings policy.Settings, now time.Time) Login {
	return Login{
		ID: LoginID(newID(now)), User: user, At: now, Method: m, IP: address(settings, c), UserAgent: agent(c),
	}
}

// address is the client's address as the settings let it be kept.
func address(settings policy.Settings, c Client) string {
	if settings.Retention.NoAddresses || !c.IP.IsValid() {
		return ""
	}
	return c.IP.Unmap().WithZone("").String()
}

// agent is the user agent, cut to what is worth keeping.
func agent(c Client) string { return mail.OneLine(c.UserAgent) }
