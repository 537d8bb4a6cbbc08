package httpadapter

import (
	"net/http"
	"reflect"

	"github.com/hallpass-go/hallpass/auth"
)

// made is the 201 of a route that gives the same answer whether it made something or found it.
func made[T any]() map[int]reflect.Type {
	return map[int]reflect.Type{http.StatusCreated: reflect.TypeFor[T]()}
}

// rightsRoutes are about roles and groups, and what follows from them.
func rightsRoutes() []route {
	return []route{
		{method: "POST", path: "/check", access: signedIn, status: 200, handler: on(check),
			summary: "Whether the caller may"},
		{method: "POST", path: "/explain", access: signedIn, status: 200, handler: on(explain),
			summary: "Whether somebody may, and why",
			codes:   []string{"insufficient_scope", "not_found"}},
		{method: "GET", path: "/roles", access: needs(auth.ActReadRoles), status: 200, handler: on(listRoles),
			summary: "All roles, by name", query: paging},
		{method: "PUT", path: "/roles/{role}", access: needs(auth.ActManageRoles), status: 200, also: made[roleJSON](),
			handler: on(putRole),
			summary: "Make a role (201), or change it (200)", codes: []string{
				"above_ceiling", "not_found", "role_built_in",
			}},
		{method: "DELETE", path: "/roles/{role}", access: needs(auth.ActManageRoles), status: 204,
			handler: on(deleteRole), summary: "Delete a role",
			query: []param{
				{"force", "boolean", "take it from all who hold it"},
			}, codes: []string{"above_ceiling", "not_found", "role_built_in", "role_in_use"}},
		{method: "GET", path: "/groups", access: lists(auth.ActReadGroups), status: 200, handler: on(listGroups),
			summary: "List groups, by id: those that the caller reaches", query: paging},
		{method: "POST", path: "/groups", access: needs(auth.ActManageGroups), status: 201, handler: on(createGroup),
			summary: "Make a group",
			codes:   []string{"name_taken"}},
		{method: "GET", path: "/groups/{group}", access: onGroup(auth.ActReadGroups), status: 200,
			handler: on(readGroup), summary: "One group"},
		{method: "PATCH", path: "/groups/{group}", access: onGroup(auth.ActManageGroups), status: 200,
			handler: on(updateGroup), summary: "Change a group",
			codes: []string{"name_taken"}},
		{method: "DELETE", path: "/groups/{group}", access: onGroup(auth.ActManageGroups), status: 204,
			handler: on(deleteGroup), summary: "Delete a group",
			codes: []string{"above_ceiling"}},
		{method: "PUT", path: "/groups/{group}/members/{user}", access: onGroup(auth.ActManageGroups), status: 204,
			handler: on(addMember),
			summary: "Put a user into a group", codes: []string{"above_ceiling"}},
		{method: "DELETE", path: "/groups/{group}/members/{user}", access: onGroup(auth.ActManageGroups), status: 204,
			handler: on(removeMember),
			summary: "Take a user out of a group", codes: []string{"above_ceiling"}},
		{method: "PUT", path: "/groups/{group}/roles/{role}", access: onGroup(auth.ActManageGroups), status: 204,
			handler: on(addGroupRole),
			summary: "Give a role to all members of a group", codes: []string{"above_ceiling"}},
		{method: "DELETE", path: "/groups/{group}/roles/{role}", access: onGroup(auth.ActManageGroups), status: 204,
			handler: on(removeGroupRole),
			summary: "Take a role from a group", codes: []string{"above_ceiling"}},
	}
}

// serviceRoutes are about accounts of programs.
func serviceRoutes() []route {
	manage, one := needs(auth.ActManageServices), onService(auth.ActManageServices)
	return []route{
		{method: "GET", path: "/services", access: manage, status: 200, handler: on(listServices),
			summary: "List services, by id", query: paging},
		{method: "POST", path: "/services", access: manage, status: 201, handler: on(createService),
			summary: "Make an account for a program",
			codes:   []string{"name_taken"}},
		{method: "GET", path: "/services/{service}", access: one, status: 200, handler: on(readService),
			summary: "One service", codes: []string{"not_found"}},
		{method: "PATCH", path: "/services/{service}", access: one, status: 200, handler: on(updateService),
			summary: "Change a service",
			codes:   []string{"above_ceiling", "name_taken", "not_found"}},
		{method: "DELETE", path: "/services/{service}", access: one, status: 204, handler: on(deleteService),
			summary: "Delete a service with its tokens",
			codes:   []string{"above_ceiling", "not_found"}},
		{method: "PUT", path: "/services/{service}/roles/{role}", access: one, status: 204, handler: on(addServiceRole),
			summary: "Give a service a role",
			codes:   []string{"above_ceiling", "not_found"}},
		{method: "DELETE", path: "/services/{service}/roles/{role}", access: one, status: 204,
			handler: on(removeServiceRole),
			summary: "Take a role from a service", codes: []string{"above_ceiling", "not_found"}},
	}
}

// tokenRoutes are about API tokens of users and of services.
func tokenRoutes() []route {
	user, manage := onUser(auth.ActManageTokens), onService(auth.ActManageServices)
	above := []string{"above_ceiling", "not_found"}
	return []route{
		{method: "GET", path: "/users/{user}/tokens", access: user, status: 200, handler: on(listTokens),
			summary: "A user's API tokens, newest first", query: paging},
		{method: "POST", path: "/users/{user}/tokens", access: user, status: 201, handler: on(createAPIToken),
			summary: "Make an API token; its secret is shown once", codes: above},
		{method: "DELETE", path: "/users/{user}/tokens", access: user, status: 204, handler: on(revokeTokens),
			summary: "Revoke all API tokens of a user", codes: above},
		{method: "DELETE", path: "/users/{user}/tokens/{token}", access: user, status: 204, handler: on(revokeAPIToken),
			summary: "Revoke one API token", codes: above},
		{method: "GET", path: "/services/{service}/tokens", access: manage, status: 200, handler: on(listTokens),
			summary: "A service's API tokens, newest first",
			query:   paging, codes: above},
		{method: "POST", path: "/services/{service}/tokens", access: manage, status: 201, handler: on(createAPIToken),
			summary: "Make an API token; its secret is shown once", codes: above},
		{method: "DELETE", path: "/services/{service}/tokens", access: manage, status: 204, handler: on(revokeTokens),
			summary: "Revoke all API tokens of a service",
			codes:   above},
		{method: "DELETE", path: "/services/{service}/tokens/{token}", access: manage, status: 204,
			handler: on(revokeAPIToken), summary: "Revoke one API token",
			codes: above},
	}
}
