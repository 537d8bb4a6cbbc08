package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth/limit"
)

// The errors of this package, matched with errors.Is. The HTTP adapter maps each of them to one
// status and one stable code.
var (
	// ErrNotFound means that a thing does not exist, or that the caller's filters do not cover
	// it.
	ErrNotFound = errors.New("not found")
	// ErrUnauthenticated means that the operation needs a credential and got none.
	ErrUnauthenticated = errors.New("not signed in")
	// ErrTokenInvalid means that the credential is malformed, unknown or ended, or that its
	// owner is not active.
	ErrTokenInvalid = errors.New("credential is not valid")
	// ErrTokenExpired means that the access token has expired. The client refreshes it or signs
	// in again.
	ErrTokenExpired = errors.New("credential has expired")
	// ErrInsufficientScope means that the caller lacks the scope altogether. See ScopeError.
	ErrInsufficientScope = errors.New("insufficient scope")
	// ErrAboveCeiling means that the caller wants to give rights that they do not hold, or to
	// act on somebody who holds more. See CeilingError.
	ErrAboveCeiling = errors.New("above the caller's own rights")
	// ErrFieldForbidden means that the caller may not set this field. See FieldsError.
	ErrFieldForbidden = errors.New("caller may not set the field")
	// ErrInvalidInput means that one or more fields are not valid. See FieldsError.
	ErrInvalidInput = errors.New("invalid input")
	// ErrBadCursor means that the page cursor does not come from a list.
	ErrBadCursor = errors.New("bad cursor")

	// ErrUsernameTaken means that another user has the username, or had it until recently.
	ErrUsernameTaken = errors.New("username is taken")
	// ErrEmailTaken means that another user has the email address.
	ErrEmailTaken = errors.New("email is taken")
	// ErrExternalIDTaken means that another user has the external id.
	ErrExternalIDTaken = errors.New("external id is taken")
	// ErrNameTaken means that another group, role or service has the name.
	ErrNameTaken = errors.New("name is taken")
	// ErrRoleBuiltIn means that code defines the role, so it can't be changed or deleted at run
	// time.
	ErrRoleBuiltIn = errors.New("role is built in")
	// ErrRoleInUse means that somebody holds the role, or that it is a default role.
	ErrRoleInUse = errors.New("role is in use")
	// ErrLastAdmin means that after the change no active user would hold the role admin
	// directly.
	ErrLastAdmin = errors.New("last admin")

	// ErrRefused means that a hook of the host refused the change.
	ErrRefused = errors.New("refused by the host")
	// ErrNoVerifier means that nobody can claim the role: Config.RoleClaims does not have it.
	ErrNoVerifier = errors.New("role can't be claimed")
	// ErrClaimRefused means that the verifier did not accept the evidence. See ClaimError.
	ErrClaimRefused = errors.New("claim refused")
	// ErrEvidenceType means that the role does not accept evidence of this media type.
	ErrEvidenceType = errors.New("media type of the evidence is not accepted")
	// ErrEvidenceTooLarge means that the evidence is larger than RoleClaim.MaxBytes.
	ErrEvidenceTooLarge = errors.New("evidence is too large")
	// ErrVerifierFailed means that the verifier failed or took too long.
	ErrVerifierFailed = errors.New("verifier failed")
	// ErrSignUpClosed means that the policy does not let the caller make an account.
	ErrSignUpClosed = errors.New("sign-up is closed")
	// ErrNoMailer means that the operation sends mail, but no mailer is configured.
	ErrNoMailer = errors.New("no mailer is configured")
	// ErrNoEmail means that the account has no email address to send mail to.
	ErrNoEmail = errors.New("account has no email")
	// ErrInvitationInvalid means that the invitation is unknown, used, expired or withdrawn, or
	// that its inviter may no longer give what it promises.
	ErrInvitationInvalid = errors.New("invitation is not valid")
	// ErrSetUpDone means that there already is an admin, so set-up is over.
	ErrSetUpDone = errors.New("set-up is done")
	// ErrBadSetUpToken means that the set-up token is unknown or no longer valid.
	ErrBadSetUpToken = errors.New("bad set-up token")

	// ErrBadCredentials means that the user is unknown, the password is wrong, or a code or
	// link is wrong, used or expired. The error does not say which.
	ErrBadCredentials = errors.New("bad credentials")
	// ErrAccountDisabled means that the proof was right, but the account is disabled.
	ErrAccountDisabled = errors.New("account is disabled")
	// ErrApprovalPending means that the proof was right, but the account is not approved yet.
	ErrApprovalPending = errors.New("account awaits approval")
	// ErrEmailUnverified means that the proof was right, but the policy wants the email address
	// proven first.
	ErrEmailUnverified = errors.New("email is not verified")
	// ErrMethodOff means that the policy does not allow this way to sign in.
	ErrMethodOff = errors.New("sign-in method is switched off")
	// ErrTooManyAttempts means that something was tried too often. It is limit.ErrTooMany. See
	// LimitError.
	ErrTooManyAttempts = limit.ErrTooMany
	// ErrSessionRequired means that the operation needs a session, and that an API token is not
	// enough.
	ErrSessionRequired = errors.New("a session is required")
	// ErrReauthRequired means that the last proof of identity is too old. See ReauthError.
	ErrReauthRequired = errors.New("a fresh proof of identity is required")
	// ErrInvalidGrant means that the refresh token is unknown, used or expired, or that its
	// session has ended.
	ErrInvalidGrant = errors.New("invalid grant")
	// ErrInvalidScope means that a requested scope is unknown or above the ceiling (RFC 6749
	// section 5.2).
	ErrInvalidScope = errors.New("invalid scope")

	// ErrUnavailable means that the store can't be reached or can't write now. Try again later.
	ErrUnavailable = errors.New("store is unavailable")
	// ErrSerialization means that a transaction conflicted with others too many times in a row.
	// In a transaction of the host one conflict is enough, since only the host can run it
	// again.
	ErrSerialization = errors.New("transaction conflict")
	// ErrStale means that a conditional write found a value that has changed. Attempt.Start
	// returns it to a method of signing in, which then starts over. Other methods of Service
	// handle it themselves.
	ErrStale = errors.New("value has changed")
	// ErrWrongSecret means that the store was set up with another Config.Secret.
	ErrWrongSecret = errors.New("store belongs to another secret")
)

