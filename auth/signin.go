package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// SignInRequest is a password with what it is for.
type SignInRequest struct {
	Login    string // username, or email if it has an "@"
	Password string
	// Scopes is a ceiling that the session gives itself; nil for none. ErrInvalidScope if it is
	// above the user's rights.
	Scopes     []string
	ClientName string // a label of at most 64 bytes
	Remember   bool   // for cookies: outlive the browser
	Client     Client
}

// SignedIn is a new session that a cookie carries.
type SignedIn struct {
	User    User
	Session Session
	Secret  token.Secret // of the cookie
	Device  string       // mark to keep on the device: Client.Device of later sign-ins
}

// Tokens are what a client without cookies gets.
type Tokens struct {
	Access    string
	ExpiresIn int64        // seconds
	Refresh   token.Secret // zero if there is none
	Scopes    []string     // the session's ceiling; nil for none
	User      User
	Session   Session
	Device    string // as in SignedIn; empty when no password was given
}

// SignIn starts a session for a cookie.
//
// One answer, ErrBadCredentials, stands for an unknown user, no password and a wrong one, after
// equal work. Only after a right password: ErrAccountDisabled, ErrApprovalPending,
// ErrEmailUnverified, ErrInvalidScope. Before any work: a LimitError, password.ErrBusy,
// ErrMethodOff, or a FieldsError for a password that no account can have.
func (s *Service) SignIn(ctx context.Context, in SignInRequest) (SignedIn, error) {
	return s.signInForCookie(ctx, in, s.passwordSignIn)
}

// signInWay is a way to sign in: it verifies, and completes the sign-in of a session that carry
// has equipped.
type signInWay func(ctx context.Context, in SignInRequest, carry func(*Session)) (Session, User, error)

// signInForCookie starts a session that a cookie carries.
func (s *Service) signInForCookie(ctx context.Context, in SignInRequest, by signInWay) (SignedIn, error) {
	if err := checkClientName(in.ClientName); err != nil {
		return SignedIn{}, err
	}
	secret := token.New(token.Session)
	session, user, err := by(ctx, in, func(x *Session) {
		x.TokenHash = secret.Hash()
		if !in.Remember {
			x.Idle = min(x.Idle, day)
			x.ExpiresAt = x.CreatedAt.Add(x.Idle)
		}
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	return SignedIn{User: user, Session: session, Secret: secret, Device: s.deviceMark(user.ID, session.ID)}, nil
}

// PasswordGrant starts a session that carries refresh tokens (RFC 6749 section 4.3). Errors as
// of SignIn.
func (s *Service) PasswordGrant(ctx context.Context, in SignInRequest) (Tokens, error) {
	return s.signInForTokens(ctx, in, s.passwordSignIn)
}

// signInForTokens starts a session that refresh tokens carry.
func (s *Service) signInForTokens(ctx context.Context, in SignInRequest, by signInWay) (Tokens, error) {
	if err := checkClientName(in.ClientName); err != nil {
		return Tokens{}, err
	}
	ring, err := s.signingRing(ctx)
	if err != nil {
		return Tokens{}, err
	}
	var refresh token.Secret
	session, user, err := by(ctx, in, func(x *Session) {
		x.Refreshes, x.Salt = true, newSalt()
		refresh = s.refreshToken(*x, 0)
		x.TokenHash = refresh.Hash()
	})
	if err != nil {
		return Tokens{}, fmt.Errorf("sign in: %w", err)
	}
	t, err := s.tokens(ring, Actor{Session: session, User: user}, refresh)
	t.Device = s.deviceMark(user.ID, session.ID)
	return t, err
}

// checkClientName judges the label of a client.
func checkClientName(name string) error {
	if len(name) > 64 || !plainText(name) {
		return &FieldsError{Fields: []FieldError{
			{Field: "client_name", Code: CodeInvalid, Detail: "At most 64 bytes without control characters."},
		}}
	}
	return nil
}

// passwordSignIn is the way to sign in with a password.
func (s *Service) passwordSignIn(ctx context.Context, in SignInRequest, carry func(*Session)) (Session, User, error) {
	at, err := s.beginPassword(ctx, in.Login, in.Password, in.Client)
	if err != nil {
		return Session{}, User{}, err
	}
	// A password that is changed between verifying and completing makes the completion stale;
	// the second round then decides with the new one.
	for range 2 {
		if err = at.verify(ctx, in.Password); err != nil {
			return Session{}, User{}, err
		}
		session := at.newSession(in)
		if err = at.checkScopes(in.Scopes); err != nil {
			return Session{}, User{}, at.fail(ctx, ReasonInvalidScope, err)
		}
		carry(&session)
		if err = at.complete(ctx, session); err == nil {
			return session, at.read.Account.User, nil
		}
		if !errors.Is(err, ErrStale) {
			return Session{}, User{}, err
		}
		if at.read, err = s.st.ReadSignIn(ctx, at.key); err != nil {
			return Session{}, User{}, err
		}
	}
	return Session{}, User{}, at.fail(ctx, ReasonWrongPassword, ErrBadCredentials)
}

// beginPassword reads what a sign-in needs and takes its tries.
func (s *Service) beginPassword(ctx context.Context, login, pw string, c Client) (*attempt, error) {
	if _, err := password.Normalize(pw); err != nil {
		return nil, passwordError("password", err)
	}
	at := &attempt{s: s, method: MethodPassword, key: s.loginKey(login), client: c}
	if at.key == "" {
		at.typed = "invalid" // all names that can't exist share one budget
	} else {
		at.typed = at.key
	}
	var err error
	if at.read, err = s.st.ReadSignIn(ctx, at.key); err != nil {
		return nil, err
	}
	return at, at.begin(ctx)
}

// checkScopes returns ErrInvalidScope unless the user now holds all that the session asks for.
func (at *attempt) checkScopes(list []string) error {
	if list == nil {
		return nil
	}
	u := at.read.Account.User
	return at.s.scopesWithin(list, u.ID, at.s.rightsOf(u))
}

// scopesWithin returns ErrInvalidScope if a scope in list is unknown or above the ceiling.
func (s *Service) scopesWithin(list []string, id UserID, ceiling *scopes.Set) error {
	want, unknown := s.schema.SetOf(list, scopes.Self{User: string(id)})
	if len(unknown) > 0 || len(scopes.Subject{Held: ceiling}.Excess(want, "", nil)) > 0 {
		return ErrInvalidScope
	}
	return nil
}
