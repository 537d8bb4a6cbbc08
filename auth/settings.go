package auth

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/auth/password"
)

// SignupMode says who may make an account.
type SignupMode string

// The modes. Managers can create users in each.
const (
	SignupClosed   SignupMode = "closed"
	SignupInvite   SignupMode = "invite"
	SignupDomains  SignupMode = "domains"  // addresses of certain domains, once proven
	SignupApproval SignupMode = "approval" // anybody, usable once a manager approves
	SignupOpen     SignupMode = "open"
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

// Settings are what can be changed at run time, by whom holds the scope settings. A
// zero field means its default; durations are whole seconds.
type Settings struct {
	SiteName      string       // shown to people; default "hallpass", at most 128 characters
	Signup        SignupMode   // default closed
	SignInMethods []Method     // default password, and with a mailer email_code
	PasswordMin   int          // code points; default Config.PasswordRules.Min
	PasswordMax   int          // bytes; default Config.PasswordRules.Max
	EmailProof    EmailProof   // default off
	Domains       []string     // for SignupDomains; lower case
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
	Signup        SignupMode
	SignInMethods []Method
	PasswordMin   int
	PasswordMax   int
	EmailProof    EmailProof
}

// Policy returns the part that everybody may know.
func (s Settings) Policy() Policy {
	return Policy{s.SiteName, s.Signup, s.SignInMethods, s.PasswordMin, s.PasswordMax, s.EmailProof}
}

// provesAddresses tells whether an account works only once its address is proven.
func (s Settings) provesAddresses() bool {
	return s.EmailProof == EmailProofRequired || s.Signup == SignupDomains
}

// admits tells whether the policy lets an account with this canonical address be made by
// whoever has it.
func (s Settings) admits(key string) bool {
	return s.Signup != SignupDomains || slices.Contains(s.Domains, key[strings.LastIndexByte(key, '@')+1:])
}

const day = 24 * time.Hour

// withDefaults fills in zero fields.
func (s Settings) withDefaults(r password.Rules) Settings {
	def(&s.SiteName, "hallpass")
	def(&s.Signup, SignupClosed)
	def(&s.EmailProof, EmailProofOff)
	def(&s.PeopleLookup, LookupExact)
	def(&s.PasswordMin, r.Min)
	def(&s.PasswordMin, 8)
	def(&s.PasswordMax, r.Max)
	def(&s.PasswordMax, password.MaxBytes)
	def(&s.Retention.Logins, 365*day)
	def(&s.Retention.Audit, 730*day)
	def(&s.Session.Idle, 30*day)
	def(&s.Session.Absolute, max(90*day, s.Session.Idle))
	if len(s.SignInMethods) == 0 {
		s.SignInMethods = []Method{MethodPassword}
	}
	if s.DefaultRoles == nil {
		s.DefaultRoles = []string{string(RoleUser)}
	}
	if s.Domains == nil {
		s.Domains = []string{}
	}
	return s
}

func def[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}

// validate says everything wrong with s, except whether roles exist that code does not define.
// Field names are those of the JSON contract.
func (s Settings) validate(svc *Service) FieldErrors {
	var f FieldErrors
	if !plainText(s.SiteName) || utf8.RuneCountInString(s.SiteName) > maxName {
		f.Add("site_name", CodeInvalid, "A site name has 1 to 128 characters and no control characters.")
	}
	oneOf(&f, "signup", s.Signup, SignupClosed, SignupInvite, SignupDomains, SignupApproval, SignupOpen)
	oneOf(&f, "email_proof", s.EmailProof, EmailProofOff, EmailProofRequired)
	oneOf(&f, "people_lookup", s.PeopleLookup, LookupOff, LookupExact, LookupPrefix)
	for _, m := range s.SignInMethods {
		oneOf(&f, "sign_in_methods", m, svc.methods.switched()...)
	}
	r := svc.cfg.PasswordRules
	r.Min, r.Max = s.PasswordMin, s.PasswordMax
	if r.Validate() != nil || s.PasswordMin <= 0 || s.PasswordMax <= 0 {
		f.Add("password", CodeInvalid,
			"Passwords need at least 8 to 64 characters and may have at least 256 to 1024 bytes.")
	}
	for _, d := range s.Domains {
		if key, ok := emailKey("x@" + d); !ok || key != "x@"+d {
			f.Add("domains", CodeInvalid, "A domain is lower case, such as example.org.")
			break
		}
	}
	seconds(&f, "retention.logins", s.Retention.Logins, day, 3650*day)
	seconds(&f, "retention.audit", s.Retention.Audit, 30*day, 3650*day)
	seconds(&f, "session.idle", s.Session.Idle, 5*time.Minute, 365*day)
	seconds(&f, "session.absolute", s.Session.Absolute, s.Session.Idle, 365*day)
	return f
}

func oneOf[T ~string](f *FieldErrors, field string, v T, allowed ...T) {
	if !slices.Contains(allowed, v) {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		f.Add(field, CodeUnknown, "Use one of: "+strings.Join(names, ", ")+".")
	}
}

func seconds(f *FieldErrors, field string, d, least, most time.Duration) {
	if d < least || d > most || d%time.Second != 0 {
		f.Add(field, CodeInvalid, "Use whole seconds from "+least.String()+" to "+most.String()+".")
	}
}