// Codes of a FieldError. password.RuleError and scopes.ParseError have more.
const (
	CodeInvalid  = "invalid"
	CodeRequired = "required"
	CodeReserved = "reserved"
	CodeTooLong  = "too_long"
	CodeUnknown  = "unknown"
	CodeOff      = "off"
)

// FieldError says what is wrong with one field.
type FieldError struct {
	// Field is the name of the member in the JSON contract. Names of nested members are joined
	// with dots.
	Field string
	// Code is for programs, such as CodeInvalid. Codes are stable.
	Code string
	// Detail is a sentence for people: what is wrong and what to do.
	Detail string
}

// Err returns a FieldsError with this one field.
func (f FieldError) Err() error { return &FieldsError{Fields: []FieldError{f}} }

// FieldsError lists everything that is wrong with an input. It matches ErrInvalidInput, or
// ErrFieldForbidden if Forbidden is set. The zero value is ready for Add.
type FieldsError struct {
	Fields    []FieldError
	Forbidden bool
}

// Add adds a problem. detail is a sentence for people.
func (e *FieldsError) Add(field, code, detail string) {
	e.Fields = append(e.Fields, FieldError{Field: field, Code: code, Detail: detail})
}

// Err returns a copy of e, or nil if nothing was added.
func (e *FieldsError) Err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	err := *e // a copy, so that an e without problems stays on the stack
	return &err
}

// Error names the fields and their codes, never their values.
func (e *FieldsError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Field + ": " + f.Code
	}
	return fmt.Sprintf("%v (%s)", e.Unwrap(), strings.Join(parts, ", "))
}

// Unwrap returns ErrInvalidInput or ErrFieldForbidden.
func (e *FieldsError) Unwrap() error {
	if e.Forbidden {
		return ErrFieldForbidden
	}
	return ErrInvalidInput
}

// CeilingError lists the scopes that the caller would need but does not hold. It matches
// ErrAboveCeiling.
type CeilingError struct{ Excess []string }

// Error names the missing scopes.
func (ce *CeilingError) Error() string {
	return fmt.Sprintf("%v: %s", ErrAboveCeiling, strings.Join(ce.Excess, " "))
}

// Unwrap returns ErrAboveCeiling.
func (ce *CeilingError) Unwrap() error { return ErrAboveCeiling }

// ScopeError says which scope the caller lacks: one of Need is enough. It matches
// ErrInsufficientScope.
type ScopeError struct{ Need []string }

// Error names the scopes of Need.
func (se *ScopeError) Error() string {
	return fmt.Sprintf("%v: needs %s", ErrInsufficientScope, strings.Join(se.Need, " or "))
}

// Unwrap returns ErrInsufficientScope.
func (se *ScopeError) Unwrap() error { return ErrInsufficientScope }

// LimitError says when to try again. It matches ErrTooManyAttempts.
type LimitError = limit.Error

// ReauthError says how old the last proof of identity may be. It matches ErrReauthRequired.
type ReauthError struct{ MaxAge time.Duration }

// Error names the age that is allowed.
func (re *ReauthError) Error() string {
	return fmt.Sprintf("%v within %v", ErrReauthRequired, re.MaxAge)
}

// Unwrap returns ErrReauthRequired.
func (re *ReauthError) Unwrap() error { return ErrReauthRequired }
