package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth/limit"
)

// The errors of this package, matched with errors.Is. The HTTP adapter maps each
// of them to one status and one stable code.
var (
	// ErrNotFound: the thing is absent, or out of the reach of the caller's filter.
	ErrNotFound = errors.New("not found")
	// ErrUnauthenticated: the operation needs a credential and got none.
	ErrUnauthenticated = errors.New("not signed in")
	// ErrTokenInvalid: the credential is malformed, unknown, ended or its user may not sign in.
	ErrTokenInvalid = errors.New("credential is not valid")
	// ErrTokenExpired: the access token or session is past its time; refresh or sign in again.
	ErrTokenExpired = errors.New("credential has expired")
	// ErrInsufficientScope: the caller lacks the scope altogether.
	ErrInsufficientScope = errors.New("insufficient scope")
	// ErrAboveCeiling: somebody would give, or act on somebody who holds, more than they hold.
	// See CeilingError.
	ErrAboveCeiling = errors.New("above the caller's own rights")
	// ErrFieldForbidden: the caller may not set this field. See FieldsError.
	ErrFieldForbidden = errors.New("field is not the caller's to set")
	// ErrInvalidInput: one or more fields are bad. See FieldsError.
	ErrInvalidInput = errors.New("invalid input")
	// ErrBadCursor: the page cursor is not one that a list gave out.
	ErrBadCursor = errors.New("bad cursor")

	// ErrUsernameTaken: another user has the username, or it is still reserved after being
	// freed.
	ErrUsernameTaken = errors.New("username is taken")
	// ErrEmailTaken: another user has the email address.
	ErrEmailTaken = errors.New("email is taken")
	// ErrExternalIDTaken: another user has the external id.
	ErrExternalIDTaken = errors.New("external id is taken")
	// ErrNameTaken: another group, role or service has the name.
	ErrNameTaken = errors.New("name is taken")
	// ErrRoleBuiltIn: code defines the role, so it can't be changed or deleted at run time.
	ErrRoleBuiltIn = errors.New("role is built in")
	// ErrRoleInUse: somebody holds the role, or it is a default role.
	ErrRoleInUse = errors.New("role is in use")
	// ErrLastAdmin: the change would leave no active user who holds admin directly.
	ErrLastAdmin = errors.New("last admin")

	// ErrRefused: a hook of the host refused the change.
	ErrRefused = errors.New("refused by the host")
	// ErrNoVerifier: no RoleVerifier is configured for the role.
	ErrNoVerifier = errors.New("role can't be claimed")
	// ErrClaimRefused: the verifier does not accept the evidence. See ClaimError.
	ErrClaimRefused = errors.New("claim refused")
	// ErrEvidenceType: evidence of this media type is not taken.
	ErrEvidenceType = errors.New("evidence has a media type that is not taken")
	// ErrEvidenceTooLarge: evidence is larger than RoleClaim.MaxBytes.
	ErrEvidenceTooLarge = errors.New("evidence is too large")
	// ErrVerifierFailed: the verifier failed or took too long.
	ErrVerifierFailed = errors.New("verifier failed")
	// ErrSignUpClosed: the policy does not let the caller make an account.
	ErrSignUpClosed = errors.New("sign-up is closed")
	// ErrNoMailer: it takes mail, and no mailer is configured.
	ErrNoMailer = errors.New("no mailer is configured")
	// ErrNoEmail: the account has no address that mail could go to.
	ErrNoEmail = errors.New("account has no email")
	// ErrInvitationInvalid: the invitation is unknown, used, expired or withdrawn, or its
	// inviter may not give that much any more.
	ErrInvitationInvalid = errors.New("invitation is not valid")
	// ErrSetUpDone: an admin exists, so set-up is over.
	ErrSetUpDone = errors.New("set-up is done")
	// ErrBadSetUpToken: the set-up token is not one that was handed out.
	ErrBadSetUpToken = errors.New("bad set-up token")

	// ErrBadCredentials: unknown user, wrong password, or a code or link that is wrong, used or
	// expired; which one is not told.
	ErrBadCredentials = errors.New("bad credentials")
	// ErrAccountDisabled: right password or code, disabled account.
	ErrAccountDisabled = errors.New("account is disabled")
	// ErrApprovalPending: right password or code, account not approved yet.
	ErrApprovalPending = errors.New("account awaits approval")
	// ErrEmailUnverified: right password, address not proven yet although the policy asks for
	// it.
	ErrEmailUnverified = errors.New("email is not verified")
	// ErrMethodOff: the policy does not allow this way to sign in.
	ErrMethodOff = errors.New("sign-in method is switched off")
	// ErrTooManyAttempts is limit.ErrTooMany: too much was tried. See LimitError.
	ErrTooManyAttempts = limit.ErrTooMany
	// ErrSessionRequired: the operation needs a session; a token is not enough.
	ErrSessionRequired = errors.New("a session is required")
	// ErrReauthRequired: the last proof of identity is too old. See ReauthError.
	ErrReauthRequired = errors.New("a fresh proof of identity is required")
	// ErrInvalidGrant: the refresh token is unknown, used, expired or its session has ended.
	ErrInvalidGrant = errors.New("invalid grant")
	// ErrInvalidScope: a requested scope is unknown or above the ceiling (RFC 6749 section
	// 5.2).
	ErrInvalidScope = errors.New("invalid scope")

	// ErrUnavailable: the store can't be reached or can't write now; try again.
	ErrUnavailable = errors.New("store is unavailable")
	// ErrSerialization: a transaction lost against others more often than it is retried, or
	// lost inside the host's own transaction, which only the host can run again.
	ErrSerialization = errors.New("transaction conflict")
	// ErrStale: a compare-and-swap found another value. The service handles it; it does not
	// reach hosts.
	ErrStale = errors.New("value has changed")
	// ErrWrongSecret: the store was set up with another Config.Secret.
	ErrWrongSecret = errors.New("store belongs to another secret")
)

