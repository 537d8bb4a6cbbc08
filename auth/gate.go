package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// Proof says whose account a method of signing in has proven, and when.
type Proof struct {
	User UserID
	// At is when the person gave the proof. Start refuses a proof without a time. A method that
	// passes on an older proof sets the time of that one.
	At time.Time
	// Spend uses up a proof that works only once, in the transaction of the sign-in. It also
	// runs if the account is disabled or not approved yet. If Spend returns an error, Start
	// returns it. nil means that there is nothing to use up.
	Spend func(ctx context.Context, tx Tx) error

	account *Account // if the proof makes or takes over an account; then the gate uses it as it is
	newHash string   // the password hash that replaces the one that was verified; empty for none
	// settle is like Spend, for a proof that also changes the account. It updates account. If
	// refused is true, the status of the account forbids the sign-in.
	settle func(ctx context.Context, tx Tx, refused bool) error
}

// SessionWant says what kind of session a sign-in asks for.
type SessionWant struct {
	// Scopes limits the session to these scopes; nil means no limit. Start returns
	// ErrInvalidScope if the user does not hold them all.
	Scopes     []string
	ClientName string // a label of at most 64 bytes; see Check
	Remember   bool   // a cookie session outlives the browser
	Tokens     bool   // the session has refresh tokens instead of a cookie
}

// SignedIn is a new session and its secret.
type SignedIn struct {
	User    User
	Session Session
	Secret  token.Secret // for the cookie, or the refresh token
	Device  string       // a mark to keep on the device, for Client.Device of later sign-ins
}

// Start ends a try with a proof and makes a session. No other method makes sessions. Start
// checks the status of the account, the policy and the scopes. Then it spends the proof, runs
// the hook SigningIn, and writes the session and the login history, all in one transaction.
//
// If the proof is right, Start can still return ErrAccountDisabled, ErrApprovalPending,
// ErrEmailUnverified, ErrInvalidScope, ErrMethodOff, or an error of Spend or of the hook. It
// returns ErrStale if the password or the status of the account has changed since Begin; a
// method that verified the password then starts over. It returns ErrBadCredentials if the proof
// is not for the account that Begin found.
func (at *Attempt) Start(ctx context.Context, p Proof, want SessionWant) (SignedIn, error) {
	if p.At.IsZero() {
		at.Cancel(ctx)
		return SignedIn{}, errors.New("sign in: the proof has no time")
	}
	if err := want.Check(); err != nil {
		at.Cancel(ctx)
		return SignedIn{}, err
	}
	if p.account == nil {
		if !at.read.Found || p.User != at.read.Account.ID {
			return SignedIn{}, at.Fail(ctx, ReasonUnknownUser)
		}
		p.account = &at.read.Account
	}
	at.read.Account = *p.account // from here on, failures go to the login history of this account
	if !at.s.allows(at.settings, at.method) {
		return SignedIn{}, ErrMethodOff
	}
	if err := at.admit(ctx, p); err != nil {
		return SignedIn{}, err
	}
	if err := at.checkScopes(want.Scopes); err != nil {
		return SignedIn{}, at.refuse(ctx, ReasonInvalidScope, err)
	}
	session := at.newSession(p, want)
	secret := at.s.carrySession(&session, want)
	u, err := at.complete(ctx, p, session)
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{User: u, Session: session, Secret: secret, Device: at.s.deviceMark(u.ID, session.ID)}, nil
}

// admit returns an error if the status of the account or the policy forbids the sign-in. The
// proof was right, so the person may know why. If the status forbids it, the proof is spent all
// the same, so that it does not work a second time.
func (at *Attempt) admit(ctx context.Context, p Proof) error {
	a := p.account
	var refused error
	switch {
	case a.Status == StatusDisabled:
		refused = at.refuse(ctx, ReasonDisabled, ErrAccountDisabled)
	case a.Status != StatusActive:
		refused = at.refuse(ctx, ReasonPending, ErrApprovalPending)
	case !at.method.ProvesEmail && at.settings.ProvesAddresses() && a.EmailKey != "" && !a.EmailVerified:
		return at.refuse(ctx, ReasonUnverified, ErrEmailUnverified)
	default:
		return nil
	}
	if p.Spend == nil && p.settle == nil {
		return refused
	}
	err := at.s.Tx(ctx, func(tx Tx) error { return p.spend(ctx, tx, true) })
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return refused
}

// spend uses up the proof.
func (p Proof) spend(ctx context.Context, tx Tx, refused bool) error {
	if p.Spend != nil {
		if err := p.Spend(ctx, tx); err != nil {
			return err
		}
	}
	if p.settle != nil {
		return p.settle(ctx, tx, refused)
	}
	return nil
}

