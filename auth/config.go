package auth

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/scopes"
)

// Config configures a Service. New copies it. Secret and BaseURL are required. The zero value
// of every other field is the safe setting.
type Config struct {
	// Secret seals the signing keys, and other keys are derived from it. It must have at least
	// 32 random bytes, be the same on every replica, and never change.
	Secret []byte
	// BaseURL is where people reach the host, such as "https://app.example". It is an http or
	// https URL without user, query and fragment. It is also the issuer of access tokens.
	BaseURL string
	// Audience is the audience of access tokens. Empty means BaseURL.
	Audience string
	// Scopes declares the host's kinds and scopes. Those of BaseModel are added.
	Scopes scopes.Model
	// Roles are the host's roles. A role with the name user, admin or guest replaces the
	// built-in one.
	Roles []Role

	// RoleClaims are the roles that people can claim with evidence, by name.
	RoleClaims map[string]RoleClaim

	// Methods are the host's own ways to sign in, beside the built-in ones. See Service.Begin.
	Methods []SignInMethod

	// Identifiers says whether users have usernames and email addresses.
	Identifiers policy.Identifiers
	// UsernameRule replaces the rule for usernames. It returns the canonical form of a name,
	// under which the name is unique, or false if the name is not allowed. It must be pure, and
	// return a canonical form as it is. nil means 1 to 64 ASCII letters, digits and ". _ -",
	// compared without case.
	UsernameRule func(name string) (key string, ok bool)
	// ReservedUsernames, in canonical form, can't be chosen by users themselves, in addition to
	// a built-in list. Managers can give them.
	ReservedUsernames []string
	// UsernameRest is how long a freed username stays reserved for its last holder, at most ten
	// years. 0 means 30 days.
	UsernameRest time.Duration
	// AllowUsernameReuse makes freed usernames available at once.
	AllowUsernameReuse bool

	// Settings are in force until somebody changes them at run time. See policy.Settings for
	// the defaults.
	Settings policy.Settings
	// PasswordRules judges new passwords. Min and Max are in force until somebody changes them
	// at run time. Without AllowShort, Min is never below 8. The name and the host of the site
	// are added to SiteWords.
	PasswordRules password.Rules
	// Hashing configures the password hasher.
	Hashing password.Config
	// AllowManagerPasswords lets managers of users choose passwords for them.
	AllowManagerPasswords bool

	// AccessTTL is the life of an access token, from 1 minute to 24 hours. 0 means 15 minutes.
	AccessTTL time.Duration
	// RefreshGrace is how long a used refresh token can be used again, at most 60 seconds. It
	// gets the same successor. 0 means 10 seconds; a negative value means not at all.
	RefreshGrace time.Duration
	// FreshFor is how old a proof of identity may be to allow sensitive changes, from 1 minute
	// to 24 hours. 0 means 5 minutes.
	FreshFor time.Duration
	// Limits slow down guessing, sign-up and mail. A zero field means its default.
	Limits limit.Limits

	// Mailer sends codes, invitations and notices while Run runs. If it is nil, methods that
	// need mail return ErrNoMailer.
	Mailer mail.Mailer
	// MailFrom is the sender of mail, a plain address. Empty means "no-reply@" and the host of
	// BaseURL.
	MailFrom string
	// Mails replaces the wording of mails, by kind.
	Mails map[mail.Kind]mail.Template
	// Links are the pages that mailed links open.
	Links mail.Links

	// Hooks let the host take part in changes, inside their transactions.
	Hooks Hooks
	// Report is called with errors that no caller gets: errors of Run, mails that could not be
	// sent, and panics of functions given to Tx.AfterCommit. nil means that they are dropped.
	Report func(error)
	// Now is the clock. nil means time.Now.
	Now func() time.Time
}

// Schema compiles Scopes together with the scopes of this library, as New does. It returns an
// error if the model is not valid.
func (c Config) Schema() (*scopes.Schema, error) {
	return scopes.Compile(BaseModel(), sharingModel(c.Scopes), c.Scopes)
}

// withDefaults returns c with every default filled in, or an error that joins all problems.
func (c Config) withDefaults() (Config, error) {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if err := token.CheckSecret(c.Secret); err != nil {
		errs = append(errs, fmt.Errorf("secret: %w", err))
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" ||
		u.Fragment != "" {
		fail("base URL %q is not an http or https URL without user, query and fragment", c.BaseURL)
		u = &url.URL{}
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	if c.Audience == "" {
		c.Audience = c.BaseURL
	}
	c.Identifiers = c.Identifiers.WithDefaults()
	if err := c.Identifiers.Validate(); err != nil {
		errs = append(errs, err)
	}
	if c.UsernameRule == nil {
		c.UsernameRule = asciiUsername
	}
	c.UsernameRest, err = within("username rest", c.UsernameRest, 30*24*time.Hour, 0, 3650*24*time.Hour)
	errs = append(errs, err)
	c.AccessTTL, err = within("access TTL", c.AccessTTL, 15*time.Minute, time.Minute, token.MaxTTL)
	errs = append(errs, err)
	c.RefreshGrace, err = within("refresh grace", max(c.RefreshGrace, -1), 10*time.Second, -1, time.Minute)
	errs = append(errs, err)
	c.FreshFor, err = within("fresh for", c.FreshFor, 5*time.Minute, time.Minute, 24*time.Hour)
	errs = append(errs, err)
	errs = append(errs, c.PasswordRules.Validate())
	c.PasswordRules.SiteWords = append([]string{c.Settings.SiteName, u.Hostname()}, c.PasswordRules.SiteWords...)
	c.Limits, err = c.Limits.WithDefaults()
	errs = append(errs, err)
	if u.Host != "" { // else every link would repeat what is wrong with it
		c.Links, err = c.Links.WithBase(c.BaseURL)
		errs = append(errs, err)
	}
	def(&c.MailFrom, "no-reply@"+strings.Trim(u.Hostname(), "[]"))
	if _, ok := mail.Canonical(c.MailFrom); !ok && c.Mailer != nil {
		fail("mail from %q is not a plain address", c.MailFrom)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, errors.Join(errs...)
}

// within returns d, or def if d is zero. It returns an error if d is not between least and
// most.
func within(name string, d, def, least, most time.Duration) (time.Duration, error) {
	if d == 0 {
		return def, nil
	}
	if d < least || d > most {
		return d, fmt.Errorf("%s %v is not between %v and %v", name, d, least, most)
	}
	return d, nil
}
