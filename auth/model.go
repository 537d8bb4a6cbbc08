package auth

import (
	"slices"

	"github.com/hallpass-go/hallpass/scopes"
)

// BaseModel returns the scopes that this library itself checks. New adds it to the host's.
func BaseModel() scopes.Model {
	user, group, both := []string{"user"}, []string{"group"}, []string{"user", "group"}
	return scopes.Model{Scopes: []scopes.Definition{
		{Name: "account", Label: "Manage the own account", Filters: user},
		{Name: "users", Label: "Manage users", Implies: []string{"read:users", "list:users"}, Filters: both},
		{Name: "read:users", Label: "See users", Filters: both},
		{Name: "list:users", Label: "List users", Filters: both},
		{Name: "delete:users", Label: "Delete users", Filters: both},
		{Name: "read:logins", Label: "See the login history", Filters: both},
		{Name: "sessions", Label: "See and end sessions", Filters: both},
		{Name: "tokens", Label: "Manage API tokens", Filters: both},
		{Name: "groups", Label: "Manage groups", Implies: []string{"read:groups"}, Filters: group},
		{Name: "read:groups", Label: "See groups", Filters: group},
		{Name: "roles", Label: "Manage roles", Implies: []string{"read:roles"}},
		{Name: "read:roles", Label: "See roles"},
		{Name: "services", Label: "Manage services"},
		{Name: "settings", Label: "Change policy and settings"},
		{Name: "introspect", Label: "Check tokens of others"},
		{Name: "read:audit", Label: "See the audit record"},
		{Name: "users:shares", Label: "Manage what is shared with users", Implies: []string{"read:users:shares"},
			Filters: both},
		{Name: "read:users:shares", Label: "See what is shared with users", Filters: both},
		{Name: "groups:shares", Label: "Manage what is shared with groups", Implies: []string{"read:groups:shares"},
			Filters: group},
		{Name: "read:groups:shares", Label: "See what is shared with groups", Filters: group},
	}}
}

// aboutGroups tells whether a scope, filtered by group, is about the group itself and not about
// its members and what is theirs.
func aboutGroups(name string) bool {
	return slices.ContainsFunc(BaseModel().Scopes, func(d scopes.Definition) bool {
		return d.Name == name && slices.Equal(d.Filters, []string{scopes.KindGroup})
	})
}

// sharingModel returns the scopes that accept filters of every host kind.
func sharingModel(host scopes.Model) scopes.Model {
	kinds := []string{"user", "group"}
	for _, k := range host.Kinds {
		kinds = append(kinds, k.Name)
	}
	return scopes.Model{Scopes: []scopes.Definition{
		{Name: "resources", Label: "Manage resources", Filters: kinds},
		{Name: "shares", Label: "Share", Implies: []string{"read:shares"}, Filters: kinds},
		{Name: "read:shares", Label: "See shares", Filters: kinds},
	}}
}

// userScopes are the scopes of the built-in role user.
func userScopes() []string {
	return []string{
		"account!user", "read:users!user", "read:logins!user", "sessions!user", "tokens!user",
		"resources!user", "shares!user", "users:shares!user",
	}
}
