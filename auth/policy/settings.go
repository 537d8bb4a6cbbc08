package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth/password"
)

// Method names a way to sign in.
type Method string

// SignUpMode says who may make an account.
type SignUpMode string

// The modes. Managers can create users in each.
const (
	SignUpClosed   SignUpMode = "closed"
	SignUpInvite   SignUpMode = "invite"
	SignUpDomains  SignUpMode = "domains"  // addresses of certain domains, once proven
	SignUpApproval SignUpMode = "approval" // anybody, usable once a manager approves
	SignUpOpen     SignUpMode = "open"
)

// EmailProof says whether an address has to be proven before it can be used.
type EmailProof string

// The values of EmailProof.
const (
	EmailProofOff      EmailProof = "off"
	EmailProofRequired EmailProof = "required"
)

// PeopleLookup says how users may find others by name.
type PeopleLookup string

// The values of PeopleLookup.
const (
	LookupOff    PeopleLookup = "off"
	LookupExact  PeopleLookup = "exact"
	LookupPrefix PeopleLookup = "prefix"
)

// Settings can be changed at run time by anybody with the scope settings. A zero field means
// its default. Durations are whole seconds.
type Settings struct {
	SiteName      string       // shown to people; default "hallpass", at most 128 characters
	SignUp        SignUpMode   // default closed
	SignInMethods []Method     // default password, and with a mailer email_code
	PasswordMin   int          // code points; default auth.Config.PasswordRules.Min
	PasswordMax   int          // bytes; default auth.Config.PasswordRules.Max
	EmailProof    EmailProof   // default off
	Domains       []string     // for SignUpDomains; lower case
	DefaultRoles  []string     // of new users; default user
	Retention     Retention    // of the login history and the audit record
	Session       Lifetimes    // of new sessions
	AllowGuests   bool         // whether requests without a credential act as role guest
	PeopleLookup  PeopleLookup // default exact
}

// Retention says what is kept of the login history and of the audit record.
type Retention struct {
	Logins        time.Duration // 1 day to 10 years; default 1 year
	Audit         time.Duration // of the audit record; 30 days to 10 years; default 2 years
	NoAddresses   bool          // keep no client addresses
	KeepAnonymous bool          // keep the logins of deleted users, without user, address, agent and session
}

// Lifetimes of sessions.
type Lifetimes struct {
	Idle     time.Duration // without use; 5 minutes to 1 year; default 30 days
	Absolute time.Duration // in all; at least Idle, at most 1 year; default 90 days
}

// Policy is the part of the settings that everybody may know.
type Policy struct {
	SiteName      string
	SignUp        SignUpMode
	SignInMethods []Method
	PasswordMin   int
	PasswordMax   int
	EmailProof    EmailProof
}

// Policy returns the part that everybody may know.
func (s Settings) Policy() Policy {
	return Policy{s.SiteName, s.SignUp, s.SignInMethods, s.PasswordMin, s.PasswordMax, s.EmailProof}
}

// ProvesAddresses tells whether an account works only once its address is proven.
func (s Settings) ProvesAddresses() bool {
	return s.EmailProof == EmailProofRequired || s.SignUp == SignUpDomains
}

// Admits tells whether the policy lets an account with this canonical address be made by
// whoever has it.
func (s Settings) Admits(key string) bool {
	return s.SignUp != SignUpDomains || slices.Contains(s.Domains, key[strings.LastIndexByte(key, '@')+1:])
}

// WithDefaults fills in zero fields. passwordMin and passwordMax are those of the
// configuration; zero means none.
func (s Settings) WithDefaults(passwordMin, passwordMax int) Settings {
	def(&s.SiteName, "hallpass")
	def(&s.SignUp, SignUpClosed)
	def(&s.EmailProof, EmailProofOff)
	def(&s.PeopleLookup, LookupExact)
	def(&s.PasswordMin, passwordMin)
	def(&s.PasswordMin, 8)
	def(&s.PasswordMax, passwordMax)
	def(&s.PasswordMax, password.MaxBytes)
	def(&s.Retention.Logins, 365*day)
	def(&s.Retention.Audit, 730*day)
	def(&s.Session.Idle, 30*day)
	def(&s.Session.Absolute, max(90*day, s.Session.Idle))
	if len(s.SignInMethods) == 0 {
		s.SignInMethods = []Method{"password"}
	}
	if s.DefaultRoles == nil {
		s.DefaultRoles = []string{"user"}
	}
	if s.Domains == nil {
		s.Domains = []string{}
	}
	return s
}

const day = 24 * time.Hour

func def[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
