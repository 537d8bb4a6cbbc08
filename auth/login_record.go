package auth

import "time"

// Outcome of a login.
type Outcome string

// The two outcomes.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
)

// Reasons of failed logins.
const (
	ReasonUnknownUser   = "unknown_user"
	ReasonWrongPassword = "wrong_password"
	ReasonDisabled      = "account_disabled"
	ReasonPending       = "approval_pending"
	ReasonUnverified    = "email_unverified"
	ReasonInvalidScope  = "invalid_scope"
	ReasonTokenReuse    = "refresh_token_reuse"
	ReasonNoPassword    = "no_password"
	ReasonUnknownHash   = "unknown_hash"
	ReasonRefused       = "refused"   // by a hook of the host
	ReasonThrottled     = "throttled" // recorded once a minute for an account
	ReasonWrongCode     = "wrong_code"
)

// Login is the record of one attempt to sign in, good or bad.
type Login struct {
	ID        LoginID
	User      UserID // empty when no such user exists
	At        time.Time
	Method    Method
	Outcome   Outcome
	Reason    string // empty on success
	IP        string
	UserAgent string
	Session   SessionID // empty on failure
}

// LoginQuery selects logins, newest first. Zero fields do not filter.
type LoginQuery struct {
	User    UserID
	Outcome Outcome
	Method  Method
	Since   time.Time // at or after
	Until   time.Time // before
	Before  LoginID   // ids smaller than this
	Limit   int
}
