package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/token"
)

// SignInRequest is the input of SignIn and PasswordGrant.
type SignInRequest struct {
	Login    string // a username, or an email address if it has an "@"
	Password string
	// Scopes limit what the session may do; nil means no limit. ErrInvalidScope is returned
	// unless the user holds all of them.
	Scopes     []string
	ClientName string // a label of at most 64 bytes
	Remember   bool   // whether a cookie outlives the browser
	Client     Client
}

// want returns the session that the request asks for.
func (in SignInRequest) want(tokens bool) SessionWant {
	return SessionWant{Scopes: in.Scopes, ClientName: in.ClientName, Remember: in.Remember, Tokens: tokens}
}

// TokenAnswer is what a client without cookies gets when it signs in or refreshes.
type TokenAnswer struct {
	Access    string
	ExpiresIn int64        // life of Access in seconds
	Refresh   token.Secret // zero if there is none
	Scopes    []string     // what the session is limited to; nil for no limit
	User      User
	Session   Session
	Device    string // as in SignedIn; empty unless this is a new sign-in
}

// SignIn starts a session for a cookie.
//
// It returns ErrBadCredentials for an unknown user, for a user without a password and for a
// wrong password, after equal work, so that nobody learns which it was. Only after the right
// password does it return ErrAccountDisabled, ErrApprovalPending, ErrEmailUnverified or
// ErrInvalidScope.
//
// Before it checks the password, it can return ErrMethodOff, a LimitError, password.ErrBusy, or
// a FieldsError for a bad ClientName or a password that no account can have.
func (s *Service) SignIn(ctx context.Context, in SignInRequest) (SignedIn, error) {
	return s.signInByPassword(ctx, in, in.want(false))
}

// PasswordGrant starts a session that carries refresh tokens (RFC 6749 section 4.3). Its errors
// are those of SignIn, and ErrWrongSecret.
func (s *Service) PasswordGrant(ctx context.Context, in SignInRequest) (TokenAnswer, error) {
	if err := s.Ready(ctx); err != nil {
		return TokenAnswer{}, err
	}
	v, err := s.signInByPassword(ctx, in, in.want(true))
	if err != nil {
		return TokenAnswer{}, err
	}
	return s.Answer(ctx, v)
}

// Answer makes a TokenAnswer for a session that Attempt.Start has made with SessionWant.Tokens.
// Call Ready before Start, so that no session is made if its tokens can't be signed.
func (s *Service) Answer(ctx context.Context, v SignedIn) (TokenAnswer, error) {
	ring, err := s.signing.Ring(ctx)
	if err != nil {
		return TokenAnswer{}, err
	}
	t, err := s.tokens(ring, Actor{Session: v.Session, User: v.User}, v.Secret)
	t.Device = v.Device
	return t, err
}

// signInByPassword begins an attempt, verifies the password and starts the session.
func (s *Service) signInByPassword(ctx context.Context, in SignInRequest, want SessionWant) (SignedIn, error) {
	if err := want.Check(); err != nil {
		return SignedIn{}, err
	}
	at, err := s.beginPassword(ctx, in.Login, in.Password, in.Client)
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	// If the password is changed between verifying and starting, Start returns ErrStale, and
	// the second round decides with the new password.
	for range 2 {
		p, err := at.verifyPassword(ctx, in.Password)
		if err != nil {
			return SignedIn{}, fmt.Errorf("sign in: %w", err)
		}
		v, err := at.Start(ctx, p, want)
		if err == nil {
			return v, nil
		}
		if !errors.Is(err, ErrStale) {
			return SignedIn{}, fmt.Errorf("sign in: %w", err)
		}
		if err := at.reload(ctx); err != nil {
			return SignedIn{}, fmt.Errorf("sign in: %w", err)
		}
	}
	return SignedIn{}, fmt.Errorf("sign in: %w", at.Fail(ctx, ReasonWrongPassword))
}

