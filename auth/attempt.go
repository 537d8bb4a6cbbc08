package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth/password"
)

// attempt is one try to sign in, whatever the method. complete is where every
// sign-in ends; a second factor belongs there.
type attempt struct {
	s        *Service
	method   Method
	key      string // canonical login; empty if no account can have it
	typed    string // what stands for the account where there is none
	client   Client
	read     SignInRead
	settings Settings
	tries    tries
	newHash  string // the stored hash, or its replacement
	// what completing takes beside the session, in its transaction; nil for nothing
	before func(ctx context.Context, tx Tx) error
}

// begin parses the settings and takes the tries, before any hashing.
func (at *attempt) begin(ctx context.Context) (err error) {
	if at.settings, err = at.s.parseSettings(at.read.Settings); err != nil {
		return err
	}
	if !slices.Contains(at.settings.SignInMethods, at.method) {
		return ErrMethodOff
	}
	account := at.typed
	if at.read.Found {
		account = string(at.read.Account.ID)
	}
	at.tries = at.s.signInTries(account, at.client)
	err = at.s.take(ctx, at.tries)
	if errors.Is(err, ErrTooManyAttempts) {
		at.noteThrottled(ctx, account)
	}
	return err
}

// noteThrottled records a refused try, one a minute for an account at most, and none for names
// that nobody has, of which there is no end: the history must not be a way to fill the disk.
func (at *attempt) noteThrottled(ctx context.Context, account string) {
	if !at.read.Found {
		return
	}
	note := at.s.bucket(Limit{1, time.Minute}, "throttled", account)
	if at.s.take(ctx, tries{all: []Take{note}}) == nil {
		_ = at.record(ctx, ReasonThrottled)
	}
}

// verify compares the password and the status. Whatever the outcome it costs one hash.
func (at *attempt) verify(ctx context.Context, pw string) error {
	a := at.read.Account
	if !at.read.Found || a.PasswordHash == "" {
		if err := at.s.hasher.VerifyDummy(ctx, pw); err != nil {
			return at.unverified(ctx, err)
		}
		reason := ReasonUnknownUser
		if at.read.Found {
			reason = ReasonNoPassword
		}
		return at.fail(ctx, reason, ErrBadCredentials)
	}
	r, err := at.s.hasher.Verify(ctx, a.PasswordHash, pw)
	switch {
	case errors.Is(err, password.ErrUnknownHash):
		return at.fail(ctx, ReasonUnknownHash, ErrBadCredentials)
	case err != nil:
		return at.unverified(ctx, err)
	case !r.Match:
		return at.fail(ctx, ReasonWrongPassword, ErrBadCredentials)
	}
	if err := at.checkStatus(ctx); err != nil {
		return err
	}
	at.newHash = a.PasswordHash
	if r.Rehash {
		if hash, err := at.s.hasher.Hash(ctx, pw); err == nil {
			at.newHash = hash // else the old one does until the next time
		}
	}
	return nil
}

// checkStatus tells the owner, who has given the right password or code, what stands in the
// way.
func (at *attempt) checkStatus(ctx context.Context) error {
	a := at.read.Account
	switch {
	case a.Status == StatusDisabled:
		return at.fail(ctx, ReasonDisabled, ErrAccountDisabled)
	case a.Status != StatusActive:
		return at.fail(ctx, ReasonPending, ErrApprovalPending)
	case at.method == MethodPassword && at.settings.provesAddresses() && a.EmailKey != "" && !a.EmailVerified:
		return at.fail(ctx, ReasonUnverified, ErrEmailUnverified)
	}
	return nil
}

// unverified gives the tries back: nothing was learned.
func (at *attempt) unverified(ctx context.Context, err error) error {
	at.s.cancel(ctx, at.tries)
	return err
}

// fail records a failed login and returns err. After a right password the tries go back.
func (at *attempt) fail(ctx context.Context, reason string, err error) error {
	if !errors.Is(err, ErrBadCredentials) {
		if err := at.s.succeed(ctx, at.tries); err != nil {
			return err
		}
	}
	if err := at.record(ctx, reason); err != nil {
		return err
	}
	return err
}

// record adds a failure to the login history.
func (at *attempt) record(ctx context.Context, reason string) error {
	l := at.login(at.s.now())
	l.Outcome, l.Reason = Failure, reason
	if err := at.s.st.AddLogin(ctx, l); err != nil {
		return fmt.Errorf("record login: %w", err)
	}
	return nil
}

func (at *attempt) login(now time.Time) Login {
	return Login{
		ID: LoginID(newID(now)), User: at.read.Account.ID, At: now, Method: at.method,
		IP: at.settings.address(at.client), UserAgent: agent(at.client),
	}
}

// newSession is the session that a completed attempt starts.
func (at *attempt) newSession(in SignInRequest) Session {
	now := at.s.now()
	life := at.settings.Session
	x := Session{
		ID: SessionID(newID(now)), User: at.read.Account.ID, Method: at.method, ClientName: in.ClientName,
		IP: at.settings.address(in.Client), UserAgent: agent(in.Client), CreatedAt: now, LastSeenAt: now, ProvedAt: now,
		ExpiresAt: now.Add(life.Idle), EndsAt: now.Add(life.Absolute), Idle: life.Idle,
	}
	if in.Scopes != nil {
		x.Scopes = sortedUnique(in.Scopes)
	}
	return x
}

// complete ends every sign-in: the session exists if and only if the account is still
// active with the password that was verified. ErrStale if not.
func (at *attempt) complete(ctx context.Context, x Session) error {
	l := at.login(x.CreatedAt)
	l.Outcome, l.Session = Success, x.ID
	var u User
	read, hash := at.read, at.newHash
	err := at.s.Tx(ctx, func(tx Tx) error {
		at.read, at.newHash = read, hash // a transaction that starts over begins anew
		if at.before != nil {
			if err := at.before(ctx, tx); err != nil {
				return err
			}
		}
		u = at.read.Account.User
		u.LastLoginAt = x.CreatedAt
		err := tx.st.CompleteSignIn(
			ctx, SignIn{OldHash: at.read.Account.PasswordHash, NewHash: at.newHash, Login: l, Session: x},
		)
		if err != nil {
			return err
		}
		return at.s.cfg.Hooks.signingIn(ctx, tx, u, x)
	})
	switch {
	case errors.Is(err, ErrStale), at.before != nil && errors.Is(err, ErrBadCredentials):
		return err
	case errors.Is(err, ErrRefused), errors.Is(err, ErrInvalidInput):
		return at.fail(ctx, ReasonRefused, err)
	case err != nil:
		return at.unverified(ctx, err)
	}
	at.read.Account.User = u
	return at.s.succeed(ctx, at.tries)
}

// address is the client's address as the settings let it be kept.
func (s Settings) address(c Client) string {
	if s.Retention.NoAddresses || !c.IP.IsValid() {
		return ""
	}
	return c.IP.Unmap().WithZone("").String()
}

// agent is the user agent, cut to what is worth keeping.
func agent(c Client) string { return clipText(c.UserAgent) }

// clipText makes text from outside fit to be kept: printable and at most 255 bytes.
func clipText(text string) string {
	const most = 255
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// sortedUnique returns a sorted copy without duplicates; never nil.
func sortedUnique(list []string) []string {
	out := append([]string{}, list...)
	slices.Sort(out)
	return slices.Compact(out)
}

func newSalt() []byte {
	b := make([]byte, 16)
	rand.Read(b) // never fails
	return b
}
