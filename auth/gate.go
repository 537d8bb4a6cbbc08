package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hallpass-go/hallpass/auth/token"
)

// Proof is what a method of signing in hands to the gate: whose account was proven, and when.
type Proof struct {
	User UserID
	// At is when the person gave the proof. A proof without a time is refused. A method that
	// only passes on an older proof gives the time of that one.
	At time.Time
	// Spend uses up what can be presented once, in the transaction of the sign-in. It also runs
	// where the status of the account forbids the sign-in. An error of it is the answer. nil
	// means nothing.
	Spend func(ctx context.Context, tx Tx) error

	account *Account // the account, where the proof makes or takes it; the gate then does not read it
	newHash string   // the password hash that replaces the one that was verified; empty for none
	// settle is Spend for what also changes the account: it brings account up to date. refused
	// says that the status forbids the sign-in.
	settle func(ctx context.Context, tx Tx, refused bool) error
}

// SessionWant says what session a sign-in asks for.
type SessionWant struct {
	// Scopes is a ceiling that the session gives itself; nil for none. ErrInvalidScope if it is
	// above the user's rights.
	Scopes     []string
	ClientName string // a label of at most 64 bytes
	Remember   bool   // for a cookie: outlive the browser
	Tokens     bool   // the session carries refresh tokens instead of a cookie
}

// SignedIn is a new session with the secret that carries it.
type SignedIn struct {
	User    User
	Session Session
	Secret  token.Secret // of the cookie, or the refresh token
	Device  string       // mark to keep on the device: Client.Device of later sign-ins
}

// Start ends a try with a proof: this is the one place where sessions are made. It checks the
// status of the account, the policy and the scopes, spends the proof, runs the hook SigningIn,
// and writes session and login history, all in one transaction.
//
// After a right proof: ErrAccountDisabled, ErrApprovalPending, ErrEmailUnverified,
// ErrInvalidScope, ErrMethodOff, what Spend or the hook answer. ErrStale if the account's
// password changed since Begin; a method that verified it then starts over.
func (at *Attempt) Start(ctx context.Context, p Proof, want SessionWant) (SignedIn, error) {
	if p.At.IsZero() {
		at.Cancel(ctx)
		return SignedIn{}, errors.New("sign in: a proof without a time")
	}
	if p.account == nil {
		if !at.read.Found || p.User != at.read.Account.ID {
			return SignedIn{}, at.Fail(ctx, ReasonUnknownUser)
		}
		p.account = &at.read.Account
	}
	at.read.Account = *p.account // the login history is the account's from here on
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

// admit tells the owner, who has given a right proof, what stands in the way, and spends the
// proof then: it is worth nothing a second time.
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

// spend uses the proof up.
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

// complete writes session and history: the session exists if and only if the account is still
// active with the password that it had. ErrStale if not.
func (at *Attempt) complete(ctx context.Context, p Proof, x Session) (u User, err error) {
	l := newLogin(x.User, at.method.Name, at.client, at.settings, x.CreatedAt)
	l.Outcome, l.Session = Success, x.ID
	before := *p.account
	err = at.s.Tx(ctx, func(tx Tx) error {
		*p.account = before // a transaction that starts over begins anew
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

// newSession is the session that a proof starts.
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

// carrySession gives a session what carries it: a cookie, or its first refresh token.
func (s *Service) carrySession(x *Session, want SessionWant) token.Secret {
	secret := token.New(token.Session)
	if want.Tokens {
		x.Refreshes, x.Salt = true, newSalt()
		secret = s.refreshToken(*x, 0)
	}
	x.TokenHash = secret.Hash()
	return secret
}

func newSalt() []byte {
	b := make([]byte, 16)
	rand.Read(b) // never fails
	return b
}

// checkScopes returns ErrInvalidScope unless the user now holds all that the session asks for.
func (at *Attempt) checkScopes(list []string) error {
	if list == nil {
		return nil
	}
	u := at.read.Account.User
	return at.s.scopesWithin(list, u.ID, at.s.rightsOf(u))
}

// Check judges what can be judged before anything is verified: a FieldsError.
func (w SessionWant) Check() error { return checkClientName(w.ClientName) }

// sortedUnique returns a sorted copy without duplicates; never nil.
func sortedUnique(list []string) []string {
	out := append([]string{}, list...)
	slices.Sort(out)
	return slices.Compact(out)
}
