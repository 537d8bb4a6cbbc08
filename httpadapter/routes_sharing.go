package httpadapter

import (
	"reflect"

	"github.com/hallpass-go/hallpass/auth"
)

// sharingRoutes are about resources, share codes and shares.
func sharingRoutes() []route {
	const base = "/resources/{kind}/{id}"
	write, read := onResource("shares"), onResource("read:shares")
	above := []string{"above_ceiling", "user_required"}
	code := []string{"code_invalid", "own_code", "too_many_attempts", "user_required"}
	return []route{
		{method: "GET", path: "/people", access: signedIn, status: 200, handler: on(listPeople),
			summary: "Whom to share with",
			query:   []param{{"q", "string", "a username, or its beginning where the settings allow that"}}},
		{method: "GET", path: "/resources", access: signedIn, status: 200, handler: on(listResources),
			summary: "What the caller owns, by id",
			query:   append([]param{{"kind", "string", "of the resources"}}, paging...), codes: []string{
				"insufficient_scope", "not_found", "user_required",
			}},
		{method: "PUT", path: base, access: signedIn, status: 200, also: made[resourceJSON](), handler: on(putResource),
			summary: "Register a resource (201), or find that it is the caller's (200)",
			codes:   []string{"insufficient_scope", "not_found", "resource_taken", "user_required", "invalid_input"}},
		{method: "GET", path: base, access: signedIn, status: 200, handler: on(readResource), summary: "One resource",
			codes: []string{"insufficient_scope", "not_found"}},
		{method: "DELETE", path: base, access: signedIn, status: 204, handler: on(deleteResource),
			summary: "Forget a resource, its shares and codes",
			codes:   []string{"insufficient_scope", "not_found"}},

		{method: "GET", path: base + "/shares", access: read, status: 200, handler: on(listShares),
			summary: "Who the resource is shared with", query: paging},
		{method: "POST", path: base + "/shares", access: write, status: 201,
			handler: answers[shareJSON](on(createShare)), also: map[int]reflect.Type{202: nil},
			summary: "Share with a user or a group (201), or with whoever has an email address (202)", codes: append(
				[]string{"no_mailer", "too_many_attempts"}, above...,
			)},
		{method: "DELETE", path: base + "/shares", access: write, status: 204, handler: on(revokeShares),
			summary: "Revoke shares of the resource",
			query: []param{{
				"user", "string", "id of the receiver",
			}, {"group", "string", "id of the receiver"}, {"code", "string", "id of the code they came from"},
				{"all", "boolean", "all of them"}}, codes: []string{"bad_request"}},
		{method: "PATCH", path: base + "/shares/{share}", access: write, status: 200, handler: on(updateShare),
			summary: "Narrow a share", codes: above},
		{method: "DELETE", path: base + "/shares/{share}", access: write, status: 204, handler: on(revokeShare),
			summary: "Revoke one share"},

		{method: "GET", path: base + "/share-codes", access: read, status: 200, handler: on(listCodes),
			summary: "Codes of the resource, without their secrets", query: paging},
		{method: "POST", path: base + "/share-codes", access: write, status: 201, handler: on(createCode),
			summary: "Make a share code; its secret is shown once", codes: above},
		{method: "DELETE", path: base + "/share-codes", access: write, status: 204, handler: on(revokeCodes),
			summary: "Revoke all codes of the resource",
			query:   []param{{"all", "boolean", "must be true"}, withShares}, codes: []string{"bad_request"}},
		{method: "DELETE", path: base + "/share-codes/{code_id}", access: write, status: 204, handler: on(revokeCode),
			summary: "Revoke one code", query: []param{withShares}},
		{method: "GET", path: base + "/share-codes/{code_id}/exchanges", access: read, status: 200,
			handler: on(listExchanges), summary: "Who accepted a code, newest first",
			query: paging},

		{method: "POST", path: "/share-codes/preview", access: signedIn, status: 200, handler: on(previewCode),
			summary: "What a code offers", codes: code},
		{method: "POST", path: "/share-codes/accept", access: signedIn, status: 200, handler: on(acceptCode),
			summary: "Take what a code offers", codes: code},
		{method: "POST", path: "/share-codes/revoke", access: signedIn, status: 204, handler: on(revokeByCode),
			summary: "Revoke a code by itself",
			codes:   []string{"code_invalid", "too_many_attempts"}},

		{method: "GET", path: "/users/{user}/shared", access: onUser(auth.ActReadReceived), status: 200,
			handler: on(listReceived), summary: "What was shared with a user", query: paging},
		{method: "DELETE", path: "/users/{user}/shared/{share}", access: onUser(auth.ActDropReceived), status: 204,
			handler: on(dropReceived), summary: "Give back a share"},
		{method: "GET", path: "/groups/{group}/shared", access: onGroup(auth.ActReadGroupReceived), status: 200,
			handler: on(listReceived), summary: "What was shared with a group",
			query: paging},
		{method: "DELETE", path: "/groups/{group}/shared/{share}", access: onGroup(auth.ActDropGroupReceived),
			status: 204, handler: on(dropReceived),
			summary: "Give back a share of a group"},
		{method: "GET", path: "/users/{user}/given", access: onUser(auth.ActReadReceived), status: 200,
			handler: on(listGiven), summary: "Shares and codes that a user gave",
			query: paging},
	}
}

var withShares = param{"with_shares", "boolean", "and the shares that came from it"}
