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

// Config configures a Service. New copies it. The zero value of every field but
// Secret and BaseURL is the safe setting.
type Config struct {
	// Secret seals the signing keys and keys everything derived. At least 32 random
	// bytes, the same on every replica, never changed.
	Secret []byte
	// BaseURL is where people reach the host, such as "https://app.example": the issuer
	// of access tokens. http or https, without query and fragment.
	BaseURL string
	// Audience of access tokens. Empty means BaseURL.
	Audience string
	// Scopes are the host's kinds and scopes; the base scopes are added.
	Scopes scopes.Model
	// Roles are the host's roles. One named user, admin or guest replaces the built-in one.
	Roles []Role

	// RoleClaims are the roles, by name, that people can earn by proof.
	RoleClaims map[string]RoleClaim

	// Methods are the host's own ways to sign in, beside the built-in ones. See Service.Begin.
	Methods []SignInMethod

	// Identifiers says which names a user has.
	Identifiers policy.Identifiers
	// UsernameRule replaces the rule for usernames: it returns the canonical form under
	// which a name is unique, or false. It must be idempotent and pure. nil means 1 to 64 ASCII
	// letters, digits and ". _ -", compared without case.
	UsernameRule func(name string) (key string, ok bool)
	// ReservedUsernames can't be chosen at sign-up or by renaming oneself, on top of a built-in
	// list.
	ReservedUsernames []string
	// UsernameRest is how long a freed username stays reserved for its last holder. 0 means 30
	// days.
	UsernameRest time.Duration
	// AllowUsernameReuse frees usernames at once.
	AllowUsernameReuse bool

	// Settings are used until somebody changes them at run time. See Settings for the defaults.
	Settings policy.Settings
	// PasswordRules judges new passwords. Min and Max hold until somebody changes them at run
	// time, never below 8 without AllowShort; the site's name and host are added to SiteWords.
	PasswordRules password.Rules
	// Hashing configures the password hasher.
	Hashing password.Config
	// AllowManagerPasswords lets those who may manage users choose their passwords.
	AllowManagerPasswords bool

	// AccessTTL is the life of an access token, 1 minute to 24 hours. 0 means 15 minutes.
	AccessTTL time.Duration
	// RefreshGrace is how long a used refresh token still gets the same successor, at most
	// 60 seconds. 0 means 10 seconds, negative none.
	RefreshGrace time.Duration
	// FreshFor is the age up to which a proof of identity allows sensitive changes, 1 minute
	// to 24 hours. 0 means 5 minutes.
	FreshFor time.Duration
	// Limits slow guessing and sign-up. Zero fields mean defaults.
	Limits limit.Limits

	// Mailer sends codes, invitations and notices, from Run. nil: what needs mail is
	// ErrNoMailer.
	Mailer mail.Mailer
	// MailFrom is the address that mail comes from. Empty means "no-reply@" and the host of
	// BaseURL.
	MailFrom string
	// Mails replaces the wording of mails, by kind.
	Mails map[mail.Kind]mail.Template
	// Links are the pages that mailed links open.
	Links mail.Links

	// Hooks run in the service's transactions.
	Hooks Hooks
	// Report gets errors of Run, mails that could not be sent, and panics of what hooks leave
	// for after the commit. nil drops them.
	Report func(error)
	// Now is the clock. nil means time.Now.
	Now func() time.Time
}

// Schema compiles Scopes, with the base scopes added. New does the same.
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
		fail("mail from %q is no plain address", c.MailFrom)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, errors.Join(errs...)
}

// within returns d, or def for zero, and an error outside least to most.
func within(name string, d, def, least, most time.Duration) (time.Duration, error) {
	if d == 0 {
		return def, nil
	}
	if d < least || d > most {
		return d, fmt.Errorf("%s %v not in %v..%v", name, d, least, most)
	}
	return d, nil
}
