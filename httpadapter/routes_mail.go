package httpadapter

import (
	"reflect"

	"github.com/hallpass-go/hallpass/auth"
)

var proofCodes = []string{"bad_credentials", "too_many_attempts"}

// mailRoutes are about email codes and invitations.
func mailRoutes() []route {
	return []route{
		{method: "POST", path: "/email-codes", access: public, signIn: true, status: 202, handler: on(beginCode),
			summary: "Have a code mailed, to sign in, to prove an address or to reset a password; " +
				"every address gets the same answer",
			codes: []string{"no_mailer", "method_off", "too_many_attempts"}},
		{method: "POST", path: "/email-codes/{flow}/resend", access: public, signIn: true, status: 202,
			handler: on(resendCode),
			summary: "Have another code mailed; the one before counts no more",
			codes:   []string{"no_mailer", "bad_credentials", "too_many_attempts"}},
		{method: "POST", path: "/users/me/email", access: onSelf(auth.ActChangeEmail), status: 202,
			handler: on(changeEmail),
			summary: "Change the own address: a code goes to the new one, a notice to the old one",
			codes: []string{"no_mailer", "session_required", "reauth_required", "above_ceiling",
				"too_many_attempts"}},
		{method: "POST", path: "/email-verifications", access: public, signIn: true, status: 200,
			handler: on(verifyEmail),
			summary: "Prove an address: of an account, of a sign-up or of a change",
			codes: append([]string{"signup_closed", "username_taken", "email_taken", "refused"},
				proofCodes...)},
		{method: "POST", path: "/password-resets", access: public, signIn: true, status: 204,
			handler: on(resetPassword),
			summary: "Set a new password by a code or a mailed link, and end all sessions",
			codes:   append([]string{"busy"}, proofCodes...)},
		{method: "POST", path: "/users/{user}/password-reset", access: onUser(auth.ActResetPassword), status: 202,
			handler: on(mailReset),
			summary: "Mail a user a link to set a new password",
			codes: []string{"no_mailer", "no_email", "above_ceiling", "session_required",
				"too_many_attempts"}},
		{method: "GET", path: "/invitations", access: needs(auth.ActInvite), status: 200,
			handler: on(listInvitations),
			summary: "Invitations that still count, by id", query: paging},
		{method: "POST", path: "/invitations", access: needs(auth.ActInvite), status: 201, handler: on(invite),
			summary: "Mail an invitation to make an account",
			codes: []string{"no_mailer", "email_taken", "above_ceiling", "session_required",
				"too_many_attempts"}},
		{method: "DELETE", path: "/invitations/{invitation}", access: needs(auth.ActInvite), status: 204,
			handler: on(deleteInvitation),
			summary: "Withdraw an invitation", codes: []string{"not_found"}},
		{method: "POST", path: "/invitations/preview", access: public, status: 200, handler: on(previewInvitation),
			summary: "What an invitation is for; changes nothing", codes: []string{"invitation_invalid"}},
		{method: "POST", path: "/invitations/accept", access: public, signIn: true, status: 201,
			handler: on(acceptInvitation),
			summary: "Make the account, and sign in with a cookie",
			codes: []string{"invitation_invalid", "username_taken", "email_taken", "account_disabled",
				"approval_pending", "refused", "busy"}},
		linkRoute(),
	}
}

// signUpAnswers are what POST /users may answer with in place of the user.
var signUpAnswers = map[int]reflect.Type{202: reflect.TypeFor[flowJSON]()}

// deviceRoutes sign in programs without a browser.
func deviceRoutes() []route {
	return []route{
		{method: "POST", path: "/device/authorize", access: public, signIn: true, form: true, oauth: true,
			status: 200, handler: on(authorizeDevice),
			summary: "Begin to sign in a program without a browser (RFC 8628)",
			codes:   []string{"invalid_scope", "invalid_request", "too_many_attempts"}},
		{method: "POST", path: "/device/lookup", access: signedIn, status: 200, handler: on(lookUpDevice),
			summary: "Which program asks; the first session to look owns the decision",
			codes:   []string{"session_required", "not_found", "too_many_attempts"}},
		{method: "POST", path: "/device/approve", access: signedIn, status: 204, handler: on(approveDevice),
			summary: "Allow or deny a program",
			codes:   []string{"session_required", "not_found", "above_ceiling", "too_many_attempts"}},
	}
}