// complete spends the proof and writes the session and the login history. It returns ErrStale,
// and makes no session, unless the account is still active and has the password that it had.
func (at *Attempt) complete(ctx context.Context, p Proof, x Session) (u User, err error) {
	l := newLogin(x.User, at.method.Name, at.client, at.settings, x.CreatedAt)
	l.Outcome, l.Session = Success, x.ID
	before := *p.account
	err = at.s.Tx(ctx, func(tx Tx) error {
		*p.account = before // undo what an earlier run of this transaction changed
		if err := p.spend(ctx, tx, false); err != nil {
			return err
		}
		in := SignIn{OldHash: p.account.PasswordHash, NewHash: p.account.PasswordHash, Login: l, Session: x}
		if p.newHash != "" {
			in.NewHash = p.newHash
		}
		u = p.account.User
		u.LastLoginAt = x.CreatedAt
		if err := tx.st.CompleteSignIn(ctx, in); err != nil {
			return err
		}
		return at.s.cfg.Hooks.signingIn(ctx, tx, u, x)
	})
	switch {
	case err == nil:
		return u, at.s.limits.Succeed(ctx, at.tries)
	case errors.Is(err, ErrStale), errors.Is(err, ErrBadCredentials):
		return u, err
	case errors.Is(err, ErrRefused), errors.Is(err, ErrInvalidInput):
		return u, at.refuse(ctx, ReasonRefused, err)
	}
	at.Cancel(ctx)
	return u, err
}

// newSession returns the session that a proof starts, without its secret.
func (at *Attempt) newSession(p Proof, want SessionWant) Session {
	now := at.s.now()
	life := at.settings.Session
	x := Session{
		ID: SessionID(newID(now)), User: p.account.ID, Method: at.method.Name, ClientName: want.ClientName,
		IP: address(at.settings, at.client), UserAgent: agent(at.client), CreatedAt: now, LastSeenAt: now,
		ProvedAt: earlier(storable(p.At), now), ExpiresAt: now.Add(life.Idle), EndsAt: now.Add(life.Absolute),
		Idle: life.Idle,
	}
	if want.Scopes != nil {
		x.Scopes = sortedUnique(want.Scopes)
	}
	if !want.Remember && !want.Tokens {
		x.Idle = min(x.Idle, day)
		x.ExpiresAt = now.Add(x.Idle)
	}
	return x
}

// carrySession gives a session its secret, which is for a cookie or the first refresh token.
func (s *Service) carrySession(x *Session, want SessionWant) token.Secret {
	secret := token.New(token.Session)
	if want.Tokens {
		x.Refreshes, x.Salt = true, newSalt()
		secret = s.refreshToken(*x, 0)
	}
	x.TokenHash = secret.Hash()
	return secret
}

// newSalt returns random bytes from which the refresh tokens of a session are derived.
func newSalt() []byte {
	b := make([]byte, 16)
	rand.Read(b) // never fails
	return b
}

// checkScopes returns ErrInvalidScope unless the user holds all scopes that the session asks
// for.
func (at *Attempt) checkScopes(list []string) error {
	if list == nil {
		return nil
	}
	u := at.read.Account.User
	return at.s.scopesWithin(list, u.ID, at.s.rightsOf(u))
}

// Check returns a FieldsError if ClientName is not valid. Start checks it again. A method that
// calls Check before Begin saves the work of a proof that comes to nothing.
func (w SessionWant) Check() error { return checkClientName(w.ClientName) }

// sortedUnique returns a sorted copy of list without duplicates. It is never nil.
func sortedUnique(list []string) []string {
	out := append([]string{}, list...)
	slices.Sort(out)
	return slices.Compact(out)
}

// checkClientName returns a FieldsError for a bad client name.
func checkClientName(name string) error {
	if len(name) > 64 || !plainText(name) {
		return FieldError{
			Field: "client_name", Code: CodeInvalid,
			Detail: "A client name has at most 64 bytes and no control characters.",
		}.Err()
	}
	return nil
}

// scopesWithin returns ErrInvalidScope if a scope in list is unknown or not within ceiling.
func (s *Service) scopesWithin(list []string, id UserID, ceiling *scopes.Set) error {
	want, unknown := s.schema.SetOf(list, scopes.Self{User: string(id)})
	if len(unknown) > 0 || len(scopes.Subject{Held: ceiling}.Excess(want, "", nil)) > 0 {
		return ErrInvalidScope
	}
	return nil
}
