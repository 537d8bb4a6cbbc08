package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// PrincipalKind says what kind of caller a request comes from.
type PrincipalKind string

// The kinds of principals.
const (
	PrincipalUser     PrincipalKind = "user"
	PrincipalService  PrincipalKind = "service"
	PrincipalGuest    PrincipalKind = "guest"    // no credential
	PrincipalOperator PrincipalKind = "operator" // code of the host itself; see Service.Operator
)

// CredentialKind says which kind of credential a request carried.
type CredentialKind string

// The kinds of credentials.
const (
	CredentialNone        CredentialKind = ""
	CredentialCookie      CredentialKind = "cookie"
	CredentialAccessToken CredentialKind = "access_token"
	CredentialAPIToken    CredentialKind = "api_token"
)

// Principal is the caller: who a request acts as, how it authenticated and what it may do. A
// Service makes it. Do not change its fields. It is safe for concurrent use.
type Principal struct {
	Kind       PrincipalKind
	User       User           // zero unless Kind is PrincipalUser
	Service    ServiceAccount // zero unless Kind is PrincipalService
	Token      APIToken       // the API token that was used; zero without one
	Session    Session        // the session that the credential belongs to; zero without one
	Credential CredentialKind // how it authenticated

	name    string // name of an operator, for audit records
	subject scopes.Subject
}

// Holder is a user or a service, never both. It owns an API token or gives a share. The zero
// Holder is nobody.
type Holder struct {
	User    UserID
	Service ServiceID
}

// ID returns the id of the user or of the service; empty for nobody.
func (h Holder) ID() string { return string(h.User) + string(h.Service) }

// Subject returns the principal's rights, for scopes.Subject.Decide. A nil principal has none.
func (p *Principal) Subject() scopes.Subject {
	if p == nil {
		return scopes.Subject{}
	}
	return p.subject
}

// Holder returns the user or the service that p acts as. It returns the zero Holder for a
// guest, for the host itself and for nil.
func (p *Principal) Holder() Holder {
	if p == nil {
		return Holder{}
	}
	return Holder{User: p.User.ID, Service: p.Service.ID}
}

// GroupIDs returns the ids of the user's groups.
func (p *Principal) GroupIDs() []GroupID {
	if p == nil {
		return nil
	}
	return p.User.GroupIDs()
}

// ProvenEmail returns the user's email address in canonical form, or "" if it is not proven.
func (p *Principal) ProvenEmail() string {
	if p == nil || !p.User.EmailVerified {
		return ""
	}
	key, _ := mail.Canonical(p.User.Email)
	return key
}

// actor returns the name of p in audit records.
func (p *Principal) actor() string {
	switch p.Kind {
	case PrincipalUser:
		return string(p.User.ID)
	case PrincipalService:
		return string(p.Service.ID)
	case PrincipalOperator:
		return p.name
	default:
		return ""
	}
}

// Resolve returns the principal's own user id if ref is "me", and ref itself otherwise. It does
// not resolve "me" if the principal is not a user, because an empty id stands for everybody in
// some places.
func (p *Principal) Resolve(ref string) UserID {
	if ref == "me" && p != nil && p.User.ID != "" {
		return p.User.ID
	}
	return UserID(ref)
}

// Operator returns a principal that may do everything. It stands for the host itself, for
// example its command line or code that has already decided. Audit records show it as
// "operator:" and name. Never make one from data in a request.
func (s *Service) Operator(name string) *Principal {
	all := make([]scopes.Scope, 0, len(s.schema.Names()))
	for _, n := range s.schema.Names() {
		all = append(all, scopes.Scope{Name: n})
	}
	return &Principal{
		Kind: PrincipalOperator, name: "operator:" + name,
		subject: scopes.Subject{Held: s.schema.Set(all, scopes.Self{})},
	}
}

// userPrincipal makes the principal of a session: it has the user's present rights, limited by
// the session's own scopes.
func (s *Service) userPrincipal(a Actor, c CredentialKind) *Principal {
	p := &Principal{Kind: PrincipalUser, User: a.User, Session: a.Session, Credential: c}
	p.subject.Held = s.rightsOf(a.User)
	if a.Session.Scopes != nil {
		p.subject.Ceiling, _ = s.schema.SetOf(a.Session.Scopes, scopes.Self{User: string(a.User.ID)})
	}
	return p
}

// tokenPrincipal makes the principal of an API token: it has the owner's present rights,
// limited by the token's own scopes.
func (s *Service) tokenPrincipal(use APITokenUse) *Principal {
	p := &Principal{
		Kind: PrincipalUser, User: use.User, Service: use.Service, Token: use.Token, Credential: CredentialAPIToken,
	}
	if use.Token.Owner.Service != "" {
		p.Kind = PrincipalService
		p.subject.Held = s.setOf(scopes.Self{}, use.Service.Roles, use.Service.Grants)
	} else {
		p.subject.Held = s.rightsOf(use.User)
	}
	p.subject.Ceiling, _ = s.schema.SetOf(use.Token.Scopes, scopes.Self{User: string(use.User.ID)})
	return p
}

