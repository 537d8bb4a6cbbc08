package limit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// Limit is what a bucket holds: Burst tries at once, then one each Interval.
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

// The budgets follow, each with the field of Limits that says how much it holds. Passwords
// first. auth takes these four, or the two after them, for each attempt to sign in:
// Service.Begin.

// account is guessing at one account from everywhere. Limits.Account.
func (l *Limiter) account(account string) Take {
	return l.bucket("account", l.limits.Account, account)
}

// accountLong is the same, slowly and over days. Limits.AccountLong.
func (l *Limiter) accountLong(account string) Take {
	return l.bucket("accountlong", l.limits.AccountLong, account)
}

// pair is guessing at one account from one network. Limits.Pair.
func (l *Limiter) pair(account string, n Network) Take {
	return l.bucket("pair", l.limits.Pair, account, string(n))
}

// network is guessing at many accounts from one network. Limits.Network.
func (l *Limiter) network(n Network) Take { return l.bucket("network", l.limits.Network, string(n)) }

// device is guessing from a device that signed in to the account before. Limits.Device.
func (l *Limiter) device(account, mark string) Take {
	return l.bucket("device", l.limits.Device, account, mark)
}

// devices is guessing from all such devices of an account. Limits.AccountLong.
func (l *Limiter) devices(account string) Take {
	return l.bucket("devices", l.limits.AccountLong, account)
}

// NoteThrottled is records in the login history that tries on an account were refused: one a
// minute, since the history must not be a way to fill the disk. Taken by auth's Service.Begin.
func (l *Limiter) NoteThrottled(user string) Take {
	return l.bucket("throttled", Limit{1, time.Minute}, user)
}

// Codes is codes typed wrong for one address, over all its flows. Limits.Codes. Taken where a
// code of a flow is typed.
func (l *Limiter) Codes(address string) Take { return l.bucket("codes", l.limits.Codes, address) }

// CodesOfDevices is codes typed wrong on devices that signed in to the account before, which
// strangers do not use up. Limits.Codes. Taken in place of Codes.
func (l *Limiter) CodesOfDevices(user string) Take {
	return l.bucket("codesdevices", l.limits.Codes, user)
}

// CodesOfSessions is codes typed wrong by an account that is signed in. Limits.Codes. Taken in
// place of Codes.
func (l *Limiter) CodesOfSessions(user string) Take {
	return l.bucket("codessessions", l.limits.Codes, user)
}

// UserCodes is guessing at the codes that devices show, by one user. Limits.UserCodes. Taken
// where a device is looked up or decided.
func (l *Limiter) UserCodes(user string) Take { return l.bucket("usercodes", l.limits.UserCodes, user) }

// ShareCode is guessing at share codes by one caller. Limits.ShareCode. Taken with
// ShareCodeNetwork where a code is previewed, accepted or revoked by its text, and where
// something is shared with an address.
func (l *Limiter) ShareCode(caller string) Take { return l.bucket("share", l.limits.ShareCode, caller) }

// ShareCodeNetwork is guessing at share codes from one network. Limits.Network.
func (l *Limiter) ShareCodeNetwork(n Network) Take {
	return l.bucket("sharenetwork", l.limits.Network, string(n))
}

// Mails, which cost money and annoy people.

// Mail is mails with codes to one address. Limits.Mail. Taken with MailLong where a flow begins
// or mails another code; without a try nothing is mailed, and the answer is the same.
func (l *Limiter) Mail(address string) Take { return l.bucket("mail", l.limits.Mail, address) }

// MailLong is the same over days. Limits.MailLong.
func (l *Limiter) MailLong(address string) Take {
	return l.bucket("maillong", l.limits.MailLong, address)
}

// MailOfDevices is mails with codes to an account that were asked for on devices that signed in
// to it before, which strangers do not use up. Limits.Mail. Taken in place of Mail.
func (l *Limiter) MailOfDevices(user string) Take {
	return l.bucket("maildevices", l.limits.Mail, user)
}

// MailOfDevicesLong is the same over days. Limits.MailLong. Taken in place of MailLong.
func (l *Limiter) MailOfDevicesLong(user string) Take {
	return l.bucket("maildeviceslong", l.limits.MailLong, user)
}

// MailNetwork is mails that one network asks for. Limits.MailNetwork. Taken by every call that
// mails something to an address that the caller names.
func (l *Limiter) MailNetwork(n Network) Take {
	return l.bucket("mailnetwork", l.limits.MailNetwork, string(n))
}

// MailByManager is invitations and reset links that managers send to one user or address.
// Limits.Mail. Taken by Invite and MailPasswordReset.
func (l *Limiter) MailByManager(to string) Take { return l.bucket("mailbymanager", l.limits.Mail, to) }

// What fills the database, or reserves something.

// SignUp is accounts that one network makes. Limits.SignUp. Taken where people sign up
// themselves.
func (l *Limiter) SignUp(n Network) Take { return l.bucket("signup", l.limits.SignUp, string(n)) }

// DeviceNetwork is device grants that one network begins. Limits.MailNetwork. Taken where a
// device asks to be signed in.
func (l *Limiter) DeviceNetwork(n Network) Take {
	return l.bucket("devicenetwork", l.limits.MailNetwork, string(n))
}

// Rename is new usernames of one user: each name that they leave is nobody else's for a while,
// and each one that they try tells whether somebody has it. Limits.Rename. Taken by UpdateUser.
func (l *Limiter) Rename(user string) Take { return l.bucket("rename", l.limits.Rename, user) }

// Claim is claims of one user to one role. rule is RoleClaim.Attempts. Taken by ClaimRole.
func (l *Limiter) Claim(rule Limit, user, role string) Take {
	return l.bucket("claim", rule, user, role)
}

// NoteClaim is audit records of claims that were refused before anybody judged them: one a
// minute for each outcome. Taken by ClaimRole.
func (l *Limiter) NoteClaim(user, outcome string) Take {
	return l.bucket("claim noted", Limit{1, time.Minute}, user, outcome)
}

// bucket names a bucket of a budget without telling whose it is: the name is a keyed hash.
func (l *Limiter) bucket(budget string, rule Limit, whose ...string) Take {
	mac := hmac.New(sha256.New, l.key)
	fmt.Fprintf(mac, "%d:%s", len(budget), budget)
	for _, part := range whose {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	name := budget + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
	return Take{Key: name, Interval: rule.Interval, Burst: rule.Burst}
}
