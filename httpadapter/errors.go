package httpadapter

import (
	"context"
	"errors"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/sharing"
)

// Errors that only this package knows.
var (
	errNoRoute        = errors.New("no such route")
	errMethod         = errors.New("method not allowed")
	errMediaType      = errors.New("unsupported media type")
	errTooLarge       = errors.New("body is too large")
	errBadJSON        = errors.New("body is not one clean JSON object")
	errTwoCredentials = errors.New("two Authorization headers")
	errOrigin         = errors.New("cross-origin request")
	errInternal       = errors.New("internal error")
	errBadRequest     = errors.New("bad request")
	errGrantType      = errors.New("unsupported grant type")
)

// Is reports whether target is errOrigin, which every originError is.
func (e *originError) Is(target error) bool { return target == errOrigin }

// known is what clients are told about one error.
type known struct {
	err    error
	status int
	code   string // stable
	text   string // for people
	advice string // what to do about it, for the reference page
}

// table maps errors to answers. Nothing else does. Which error a denied caller gets, and so
// whether the answer is 401, 403 or 404, is decided by auth.Denied.
var table = []known{
	{errNoRoute, 404, "not_found", "There is nothing here.", "Check the path."},
	{errMethod, 405, "method_not_allowed", "This path does not take the method.", "See the header Allow."},
	{errMediaType, 415, "unsupported_media_type", "The body must be JSON.", "Send Content-Type: application/json."},
	{errTooLarge, 413, "too_large", "The body is larger than 64 KiB.", "Send less."},
	{errBadJSON, 400, "bad_json", "The body is not one clean JSON object.",
		"Check for syntax errors, members that appear twice, and text after the object."},
	{errTwoCredentials, 400, "two_credentials", "The request has two Authorization headers.", "Send one."},
	{errOrigin, 403, "cross_origin", "The request comes from another site.",
		"Call from the site itself, or add the other site to the trusted origins."},
	{errBadRequest, 400, "bad_request", "The request does not say what to delete.",
		"Name what to delete in the query, or all=true."},
	{errGrantType, 400, "unsupported_grant_type", "The grant type is not supported.",
		"See grant_types_supported in the server's metadata."},
	{auth.ErrUnauthenticated, 401, "unauthenticated", "A credential is required.", "Sign in."},
	{auth.ErrTokenInvalid, 401, "token_invalid", "The credential is not valid.", "Sign in again."},
	{auth.ErrTokenExpired, 401, "token_expired", "The access token has expired.", "Refresh it."},
	{auth.ErrBadCredentials, 401, "bad_credentials",
		"The name or the password is wrong, or a code is wrong, used or expired.", "Ask the person again."},
	{auth.ErrBadSetUpToken, 401, "bad_setup_token", "The set-up token is not valid.",
		"Use the one that the server printed when it started."},
	{auth.ErrInsufficientScope, 403, "insufficient_scope", "The credential lacks the scope for this.",
		"Use a credential that holds one of the scopes named."},
	{auth.ErrAboveCeiling, 403, "above_ceiling", "This takes rights that you do not hold.",
		"See the scopes named in errors."},
	{auth.ErrFieldForbidden, 403, "field_forbidden", "You may not set one of the fields.",
		"Leave out the fields named in errors."},
	{auth.ErrNoVerifier, 501, "no_verifier", "This role can't be earned by proof here.",
		"Ask whoever runs the site for the role."},
	{auth.ErrClaimRefused, 403, "claim_refused", "The evidence was not accepted.", "See detail; try other evidence."},
	{auth.ErrEvidenceType, 415, "evidence_type", "Evidence of this type is not taken.",
		"Send one of the types that the site takes."},
	{auth.ErrEvidenceTooLarge, 413, "too_large", "The evidence is too large.", "Send less."},
	{auth.ErrVerifierFailed, 503, "verifier_failed", "The evidence can't be judged now.",
		"Try again after Retry-After."},
	{auth.ErrRefused, 403, "refused", "The site refuses this.", "Ask whoever runs the site."},
	{auth.ErrSignUpClosed, 403, "signup_closed", "Sign-up is closed.", "Ask for an invitation or an account."},
	{auth.ErrAccountDisabled, 403, "account_disabled", "The account is disabled.", "Ask whoever runs the site."},
	{auth.ErrApprovalPending, 403, "approval_pending", "The account awaits approval.",
		"Wait, or ask whoever runs the site."},
	{auth.ErrEmailUnverified, 403, "email_unverified", "The email address is not proven yet.",
		"Prove the address first."},
	{auth.ErrMethodOff, 403, "method_off", "This way to sign in is switched off.",
		"See sign_in_methods of the policy."},
	{auth.ErrSessionRequired, 403, "session_required", "This takes a session; a token is not enough.",
		"Sign in as a person."},
	{auth.ErrReauthRequired, 403, "reauth_required", "This takes a fresh proof of who you are.",
		"POST /sessions/current/reauth, then try again."},
	{auth.ErrNotFound, 404, "not_found", "There is no such thing, or it is out of your reach.", "Check the id."},
	{auth.ErrBadCursor, 400, "bad_cursor", "The cursor is not one that a list gave out.",
		"Start again without a cursor."},
	{auth.ErrInvalidInput, 422, "invalid_input", "One or more fields are not valid.", "See errors."},
	{auth.ErrUsernameTaken, 409, "username_taken", "The username is taken.", "Choose another one."},
	{auth.ErrEmailTaken, 409, "email_taken", "The email address is taken.", "Sign in, or use another address."},
	{auth.ErrExternalIDTaken, 409, "external_id_taken", "The external id is taken.", "Use the account that has it."},
	{auth.ErrNameTaken, 409, "name_taken", "The name is taken.", "Choose another one."},
	{auth.ErrRoleBuiltIn, 409, "role_built_in", "The role is defined by the site's code.", "Make another role."},
	{auth.ErrRoleInUse, 409, "role_in_use", "Somebody holds the role, or it is a default role.",
		"Take it from the default roles; ask with force=true to take it from everybody."},
	{sharing.ErrShareCodeInvalid, 404, "code_invalid", "The share code is not valid.",
		"Ask whoever shared for a new one."},
	{sharing.ErrOwnCode, 409, "own_code", "The resource is your own.", "Nothing to accept."},
	{sharing.ErrResourceTaken, 409, "resource_taken", "Somebody else has registered the resource.", "Use another id."},
	{sharing.ErrNoHolder, 403, "user_required", "This takes a user or a service.", "Sign in as a person."},
	{auth.ErrLastAdmin, 409, "last_admin", "At least one active admin has to stay.", "Make somebody else admin first."},
	{auth.ErrSetUpDone, 409, "setup_done", "An admin exists already.", "Sign in."},
	{auth.ErrTooManyAttempts, 429, "too_many_attempts", "Too many attempts.", "Wait for as long as Retry-After says."},
	{auth.ErrInvalidGrant, 400, "invalid_grant", "The grant is not valid.", "Sign in again."},
	{auth.ErrInvalidScope, 400, "invalid_scope", "A scope is unknown or above the person's rights.", "Ask for less."},
	{auth.ErrNoEmail, 409, "no_email", "The account has no email address.",
		"Give it one, or make a link on the command line."},
	{auth.ErrInvitationInvalid, 404, "invitation_invalid", "The invitation is not valid (any more).",
		"Ask for another one."},
	{device.ErrAuthorizationPending, 400, "authorization_pending", "Nobody has decided yet.",
		"Poll again after the interval."},
	{device.ErrSlowDown, 400, "slow_down", "The device polls too often.",
		"Add five seconds to the interval, for good."},
	{device.ErrAccessDenied, 400, "access_denied", "The person has denied it.", "Stop."},
	{device.ErrExpired, 400, "expired_token", "The device code has expired.", "Begin again."},
	{auth.ErrNoMailer, 501, "no_mailer", "This takes mail and none can be sent.",
		"Whoever runs the site has to configure a mailer or change the policy."},
	{password.ErrBusy, 503, "busy", "Too many people are signing in.", "Try again after Retry-After."},
	{auth.ErrUnavailable, 503, "unavailable", "The store can't be reached.", "Try again after Retry-After."},
	{auth.ErrSerialization, 503, "conflict_retry", "Too much happened at once.", "Try again after Retry-After."},
	{context.DeadlineExceeded, 503, "timeout", "It took too long.", "Try again after Retry-After."},
	{context.Canceled, 503, "canceled", "The request was cancelled.", "Try again."},
	{auth.ErrWrongSecret, 500, "internal", "Something went wrong.", "Whoever runs the server finds more in its log."},
	{auth.ErrStale, 500, "internal", "Something went wrong.", "Whoever runs the server finds more in its log."},
	{errInternal, http.StatusInternalServerError, "internal", "Something went wrong.",
		"Whoever runs the server finds more in its log."},
}

// lookUp returns the first row for err, or the last row if there is none.
func lookUp(err error) known {
	for _, k := range table {
		if errors.Is(err, k.err) {
			return k
		}
	}
	return table[len(table)-1]
}
