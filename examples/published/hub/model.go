package main

import (
	"slices"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
)

// kindServer is the kind of resource that the hub shares.
const kindServer = "server"

// model declares JupyterHub's tree of scopes beside the library's own. Each scope takes only
// filters that make sense for it: a scope with the filter server is about servers, and scopes
// that create take none.
func model(custom []scopes.Definition) scopes.Model {
	server, user, group := []string{kindServer, "user", "group"}, []string{"user", "group"}, []string{"group"}
	list := []scopes.Definition{
		{Name: "access:servers", Label: "Access user servers via API or browser", Filters: server},
		{Name: "servers", Label: "Start and stop user servers", Implies: []string{
			"read:servers", "delete:servers",
		}, Filters: server},
		{Name: "read:servers", Label: "See user servers", Implies: []string{"read:users:name"}, Filters: server},
		{Name: "delete:servers", Label: "Stop and delete user servers", Filters: server},
		{Name: "users:activity", Label: "Update the time of last activity", Implies: []string{"read:users:activity"},
			Filters: server},
		{Name: "admin:servers", Label: "Start, stop and create user servers", Implies: []string{
			"servers", "admin:server_state",
		}, Filters: user},
		{Name: "admin:server_state", Label: "See the state of user servers", Filters: user},
		{Name: "admin:users", Label: "Create and change users", Implies: []string{
			"users", "delete:users", "read:roles:users", "admin:auth_state",
		}, Filters: user},
		{Name: "admin:auth_state", Label: "See what an authenticator knows of users", Filters: user},
		{Name: "read:users:name", Label: "See names of users", Filters: user},
		{Name: "read:users:groups", Label: "See groups of users", Filters: user},
		{Name: "read:users:activity", Label: "See when users were active", Filters: user},
		{Name: "read:roles:users", Label: "See roles of users", Filters: user},
		{Name: "read:tokens", Label: "See tokens of users", Filters: user},
		{Name: "admin:groups", Label: "Create and delete groups", Implies: []string{
			"groups", "read:roles:groups", "delete:groups",
		}, Filters: group},
		{Name: "delete:groups", Label: "Delete groups", Filters: group},
		{Name: "list:groups", Label: "List groups", Implies: []string{"read:groups:name"}, Filters: group},
		{Name: "read:groups:name", Label: "See names of groups", Filters: group},
		{Name: "read:roles:groups", Label: "See roles of groups", Filters: group},
	}
	for _, name := range []string{
		"admin-ui", "admin:services", "list:services", "read:services", "read:services:name", "access:services",
		"read:roles:services",
		"read:hub", "read:metrics", "proxy", "shutdown",
	} {
		list = append(list, scopes.Definition{Name: name})
	}
	return scopes.Model{Kinds: []scopes.Kind{{Name: kindServer}}, Scopes: append(list, custom...),
		Extends: map[string][]string{
			"shares":      {"access:servers", "users:shares", "groups:shares"},
			"users":       {"users:activity"},
			"read:users":  {"read:users:name", "read:users:groups", "read:users:activity"},
			"list:users":  {"read:users:name"},
			"tokens":      {"read:tokens"},
			"groups":      {"list:groups"},
			"read:groups": {"read:groups:name"},
			"read:roles":  {"read:roles:users", "read:roles:groups", "read:roles:services"},
		}}
}

// self is JupyterHub's scope of that name: what everybody may do with their own things. Sharing
// is not part of it.
var self = []string{
	"read:users!user", "users:activity!user", "servers!user", "access:servers!user", "tokens!user", "read:shares!user",
	"users:shares!user",
}

// identify is what every token of a user may do.
var identify = []string{"read:users:name!user", "read:users:groups!user"}

// meta are words that stand for other scopes in JupyterHub. They are no scopes here.
var meta = []string{"self", "inherit", "(no_scope)"}

// roleSharer lets people share their own servers.
const roleSharer = "sharer"

func roles(more []auth.Role) []auth.Role {
	return append([]auth.Role{
		{Name: string(auth.RoleUser), Description: "Everybody.", Scopes: self},
		{Name: roleSharer, Description: "Who may share their servers.", Scopes: []string{"shares!user"}},
	}, more...)
}

// shareable are the scopes of a server that may be shared: those that open only this server.
var shareable = []string{
	"access:servers", "servers", "read:servers", "delete:servers", "users:activity", "shares", "read:shares",
}

func isShareable(name string) bool { return slices.Contains(shareable, name) }

// kinds says how servers are shared. The hub's own table knows their owners.
func kinds(s servers) map[string]sharing.Kind {
	return map[string]sharing.Kind{
		kindServer: {Shareable: shareable, Default: []string{"access:servers"}, Owners: s.owners},
	}
}
