package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"

	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// Attempt is one try to sign in, by any method. Service.Begin or Service.BeginFor begins it,
// and Start, Fail or Cancel ends it. It is not safe for concurrent use.
type Attempt struct {
	s        *Service
	method   SignInMethod
	client   Client
	key      string // the canonical login; empty if no account can have what was typed
	read     SignInRead
	settings policy.Settings
	tries    limit.Tries
}

// Begin begins a try to sign in as login, which is a username, or an email address if it has an
// "@". Begin counts the try before anything is verified, so that guessing is slow with every
// method.
//
// Begin returns ErrMethodOff if the method is switched off or not known, a LimitError if there
// were too many tries, or an error of the store. An unknown login is not an error. If Found
// reports false, the method does as much work as for an account that exists, and then calls
// Fail.
func (s *Service) Begin(ctx context.Context, login string, m SignInMethod, c Client) (*Attempt, error) {
	at := &Attempt{s: s, method: m, key: s.loginKey(login), client: c}
	if err := at.reload(ctx); err != nil {
		return nil, err
	}
	if !s.allows(at.settings, m) {
		return nil, ErrMethodOff
	}
	account := at.key
	switch {
	case at.read.Found:
		account = string(at.read.Account.ID)
	case at.key == "":
		account = "invalid" // all names that no account can have share one budget
	}
	at.tries = s.limits.SignIn(account, c.Network())
	if s.knownDevice(UserID(account), c.Device) {
		at.tries = s.limits.SignInFromDevice(account, c.Device)
	}
	err := s.limits.Take(ctx, at.tries.All...)
	if errors.Is(err, ErrTooManyAttempts) {
		at.noteThrottled(ctx, account)
	}
	if err != nil {
		return nil, err
	}
	return at, nil
}

// BeginFor begins a try to sign in to an account that is known without a login, for example
// from a device code. It counts no try: the method does that itself.
//
// BeginFor returns ErrMethodOff if the method is switched off or not known, ErrNotFound if
// there is no such account, or an error of the store.
func (s *Service) BeginFor(ctx context.Context, id UserID, m SignInMethod, c Client) (*Attempt, error) {
	at := &Attempt{s: s, method: m, client: c}
	var err error
	if at.settings, err = s.settings(ctx, s.st); err != nil {
		return nil, err
	}
	if !s.allows(at.settings, m) {
		return nil, ErrMethodOff
	}
	if at.read.Account, err = s.account(ctx, s.st, id); err != nil {
		return nil, err
	}
	at.read.Found = true
	return at, nil
}

// reload reads the account and the settings again.
func (at *Attempt) reload(ctx context.Context) (err error) {
	if at.read, err = at.s.st.ReadSignIn(ctx, at.key); err != nil {
		return err
	}
	at.settings, err = at.s.parseSettings(at.read.Settings)
	return err
}

// Found reports whether there is an account to sign in to.
func (at *Attempt) Found() bool { return at.read.Found }

// User returns the user to sign in as. It is zero if Found reports false.
func (at *Attempt) User() User { return at.read.Account.User }

// Fail ends the try because the proof was wrong. It records the reason in the login history,
// and returns ErrBadCredentials or an error of the store. The try stays counted.
func (at *Attempt) Fail(ctx context.Context, reason string) error {
	return orElse(at.record(ctx, reason), ErrBadCredentials)
}

// Cancel ends a try in which nothing was verified. The try does not stay counted.
func (at *Attempt) Cancel(ctx context.Context) { at.s.limits.GiveBack(ctx, at.tries.All...) }

// refuse ends the try although the proof was right. It gives the try back, records the reason
// and returns err, which tells the person what stands in the way.
func (at *Attempt) refuse(ctx context.Context, reason string, err error) error {
	if err := at.s.limits.Succeed(ctx, at.tries); err != nil {
		return err
	}
	return orElse(at.record(ctx, reason), err)
}

// noteThrottled records that a try was refused, at most once a minute for each account. It does
// not record tries on unknown names: there is no end of these, and nobody must be able to fill
// the disk with them.
func (at *Attempt) noteThrottled(ctx context.Context, account string) {
	if !at.read.Found {
		return
	}
	if at.s.limits.Take(ctx, at.s.limits.NoteThrottled(account)) == nil {
		_ = at.record(ctx, ReasonThrottled)
	}
}

// record adds a failure to the login history.
func (at *Attempt) record(ctx context.Context, reason string) error {
	l := newLogin(at.read.Account.ID, at.method.Name, at.client, at.settings, at.s.now())
	l.Outcome, l.Reason = Failure, reason
	if err := at.s.st.AddLogin(ctx, l); err != nil {
		return fmt.Errorf("record login: %w", err)
	}
	return nil
}

// Client says where a request comes from.
type Client struct {
	IP        netip.Addr // address of the person, not of a proxy; the zero Addr if unknown
	UserAgent string
	Device    string // SignedIn.Device of an earlier sign-in on this device; empty if there is none
}

// Network returns the part of the address that one party controls. Tries from one network are
// counted together.
func (c Client) Network() limit.Network { return limit.NetworkOf(c.IP) }

// deviceMark makes the mark of a device that has just signed in to the account. The mark proves
// only that.
func (s *Service) deviceMark(id UserID, session SessionID) string {
	return string(session) + "." + base64.RawURLEncoding.EncodeToString(s.deviceMAC(id, string(session)))
}

// deviceMAC authenticates the mark of the given name for the account.
func (s *Service) deviceMAC(id UserID, name string) []byte {
	mac := hmac.New(sha256.New, s.keys.devices)
	mac.Write([]byte(string(id) + "." + name))
	return mac.Sum(nil)
}

// knownDevice reports whether deviceMark made the mark for the account.
func (s *Service) knownDevice(id UserID, mark string) bool {
	const name = 36 // a UUID
	if len(mark) < name+1 || mark[name] != '.' || !IsID(mark[:name]) {
		return false
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(mark[name+1:])
	return err == nil && hmac.Equal(mac, s.deviceMAC(id, mark[:name]))
}