// groupsOf returns the groups of the principal's own user, and none for other users. That is
// enough to list effective scopes.
func (p *Principal) groupsOf(user string) []string {
	if user != string(p.User.ID) {
		return nil
	}
	return p.User.groupIDs()
}

// EffectiveScopes returns what the principal may do: expanded scopes, sorted.
func (s *Service) EffectiveScopes(p *Principal) []string {
	return p.subject.Effective(p.groupsOf).Strings()
}

// needSession returns ErrSessionRequired unless the request comes from a session of the caller.
// The host itself needs none.
func (p *Principal) needSession() error {
	if p.Kind == PrincipalOperator || p.Session.ID != "" {
		return nil
	}
	return ErrSessionRequired
}

// needFresh is needSession, and returns a ReauthError if the last proof of identity in the
// session is older than Config.FreshFor.
func (s *Service) needFresh(p *Principal) error {
	if err := p.needSession(); err != nil || p.Kind == PrincipalOperator {
		return err
	}
	if s.now().Sub(p.Session.ProvedAt) > s.cfg.FreshFor {
		return &ReauthError{MaxAge: s.cfg.FreshFor}
	}
	return nil
}

// touchEvery is the least time between two writes of a session's last use.
const touchEvery = time.Minute

// Authenticate returns the principal of a bearer token, which is an access token or an API
// token. Each call reads the present rights and status of its owner, in one statement. At most
// once a minute a second statement stores the time of use.
//
// It returns ErrTokenExpired if an access token has expired, so that the client should refresh
// it. It returns ErrTokenInvalid if the client must sign in again.
func (s *Service) Authenticate(ctx context.Context, bearer string) (*Principal, error) {
	if class, ok := token.ClassOf(bearer); ok && class == token.API {
		return s.authenticateAPIToken(ctx, bearer)
	}
	claims, err := s.verifyAccess(ctx, bearer)
	if err != nil {
		return nil, err
	}
	a, err := s.st.ActorBySession(ctx, SessionID(claims.Session))
	if err := s.checkActor(a, err); err != nil {
		return nil, err
	}
	if string(a.User.ID) != claims.Subject {
		return nil, ErrTokenInvalid
	}
	return s.touched(ctx, a, CredentialAccessToken)
}

// AuthenticateCookie returns the principal of a session cookie. It takes as many statements as
// Authenticate. It returns ErrTokenInvalid if the client must sign in again.
func (s *Service) AuthenticateCookie(ctx context.Context, cookie string) (*Principal, error) {
	secret, err := token.Parse(token.Session, cookie)
	if err != nil {
		return nil, ErrTokenInvalid
	}
	a, err := s.st.ActorByToken(ctx, secret.Hash())
	if err := s.checkActor(a, err); err != nil {
		return nil, err
	}
	return s.touched(ctx, a, CredentialCookie)
}

// touched returns the principal of a session and stores the time of use if that is due.
func (s *Service) touched(ctx context.Context, a Actor, c CredentialKind) (*Principal, error) {
	if now := s.now(); now.Sub(a.Session.LastSeenAt) >= touchEvery {
		a.Session.LastSeenAt = now
		a.Session.ExpiresAt = earlier(now.Add(a.Session.Idle), a.Session.EndsAt)
		if err := s.st.TouchSession(ctx, a.Session.ID, now, a.Session.ExpiresAt); err != nil {
			return nil, fmt.Errorf("touch session: %w", err)
		}
	}
	return s.userPrincipal(a, c), nil
}

// checkActor returns ErrTokenInvalid for a session that is absent, has ended or belongs to a
// user who may not sign in. err is what the store returned with a.
func (s *Service) checkActor(a Actor, err error) error {
	now := s.now()
	switch {
	case errors.Is(err, ErrNotFound):
		return ErrTokenInvalid
	case err != nil:
		return fmt.Errorf("authenticate: %w", err)
	case !now.Before(a.Session.ExpiresAt) || !now.Before(a.Session.EndsAt):
		return ErrTokenInvalid
	case a.User.Status != StatusActive:
		return ErrTokenInvalid
	}
	return nil
}

// Guest returns the principal of a request without a credential. It holds the role guest. Guest
// returns ErrUnauthenticated unless the settings allow guests.
func (s *Service) Guest(ctx context.Context) (*Principal, error) {
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return nil, err
	}
	if !settings.AllowGuests {
		return nil, ErrUnauthenticated
	}
	return &Principal{
		Kind: PrincipalGuest, subject: scopes.Subject{Held: s.setOf(scopes.Self{}, []RoleID{RoleGuest}, nil)},
	}, nil
}