// Codes of a FieldError, beside those of password.RuleError.
const (
	CodeInvalid  = "invalid"
	CodeRequired = "required"
	CodeReserved = "reserved"
	CodeTooLong  = "too_long"
	CodeUnknown  = "unknown"
	CodeOff      = "off"
)

// A FieldError says what is wrong with one field.
type FieldError struct {
	// Field is the member's name in the JSON contract; nested members are joined with a dot.
	Field string
	// Code is stable: too_short, too_long, too_common, too_guessable, invalid, required,
	// reserved, unknown, …
	Code string
	// Detail is a sentence for people.
	Detail string
}

// Err returns a FieldsError with this one field.
func (f FieldError) Err() error { return &FieldsError{Fields: []FieldError{f}} }

// FieldsError lists everything wrong with an input. It matches ErrInvalidInput, or
// ErrFieldForbidden when Forbidden is set. The zero value is ready for Add.
type FieldsError struct {
	Fields    []FieldError
	Forbidden bool
}

// Add notes one problem: the field, one of the codes, and a sentence for people.
func (e *FieldsError) Add(field, code, detail string) {
	e.Fields = append(e.Fields, FieldError{Field: field, Code: code, Detail: detail})
}

// Err returns a copy of e, or nil if nothing was added.
func (e *FieldsError) Err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	err := *e // so that an e without problems stays on the stack
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

// Unwrap gives the sentinel.
func (e *FieldsError) Unwrap() error {
	if e.Forbidden {
		return ErrFieldForbidden
	}
	return ErrInvalidInput
}

// CeilingError lists the scopes that the caller would need and does not hold. It matches
// ErrAboveCeiling.
type CeilingError struct{ Excess []string }

// Error names the missing scopes.
func (e *CeilingError) Error() string {
	return fmt.Sprintf("%v: %s", ErrAboveCeiling, strings.Join(e.Excess, " "))
}

// Unwrap gives ErrAboveCeiling.
func (e *CeilingError) Unwrap() error { return ErrAboveCeiling }

// ScopeError says which scope a caller lacks. It matches ErrInsufficientScope.
type ScopeError struct{ Need []string }

// Error names the scopes, any one of which would do.
func (e *ScopeError) Error() string {
	return fmt.Sprintf("%v: needs %s", ErrInsufficientScope, strings.Join(e.Need, " or "))
}

// Unwrap gives ErrInsufficientScope.
func (e *ScopeError) Unwrap() error { return ErrInsufficientScope }

// LimitError says when to try again. It matches ErrTooManyAttempts.
type LimitError = limit.Error

// ReauthError says how fresh the proof must be. It matches ErrReauthRequired.
type ReauthError struct{ MaxAge time.Duration }

// Error tells the age allowed.
func (e *ReauthError) Error() string { return fmt.Sprintf("%v within %v", ErrReauthRequired, e.MaxAge) }

// Unwrap gives ErrReauthRequired.
func (e *ReauthError) Unwrap() error { return ErrReauthRequired }
