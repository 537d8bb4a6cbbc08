package httpadapter

import (
	"slices"

	"github.com/hallpass-go/hallpass/auth"
)

var (
	paging     = []param{{"limit", "integer", "1 to 200, default 50"}, {"cursor", "string", "next of the page before"}}
	loginQuery = append([]param{
		{"outcome", "string", "success or failure"}, {"method", "string", "such as password"},
		{"since", "date-time", "at or after"}, {"until", "date-time", "before"},
	}, paging...)
	signInCodes = []string{"bad_credentials", "account_disabled", "approval_pending", "email_unverified", "method_off",
		"too_many_attempts", "busy"}
)

// routes is the table: every route of the API, once. See access for what its column access
// means.
func routes(cfg Config, rooms Rooms) []route {
	all := slices.Concat(
		siteRoutes(), userRoutes(), sessionRoutes(), mailRoutes(), rightsRoutes(), serviceRoutes(), tokenRoutes(),
	)
	if rooms.Devices != nil {
		all = append(all, deviceRoutes()...)
	}
	if rooms.Sharing != nil {
		all = append(all, sharingRoutes()...)
	}
	if cfg.HideDocs {
		return all
	}
	return append(all, docRoutes()...)
}

func siteRoutes() []route {
	return []route{
		{method: "GET", path: "/policy", access: public, status: 200, handler: on(readPolicy),
			summary: "Who may sign up, and how to sign in"},
		{method: "POST", path: "/setup", access: public, signIn: true, status: 201, handler: on(setUpAdmin),
			summary: "Make the first admin",
			codes:   []string{"bad_setup_token", "setup_done", "busy"}},
		{method: "GET", path: "/whoami", access: anybody, status: 200, handler: on(whoami),
			summary: "Who the credential stands for, and what it may do"},
		{method: "GET", path: "/scopes", access: signedIn, status: 200, handler: on(readModel),
			summary: "All kinds and scopes"},
		{method: "GET", path: "/settings", access: needs(auth.ActSettings), status: 200, handler: on(readSettings),
			summary: "Policy and other settings"},
		{method: "PATCH", path: "/settings", access: needs(auth.ActSettings), status: 200, handler: on(updateSettings),
			summary: "Change settings",
			codes:   []string{"above_ceiling", "no_mailer"}},
		{method: "GET", path: "/audit", access: needs(auth.ActReadAudit), status: 200, handler: on(listAudit),
			summary: "Changes of rights, policy and credentials, newest first",
			query: append([]param{{
				"actor", "string", "who did it",
			}, {"target", "string", "to whom or what"}, {"action", "string", "what"},
				{"since", "date-time", "at or after"}}, paging...)},
		{method: "GET", path: "/.well-known/jwks.json", access: public, status: 200, handler: on(jwks),
			summary: "Public keys of access tokens (RFC 7517)"},
		{method: "GET", path: "/.well-known/oauth-authorization-server", access: public, status: 200,
			handler: on(serverMetadata), summary: "Server metadata (RFC 8414)"},
	}
}

