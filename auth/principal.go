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

// PrincipalKind says what sort of principal a request acts as.
type PrincipalKind string

// The kinds of principals.
const (
	PrincipalUser     PrincipalKind = "user"
	PrincipalService  PrincipalKind = "service"
	PrincipalGuest    PrincipalKind = "guest"    // no credential
	PrincipalOperator PrincipalKind = "operator" // code of the host itself; see Service.Operator
)

// CredentialKind says how a principal authenticated.
type CredentialKind string

// The kinds of credentials.
const (
	CredentialNone        CredentialKind = ""
	CredentialCookie      CredentialKind = "cookie"
	CredentialAccessToken CredentialKind = "access_token"
	CredentialAPIToken    CredentialKind = "api_token"
)

// Principal is who a request acts as, how it authenticated and what it may do. It
// is made by a Service, read only and safe for concurrent use.
type Principal struct {
	Kind       PrincipalKind
	User       User           // zero unless Kind is PrincipalUser
	Service    ServiceAccount // zero unless Kind is PrincipalService
	Token      APIToken       // the API token that was used; zero without one
	Session    Session        // the session that the credential belongs to; zero without one
	Credential CredentialKind // how it authenticated

	name    string // of an operator
	subject scopes.Subject
}

// Holder is a user or a service, never both: who owns an API token or gives a share. The zero
// Holder is nobody.
type Holder struct {
	User    UserID
	Service ServiceID
}

// ID returns the id of whichever it is.
func (h Holder) ID() string { return string(h.User) + string(h.Service) }

// Subject gives the principal's rights to scopes.Subject.Decide. nil holds nothing.
func (p *Principal) Subject() scopes.Subject {
	if p == nil {
		return scopes.Subject{}
	}
	return p.subject
}

// Holder returns the user or the service that p acts as: nobody for a guest, for the host itself
// and for nil.
func (p *Principal) Holder() Holder {
	if p == nil {
		return Holder{}
	}
	return Holder{User: p.User.ID, Service: p.Service.ID}
}

// GroupIDs returns the groups of the user.
func (p *Principal) GroupIDs() []GroupID {
	if p == nil {
		return nil
	}
	return p.User.GroupIDs()
}

// ProvenEmail returns the canonical address of the user if it is proven, and else nothing.
func (p *Principal) ProvenEmail() string {
	if p == nil || !p.User.EmailVerified {
		return ""
	}
	key, _ := mail.Canonical(p.User.Email)
	return key
}

// actor is how audit records name p.
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

// Resolve turns the alias "me" into the principal's own id and leaves the rest as it is. For
// who is no user "me" is no alias: an empty id would stand for everybody in some places.
func (p *Principal) Resolve(ref string) UserID {
	if ref == "me" && p != nil && p.User.ID != "" {
		return p.User.ID
	}
	return UserID(ref)
}

// Operator returns a principal that may do everything: the host itself, for its command line
// and for code that has decided already. name goes into audit records as "operator:<name>".
// Never derive one from a request.
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

// userPrincipal compiles the rights of an actor: its user's present ones, under the session's
// ceiling.
func (s *Service) userPrincipal(a Actor, c CredentialKind) *Principal {
	p := &Principal{Kind: PrincipalUser, User: a.User, Session: a.Session, Credential: c}
	p.subject.Held = s.rightsOf(a.User)
	if a.Session.Scopes != nil {
		p.subject.Ceiling, _ = s.schema.SetOf(a.Session.Scopes, scopes.Self{User: string(a.User.ID)})
	}
	return p
}

// tokenPrincipal compiles the rights of an API token: its owner's present ones, under the
// token's scopes.
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

// groupsOf tells the groups of the principal's own user, which is all that showing effective
// scopes takes.
func (p *Principal) groupsOf(user string) []string {
	if user != string(p.User.ID) {
		return nil
	}
	return p.User.groupIDs()
}

// EffectiveScopes lists what the principal may do, expanded and sorted.
func (s *Service) EffectiveScopes(p *Principal) []string {
	return p.subject.Effective(p.groupsOf).Strings()
}

// needSession answers ErrSessionRequired unless a session of the caller's own stands behind the
// request. The host itself needs none.
func (p *Principal) needSession() error {
	if p.Kind == PrincipalOperator || p.Session.ID != "" {
		return nil
	}
	return ErrSessionRequired
}

// needFresh is needSession with a proof of identity that is at most Config.FreshFor old, else a
// ReauthError.
func (s *Service) needFresh(p *Principal) error {
	if err := p.needSession(); err != nil || p.Kind == PrincipalOperator {
		return err
	}
	if s.now().Sub(p.Session.ProvedAt) > s.cfg.FreshFor {
		return &ReauthError{MaxAge: s.cfg.FreshFor}
	}
	return nil
}

// touchEvery is how often the use of a cookie session is written down.
const touchEvery = time.Minute

// Authenticate tells who presents a bearer token: an access token or an API token. What it
// stands for and what its owner may do is read anew each time, in one statement, and once a
// minute another one notes the use. ErrTokenExpired (refresh), ErrTokenInvalid (sign in again).
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

// AuthenticateCookie tells who presents a session cookie, in as many statements. Errors as of
// Authenticate.
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

// touched is the principal of a session that is in use.
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

// checkActor judges what the store found.
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

// Guest returns the principal of a request without a credential: role guest. ErrUnauthenticated
// unless the settings allow guests.
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
