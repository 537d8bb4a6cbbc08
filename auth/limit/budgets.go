package limit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// Limit is how much a bucket holds: Burst tries at once, and then one more after each Interval.
type Limit struct {
	Burst    int           // 1 to 1,000,000
	Interval time.Duration // 1 millisecond to 24 hours
}

// Limits are what a host configures. A zero field means its default.
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

// WithDefaults returns l with every default filled in, or an error that joins all problems.
func (l Limits) WithDefaults() (Limits, error) {
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
		if *d.l == (Limit{}) {
			*d.l = d.def
		}
		if err := d.l.Check(); err != nil {
			errs = append(errs, fmt.Errorf("limit %s: %w", d.name, err))
		}
	}
	return l, errors.Join(errs...)
}

// Check returns an error for a Limit that is out of range.
func (l Limit) Check() error {
	if l.Burst < 1 || l.Burst > 1_000_000 || l.Interval < time.Millisecond || l.Interval > 24*time.Hour {
		return errors.New("burst 1 to 1,000,000, interval 1ms to 24h")
	}
	return nil
}

// The budgets follow, each with the field of Limits that says how much it holds. The first ones
// are for passwords. For each attempt to sign in, auth.Service.Begin takes the first four, or
// the two after them.

// account limits guessing at one account from everywhere. Limits.Account.
func (l *Limiter) account(account string) Take {
	return l.bucket("account", l.limits.Account, account)
}

// accountLong limits slow guessing at one account over days. Limits.AccountLong.
func (l *Limiter) accountLong(account string) Take {
	return l.bucket("accountlong", l.limits.AccountLong, account)
}

// pair limits guessing at one account from one network. Limits.Pair.
func (l *Limiter) pair(account string, n Network) Take {
	return l.bucket("pair", l.limits.Pair, account, string(n))
}

// network limits guessing at many accounts from one network. Limits.Network.
func (l *Limiter) network(n Network) Take { return l.bucket("network", l.limits.Network, string(n)) }

// device limits guessing from a device that signed in to the account before. Limits.Device.
func (l *Limiter) device(account, mark string) Take {
	return l.bucket("device", l.limits.Device, account, mark)
}

// devices limits guessing from all such devices of an account together. Limits.AccountLong.
func (l *Limiter) devices(account string) Take {
	return l.bucket("devices", l.limits.AccountLong, account)
}

// NoteThrottled limits how often the login history of an account notes that tries were refused:
// once a minute, so that nobody can fill the disk with notes. auth.Service.Begin takes it.
func (l *Limiter) NoteThrottled(user string) Take {
	return l.bucket("throttled", Limit{1, time.Minute}, user)
}

// Codes limits wrong codes for one address, over all its flows. Limits.Codes. It is taken when
// somebody types a mailed code.
func (l *Limiter) Codes(address string) Take { return l.bucket("codes", l.limits.Codes, address) }

// CodesOfDevices limits wrong codes from devices that signed in to the account before, so that
// strangers can't use up the tries of its owner. Limits.Codes. It is taken in place of Codes.
func (l *Limiter) CodesOfDevices(user string) Take {
	return l.bucket("codesdevices", l.limits.Codes, user)
}

// CodesOfSessions limits wrong codes from an account that is signed in. Limits.Codes. It is
// taken in place of Codes.
func (l *Limiter) CodesOfSessions(user string) Take {
	return l.bucket("codessessions", l.limits.Codes, user)
}

// UserCodes limits how often one user guesses at the codes that devices show. Limits.UserCodes.
// It is taken when a device is looked up or decided about.
func (l *Limiter) UserCodes(user string) Take { return l.bucket("usercodes", l.limits.UserCodes, user) }

// ShareCode limits guessing at share codes by one caller. Limits.ShareCode. It is taken with
// ShareCodeNetwork when a code is previewed, accepted or revoked by its text, and when
// something is shared with an address.
func (l *Limiter) ShareCode(caller string) Take { return l.bucket("share", l.limits.ShareCode, caller) }

// ShareCodeNetwork limits guessing at share codes from one network. Limits.Network.
func (l *Limiter) ShareCodeNetwork(n Network) Take {
	return l.bucket("sharenetwork", l.limits.Network, string(n))
}

// The next budgets are for mails, which cost money and annoy people.

// Mail limits mails with codes to one address. Limits.Mail. It is taken with MailLong when a
// flow begins or mails another code. If it is used up, nothing is mailed, and the answer is the
// same.
func (l *Limiter) Mail(address string) Take { return l.bucket("mail", l.limits.Mail, address) }

// MailLong limits mails with codes to one address over days. Limits.MailLong.
func (l *Limiter) MailLong(address string) Take {
	return l.bucket("maillong", l.limits.MailLong, address)
}

// MailOfDevices limits mails with codes that devices of the account ask for, so that strangers
// can't use up the mails of its owner. Limits.Mail. It is taken in place of Mail.
func (l *Limiter) MailOfDevices(user string) Take {
	return l.bucket("maildevices", l.limits.Mail, user)
}

// MailOfDevicesLong limits the same over days. Limits.MailLong. It is taken in place of
// MailLong.
func (l *Limiter) MailOfDevicesLong(user string) Take {
	return l.bucket("maildeviceslong", l.limits.MailLong, user)
}

// MailNetwork limits the mails that one network asks for. Limits.MailNetwork. It is taken by
// every call that mails something to an address which the caller names.
func (l *Limiter) MailNetwork(n Network) Take {
	return l.bucket("mailnetwork", l.limits.MailNetwork, string(n))
}

// MailByManager limits the invitations and reset links that managers send to one user or
// address. Limits.Mail. Invitations.Create and MailPasswordReset take it.
func (l *Limiter) MailByManager(to string) Take { return l.bucket("mailbymanager", l.limits.Mail, to) }

// The last budgets are for what fills the database or reserves something.

// SignUp limits the accounts that people make from one network. Limits.SignUp.
func (l *Limiter) SignUp(n Network) Take { return l.bucket("signup", l.limits.SignUp, string(n)) }

// DeviceNetwork limits the device grants that one network begins. Limits.MailNetwork.
func (l *Limiter) DeviceNetwork(n Network) Take {
	return l.bucket("devicenetwork", l.limits.MailNetwork, string(n))
}

// Rename limits how often one user takes another username. Each name that they leave is
// reserved for a while, and each one that they try tells whether somebody has it.
// Limits.Rename. UpdateUser takes it.
func (l *Limiter) Rename(user string) Take { return l.bucket("rename", l.limits.Rename, user) }

// Claim limits the claims of one user to one role. rule is RoleClaim.Attempts. ClaimRole takes
// it.
func (l *Limiter) Claim(rule Limit, user, role string) Take {
	return l.bucket("claim", rule, user, role)
}

// NoteClaim limits audit records of claims that were refused before anybody judged them: one a
// minute for each outcome. ClaimRole takes it.
func (l *Limiter) NoteClaim(user, outcome string) Take {
	return l.bucket("claim noted", Limit{1, time.Minute}, user, outcome)
}

// bucket returns one try from a bucket of a budget. The name of the bucket is a keyed hash, so
// it does not tell whose it is.
func (l *Limiter) bucket(budget string, rule Limit, whose ...string) Take {
	mac := hmac.New(sha256.New, l.key)
	fmt.Fprintf(mac, "%d:%s", len(budget), budget)
	for _, part := range whose {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	name := budget + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
	return Take{Key: name, Interval: rule.Interval, Burst: rule.Burst}
}
