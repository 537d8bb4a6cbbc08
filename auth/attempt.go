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

// Attempt is one try to sign in, by whatever method. Service.Begin makes it; it ends with Fail,
// Cancel or Start. It is not for concurrent use.
type Attempt struct {
	s        *Service
	method   SignInMethod
	client   Client
	key      string // the canonical login; empty where no account can have what was typed
	read     SignInRead
	settings policy.Settings
	tries    limit.Tries
}

// Begin begins a try to sign in as login, which is a username, or an email address if it has an
// "@". It takes the tries before anything is verified, so that guessing is slow whatever the
// method.
//
// ErrMethodOff, a LimitError, or an error of the store. An unknown login is no error: ask
// Found, and do the same work before Fail.
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
		account = "invalid" // all names that can't exist share one budget
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

// BeginFor begins a try to sign in to an account that what was presented names by itself, such
// as a device code. The method has counted its own tries.
//
// ErrMethodOff, ErrNotFound, or an error of the store.
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

// reload reads the account and the settings as they are now.
func (at *Attempt) reload(ctx context.Context) (err error) {
	if at.read, err = at.s.st.ReadSignIn(ctx, at.key); err != nil {
		return err
	}
	at.settings, err = at.s.parseSettings(at.read.Settings)
	return err
}

// Found tells whether there is an account to sign in to.
func (at *Attempt) Found() bool { return at.read.Found }

// User is the account to sign in to; zero where there is none.
func (at *Attempt) User() User { return at.read.Account.User }

// Fail ends the try: what was presented is wrong. It records the reason in the login history of
// the account and returns ErrBadCredentials, or an error of the store. The tries stay counted.
func (at *Attempt) Fail(ctx context.Context, reason string) error {
	return orElse(at.record(ctx, reason), ErrBadCredentials)
}

// Cancel ends a try in which nothing was verified, and gives the tries back.
func (at *Attempt) Cancel(ctx context.Context) { at.s.limits.GiveBack(ctx, at.tries.All...) }

// refuse ends the try after a right proof: the person is told what stands in the way, and the
// tries go back.
func (at *Attempt) refuse(ctx context.Context, reason string, err error) error {
	if err := at.s.limits.Succeed(ctx, at.tries); err != nil {
		return err
	}
	return orElse(at.record(ctx, reason), err)
}

// noteThrottled records a refused try, at most once a minute for an account. Refused tries on
// names that nobody has are not recorded: there is no end of them, and the history must not be
// a way to fill the disk.
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

// Client is where a request comes from.
type Client struct {
	IP        netip.Addr // of the person; the zero Addr if unknown
	UserAgent string
	Device    string // the mark that an earlier sign-in from this device got; empty without one
}

// Network is the part of the address that one party controls, whose tries are counted together.
func (c Client) Network() limit.Network { return limit.NetworkOf(c.IP) }

// deviceMark makes the mark of a device that has just signed in to the account. It proves
// nothing but that.
func (s *Service) deviceMark(id UserID, session SessionID) string {
	return string(session) + "." + base64.RawURLEncoding.EncodeToString(s.deviceMAC(id, string(session)))
}

func (s *Service) deviceMAC(id UserID, name string) []byte {
	mac := hmac.New(sha256.New, s.keys.devices)
	mac.Write([]byte(string(id) + "." + name))
	return mac.Sum(nil)
}

// knownDevice tells whether a mark was made for the account.
func (s *Service) knownDevice(id UserID, mark string) bool {
	const name = 36 // a UUID
	if len(mark) < name+1 || mark[name] != '.' || !IsID(mark[:name]) {
		return false
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(mark[name+1:])
	return err == nil && hmac.Equal(mac, s.deviceMAC(id, mark[:name]))
}