// beginPassword begins an attempt with a password. It returns a FieldsError for a password that
// no account can have.
func (s *Service) beginPassword(ctx context.Context, login, pw string, c Client) (*Attempt, error) {
	if _, err := password.Normalize(pw); err != nil {
		return nil, passwordError("password", err)
	}
	return s.Begin(ctx, login, ByPassword, c)
}

// verifyPassword compares the password. It costs one hash, whatever the outcome.
func (at *Attempt) verifyPassword(ctx context.Context, pw string) (Proof, error) {
	a, hasher := at.read.Account, at.s.hasher
	if !at.read.Found || a.PasswordHash == "" {
		if err := hasher.VerifyDummy(ctx, pw); err != nil {
			at.Cancel(ctx)
			return Proof{}, err
		}
		if at.read.Found {
			return Proof{}, at.Fail(ctx, ReasonNoPassword)
		}
		return Proof{}, at.Fail(ctx, ReasonUnknownUser)
	}
	r, err := hasher.Verify(ctx, a.PasswordHash, pw)
	switch {
	case errors.Is(err, password.ErrUnknownHash):
		return Proof{}, at.Fail(ctx, ReasonUnknownHash)
	case err != nil:
		at.Cancel(ctx)
		return Proof{}, err
	case !r.Match:
		return Proof{}, at.Fail(ctx, ReasonWrongPassword)
	}
	p := Proof{User: a.ID, At: at.s.now()}
	if r.Rehash && a.Status == StatusActive {
		if hash, err := hasher.Hash(ctx, pw); err == nil {
			p.newHash = hash // on an error the old hash stays until the next sign-in
		}
	}
	return p, nil
}

// Reauthenticate checks the password of a signed-in user again, before sensitive changes. It
// makes the proof of identity of the caller's session fresh. A cookie session also gets a new
// secret, which is returned, and the old one stops working.
//
// Its errors are those of SignIn. It also returns ErrUnauthenticated for a nil caller, and
// ErrSessionRequired if the caller has no session.
func (s *Service) Reauthenticate(ctx context.Context, p *Principal, pw string, c Client) (token.Secret, error) {
	if p == nil {
		return token.Secret{}, ErrUnauthenticated
	}
	if p.Session.ID == "" {
		return token.Secret{}, ErrSessionRequired
	}
	a, err := s.account(ctx, s.st, p.User.ID)
	if err != nil {
		return token.Secret{}, err
	}
	if err := s.provePassword(ctx, p, a, pw, c); err != nil {
		return token.Secret{}, err
	}
	secret, err := s.refreshProof(ctx, s.st, p)
	if err != nil {
		return token.Secret{}, fmt.Errorf("reauthenticate: %w", err)
	}
	return secret, nil
}

// refreshProof stores that the caller has just proven who they are. A cookie session gets a new
// secret.
func (s *Service) refreshProof(ctx context.Context, st Store, p *Principal) (token.Secret, error) {
	var secret token.Secret
	if p.Credential == CredentialCookie {
		secret = token.New(token.Session)
	}
	_, err := st.UpdateSession(ctx, p.Session.ID, func(x *Session) error {
		x.ProvedAt = s.now()
		if !secret.IsZero() {
			x.TokenHash = secret.Hash()
		}
		return nil
	})
	if errors.Is(err, ErrNotFound) {
		err = ErrTokenInvalid
	}
	return secret, err
}

// provePassword verifies the password of a signed-in user. It counts as a sign-in for limits,
// and failures go into the login history.
func (s *Service) provePassword(ctx context.Context, p *Principal, a Account, pw string, c Client) error {
	login := a.Username
	if login == "" {
		login = a.Email
	}
	at, err := s.beginPassword(ctx, login, pw, c)
	if err != nil {
		return err
	}
	if at.read.Account.ID != a.ID {
		return ErrBadCredentials // the user was renamed meanwhile
	}
	if _, err := at.verifyPassword(ctx, pw); err != nil {
		return err
	}
	if err := at.admit(ctx, Proof{account: &at.read.Account}); err != nil {
		return err
	}
	return s.limits.Succeed(ctx, at.tries)
}
