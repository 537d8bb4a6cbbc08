package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Limit is a bucket of tries: Burst at once, then one each Interval.
type Limit struct {
	Burst    int           // 1 to 1,000,000
	Interval time.Duration // 1 millisecond to 24 hours
}

// Limits slow guessing. Counters live in the store, so replicas share them. A
// successful sign-in fills the account's buckets again and gives its network the try back.
type Limits struct {
	Account     Limit // failed tries on one account from everywhere; default 50, then one each 30 seconds
	AccountLong Limit // the same over days; default 100, then one each 15 minutes
	Pair        Limit // on one account from one network; default 20, then one a minute
	Network     Limit // on any account from one network; default 300, then one each 2 seconds
	// in place of all these, and under an AccountLong of all such devices, from a device that
	// signed in to the account before; default 20, then one a minute
	Device      Limit
	Rename      Limit // of one's own account; default 5, then one each 24 hours
	ShareCode   Limit // share codes presented by one user; default 60, then one each 5 seconds
	SignUp      Limit // accounts made from one network; default 500, then one each 5 seconds
	Mail        Limit // with codes to one address; default 5, then one an hour
	MailLong    Limit // the same over days; default 10, then one each 3 hours
	MailNetwork Limit // asked for by one network; default 300, then one each 10 seconds
	Codes       Limit // typed wrong for one address, over all flows; default 20, then one each 72 minutes
	UserCodes   Limit // of devices, looked up or decided by one user; default 20, then one a minute
}

func (l Limits) withDefaults() (Limits, error) {
	var errs []error
	for _, d := range []struct {
		name string
		l    *Limit
		def  Limit
	}{
		{"account", &l.Account, Limit{50, 30 * time.Second}},
		{"account long", &l.AccountLong, Limit{100, 15 * time.Minute}},
		{"pair", &l.Pair, Limit{20, time.Minute}},
		{"network", &l.Network, Limit{300, 2 * time.Second}},
		{"device", &l.Device, Limit{20, time.Minute}},
		{"rename", &l.Rename, Limit{5, 24 * time.Hour}},
		{"share code", &l.ShareCode, Limit{60, 5 * time.Second}},
		{"sign up", &l.SignUp, Limit{500, 5 * time.Second}},
		{"mail", &l.Mail, Limit{5, time.Hour}},
		{"mail long", &l.MailLong, Limit{10, 3 * time.Hour}},
		{"mail network", &l.MailNetwork, Limit{300, 10 * time.Second}},
		{"codes", &l.Codes, Limit{20, 72 * time.Minute}},
		{"user codes", &l.UserCodes, Limit{20, time.Minute}},
	} {
		def(d.l, d.def)
		if err := d.l.check(); err != nil {
			errs = append(errs, fmt.Errorf("limit %s: %w", d.name, err))
		}
	}
	return l, errors.Join(errs...)
}

func (l Limit) check() error {
	if l.Burst < 1 || l.Burst > 1_000_000 || l.Interval < time.Millisecond || l.Interval > 24*time.Hour {
		return errors.New("burst 1 to 1,000,000, interval 1ms to 24h")
	}
	return nil
}

// Client is where a request comes from.
type Client struct {
	IP        netip.Addr // of the person; the zero Addr if unknown
	UserAgent string
	Device    string // the mark that an earlier sign-in from this device got; empty without one
}

// network is the part of the address that one party controls: an IPv4 address or an IPv6 /64.
func (c Client) network() string {
	ip := c.IP.Unmap().WithZone("")
	if ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// tries are the buckets that one attempt takes from.
type tries struct {
	full []string // filled by a success
	one  []Take   // given back by a success
	all  []Take
}

// bucket names a bucket without telling whose it is: the name is a keyed hash.
func (s *Service) bucket(l Limit, parts ...string) Take {
	mac := hmac.New(sha256.New, s.keys.limits)
	for _, p := range parts {
		fmt.Fprintf(mac, "%d:%s", len(p), p)
	}
	name := parts[0] + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
	return Take{Key: name, Interval: l.Interval, Burst: l.Burst}
}

// signInTries are the buckets of an attempt on account, which is a user id, or whatever was
// typed where there is no such user. A device that signed in to the account before has its own,
// so a stranger can't lock its owner out.
func (s *Service) signInTries(account string, c Client) tries {
	l := s.cfg.Limits
	if s.knownDevice(UserID(account), c.Device) {
		// Whoever once had the password may hold many marks: all of an account's devices share
		// a budget, too.
		device, devices := s.bucket(l.Device, "device", account, c.Device), s.bucket(l.AccountLong, "devices", account)
		return tries{full: []string{
			device.Key, devices.Key, s.bucket(l.Account, "account", account).Key, s.bucket(
				l.AccountLong, "accountlong", account,
			).Key,
		}, all: []Take{device, devices}}
	}
	short, long := s.bucket(l.Account, "account", account), s.bucket(l.AccountLong, "accountlong", account)
	pair, network := s.bucket(l.Pair, "pair", account, c.network()), s.bucket(l.Network, "network", c.network())
	return tries{
		full: []string{short.Key, long.Key, pair.Key}, one: []Take{network},
		all: []Take{short, long, pair, network},
	}
}

// take takes one try from every bucket, or answers a LimitError.
func (s *Service) take(ctx context.Context, t tries) error {
	wait, err := s.st.TakeTries(ctx, s.now(), t.all)
	if err != nil {
		return fmt.Errorf("count tries: %w", err)
	}
	if wait > 0 {
		return &LimitError{RetryAfter: wait}
	}
	return nil
}

// succeed forgets earlier failures.
func (s *Service) succeed(ctx context.Context, t tries) error {
	if err := s.st.GiveBack(ctx, t.full, t.one); err != nil {
		return fmt.Errorf("reset tries: %w", err)
	}
	return nil
}

// cancel gives back the tries of an attempt that verified nothing.
func (s *Service) cancel(ctx context.Context, t tries) {
	// The attempt has failed already; a try that stays counted harms less than hiding why.
	_ = s.st.GiveBack(context.WithoutCancel(ctx), nil, t.all)
}

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

func (s *Service) knownDevice(id UserID, mark string) bool {
	const name = 36 // a UUID
	if len(mark) < name+1 || mark[name] != '.' || !IsID(mark[:name]) {
		return false
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(mark[name+1:])
	return err == nil && hmac.Equal(mac, s.deviceMAC(id, mark[:name]))
}

// TakeDeviceStart takes a try at beginning a device grant: from the network of the client. A
// LimitError where there is none.
func (s *Service) TakeDeviceStart(ctx context.Context, c Client) error {
	return s.take(ctx, tries{all: []Take{s.bucket(s.cfg.Limits.MailNetwork, "devicenetwork", c.network())}})
}

// TakeUserCode takes a try at a user code: one of the user's. GiveBackUserCode gives it back.
func (s *Service) TakeUserCode(ctx context.Context, id UserID) error {
	return s.take(ctx, s.userCodes(id))
}

// GiveBackUserCode gives back a try after a right code.
func (s *Service) GiveBackUserCode(ctx context.Context, id UserID) { s.cancel(ctx, s.userCodes(id)) }

func (s *Service) userCodes(id UserID) tries {
	return tries{all: []Take{s.bucket(s.cfg.Limits.UserCodes, "usercodes", string(id))}}
}