func userRoutes() []route {
	return []route{
		{method: "POST", path: "/users", access: signUp, signIn: true, status: 201,
			handler: answers[createdJSON](on(createUser)), also: signUpAnswers,
			summary: "Sign up, or make an account for somebody",
			codes: []string{"signup_closed", "field_forbidden", "above_ceiling", "session_required", "username_taken",
				"email_taken", "external_id_taken", "no_mailer", "too_many_attempts", "busy"}},
		{method: "GET", path: "/users", access: lists(auth.ActListUsers), status: 200, handler: on(listUsers),
			summary: "List users, by id: those that the caller reaches",
			query: append([]param{{
				"q", "string", "beginning of username or email",
			}, {"role", "string", "held directly"}, {"group", "string", "member of"},
				{"status", "string", "active, pending or disabled"}, {"external_id", "string", "exactly"}}, paging...)},
		{method: "GET", path: "/users/{user}", access: onUser(auth.ActReadUser), status: 200, handler: on(readUser),
			summary: "One user"},
		{method: "PATCH", path: "/users/{user}", access: onUser(auth.ActUpdateUser), status: 200,
			handler: on(updateUser), summary: "Change a user",
			codes: []string{"field_forbidden", "above_ceiling", "reauth_required", "username_taken", "email_taken",
				"external_id_taken", "last_admin", "too_many_attempts"}},
		{method: "DELETE", path: "/users/{user}", access: onUser(auth.ActDeleteUser), status: 204,
			handler: on(deleteUser), summary: "Delete a user and all that is theirs",
			codes: []string{"above_ceiling", "reauth_required", "session_required", "last_admin"}},
		{method: "PUT", path: "/users/{user}/roles/{role}", access: onUser(auth.ActManageUser), status: 204,
			handler: on(addRole), summary: "Give a role",
			codes: []string{"above_ceiling"}},
		{method: "DELETE", path: "/users/{user}/roles/{role}", access: onUser(auth.ActManageUser), status: 204,
			handler: on(removeRole), summary: "Take a role",
			codes: []string{"above_ceiling", "last_admin"}},
		{method: "POST", path: "/users/{user}/password", access: onUser(auth.ActChangePassword), status: 204,
			handler: on(changePassword),
			summary: "Set the password and end all other sessions",
			codes: []string{"bad_credentials", "field_forbidden", "above_ceiling", "session_required",
				"reauth_required", "too_many_attempts", "busy"}},
		{method: "POST", path: "/users/{user}/role-claims/{role}", access: onUser(auth.ActClaimRole), status: 200,
			handler: on(claimRole),
			summary: "Earn a role by proof: the evidence as the body, or as the field evidence of multipart/form-data",
			codes: []string{"claim_refused", "evidence_type", "too_large", "invalid_input", "no_verifier",
				"verifier_failed", "too_many_attempts"}},
		{method: "GET", path: "/users/{user}/export", access: onUser(auth.ActExportUser), status: 200,
			handler: on(exportUser),
			summary: "Everything that is stored about a user"},
		{method: "GET", path: "/users/{user}/logins", access: onUser(auth.ActReadLogins), status: 200,
			handler: on(userLogins),
			summary: "A user's attempts to sign in, newest first", query: loginQuery},
		{method: "GET", path: "/users/{user}/logins/{login}", access: onUser(auth.ActReadLogins), status: 200,
			handler: on(userLogin), summary: "One login of a user"},
		{method: "GET", path: "/logins", access: onAsked(auth.ActReadLogins), status: 200, handler: on(allLogins),
			summary: "Everybody's attempts to sign in, newest first",
			query:   append([]param{{"user", "string", "id of one user"}}, loginQuery...)},
		{method: "GET", path: "/logins/{login}", access: signedIn, status: 200, handler: on(readLogin),
			summary: "One login, for its owner and for holders of read:logins",
			codes:   []string{"insufficient_scope", "not_found"}},
	}
}

func sessionRoutes() []route {
	return []route{
		{method: "POST", path: "/sessions", access: public, signIn: true, status: 201, handler: on(createSession),
			summary: "Sign in with a cookie", codes: signInCodes},
		{method: "DELETE", path: "/sessions/current", access: signedIn, status: 204, handler: on(signOut),
			summary: "Sign out", codes: []string{"session_required"}},
		{method: "POST", path: "/sessions/current/reauth", access: signedIn, status: 204, handler: on(reauthenticate),
			summary: "Prove again who you are",
			codes:   append([]string{"session_required"}, signInCodes...)},
		{method: "POST", path: "/sessions/current/token", access: signedIn, status: 200, handler: on(sessionToken),
			summary: "An access token for the cookie's session",
			codes:   []string{"session_required"}},
		{method: "GET", path: "/users/{user}/sessions", access: onUser(auth.ActManageSessions), status: 200,
			handler: on(listSessions),
			summary: "A user's sessions, newest first", query: paging},
		{method: "DELETE", path: "/users/{user}/sessions", access: onUser(auth.ActManageSessions), status: 204,
			handler: on(endSessions),
			summary: "End a user's sessions, but not the caller's own", query: []param{
				{"all", "boolean", "end the caller's own, too"},
			}, codes: []string{"above_ceiling"}},
		{method: "DELETE", path: "/users/{user}/sessions/{session}", access: onUser(auth.ActManageSessions),
			status: 204, handler: on(endSession),
			summary: "End one session", codes: []string{"above_ceiling"}},
		{method: "POST", path: "/token", access: public, signIn: true, form: true, oauth: true, status: 200,
			handler: on(createToken),
			summary: "Sign in for tokens, or refresh them (RFC 6749)",
			codes: []string{"invalid_grant", "invalid_scope", "unsupported_grant_type", "invalid_request",
				"unauthorized_client", "authorization_pending", "slow_down", "access_denied", "expired_token",
				"too_many_attempts", "busy"}},
		{method: "POST", path: "/token/revoke", access: public, form: true, oauth: true, status: 200,
			handler: on(revokeToken), summary: "End the session of a token (RFC 7009)"},
		{method: "POST", path: "/token/introspect", access: needs(auth.ActIntrospect), form: true, status: 200,
			handler: on(introspect),
			summary: "What a token stands for (RFC 7662)"},
	}
}
