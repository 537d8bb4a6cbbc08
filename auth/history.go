package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
)

// Outcome says whether a login succeeded.
type Outcome string

// The two outcomes.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
)

// The reasons why a login failed. They are stable.
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
	ReasonThrottled     = "throttled" // too many tries; recorded at most once a minute for each account
	ReasonWrongCode     = "wrong_code"
)

// Login is the record of one try to sign in, whether it succeeded or failed.
type Login struct {
	ID        LoginID
	User      UserID // empty if there is no such user
	At        time.Time
	Method    policy.Method
	Outcome   Outcome
	Reason    string    // one of the reasons; empty on success
	IP        string    // empty if it is unknown or must not be kept
	UserAgent string    // at most 255 bytes
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

// History reads the login history and the audit record. The login history of a user needs the
// scope read:logins for that user, and the audit record needs the scope read:audit. History is
// safe for concurrent use.
type History struct{ s *Service }

// LoginFilter selects logins. Zero fields do not filter.
type LoginFilter struct {
	Outcome Outcome
	Method  policy.Method
	Since   time.Time // at or after
	Until   time.Time // before
	PageQuery
}

// Logins lists the logins of a user, newest first. An empty id stands for everybody. It needs
// the scope read:logins for that user, or without a filter for everybody. It returns
// ErrNotFound if there is no such user, a FieldsError for an outcome or a method that does not
// exist or a bad limit, and ErrBadCursor for a bad cursor.
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

// UserLogin finds one login of a user. It needs the scope read:logins for that user. It returns
// ErrNotFound if there is no such login, or if it belongs to somebody else.
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

// Login finds one login. It needs the scope read:logins for the user of the login. A login of
// an unknown user needs the scope without a filter. Login returns ErrNotFound if there is no
// such login.
func (h *History) Login(ctx context.Context, p *Principal, login LoginID) (Login, error) {
	// A caller who lacks the scope altogether is refused before anything is read.
	if err := h.s.Authorize(p, ActReadLogins, UserID("nobody").Target()); err != nil && !errors.Is(err, ErrNotFound) {
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

// AuditRecord says who changed a right, a setting or a credential, and when. It has no secrets.
type AuditRecord struct {
	ID     AuditID
	At     time.Time
	Actor  string          // id of a user or a service, or "operator:<name>"; empty if it is not known
	Action string          // such as "role.add" or "settings.update"
	Target string          // id of what was changed, such as a user or a group; empty for none
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

// Audit records a change of rights, settings or credentials, in the transaction that makes it.
// p is the principal who makes the change; nil means that it is not known. detail must not have
// secrets in it; it may be nil.
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

// Audits lists the audit record, newest first. It needs the scope read:audit. It returns
// ErrBadCursor or a FieldsError for a bad query.
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

// AddressToKeep returns the IP address of a client, to be stored. It is empty if the address is
// unknown or if the settings say that no addresses are kept.
func (s *Service) AddressToKeep(ctx context.Context, c Client) (string, error) {
	settings, err := s.settings(ctx, s.st)
	return address(settings, c), err
}

// newLogin returns the record of an attempt, without its outcome.
func newLogin(user UserID, m policy.Method, c Client, settings policy.Settings, now time.Time) Login {
	return Login{
		ID: LoginID(newID(now)), User: user, At: now, Method: m, IP: address(settings, c), UserAgent: agent(c),
	}
}

// address is AddressToKeep for the given settings.
func address(settings policy.Settings, c Client) string {
	if settings.Retention.NoAddresses || !c.IP.IsValid() {
		return ""
	}
	return c.IP.Unmap().WithZone("").String()
}

// agent returns the user agent of a client, to be stored.
func agent(c Client) string { return mail.OneLine(c.UserAgent) }
