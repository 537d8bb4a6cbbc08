package scopes_test

import (
	"testing"

	"github.com/hallpass-go/hallpass/scopes"
)

// accountsModel looks like the model of a host with notes.
var accountsModel = scopes.Model{
	Kinds: []scopes.Kind{{Name: "note"}},
	Scopes: []scopes.Definition{
		{Name: "account", Filters: []string{"user"}},
		{Name: "users", Implies: []string{"read:users", "list:users"}, Filters: []string{"user", "group"}},
		{Name: "read:users", Filters: []string{"user", "group"}},
		{Name: "list:users", Filters: []string{"user", "group"}},
		{Name: "read:logins", Filters: []string{"user", "group"}},
		{Name: "sessions", Filters: []string{"user", "group"}},
		{Name: "tokens", Filters: []string{"user", "group"}},
		{Name: "groups", Implies: []string{"read:groups"}, Filters: []string{"group"}},
		{Name: "read:groups", Filters: []string{"group"}},
		{Name: "roles", Implies: []string{"read:roles"}},
		{Name: "read:roles"},
		{Name: "settings"},
		{Name: "resources", Filters: []string{"user", "group", "note"}},
		{Name: "shares", Implies: []string{"read:shares", "notes"}, Filters: []string{"user", "group", "note"}},
		{Name: "read:shares", Filters: []string{"user", "group", "note"}},
		{Name: "users:shares", Implies: []string{"read:users:shares"}, Filters: []string{"user", "group"}},
		{Name: "read:users:shares", Filters: []string{"user", "group"}},
		{Name: "notes", Implies: []string{"read:notes"}, Filters: []string{"user", "group", "note"}},
		{Name: "read:notes", Implies: []string{"list:notes"}, Filters: []string{"user", "group", "note"}},
		{Name: "list:notes", Filters: []string{"user", "group"}},
	},
}

var userRole = []string{
	"account!user", "read:users!user", "read:logins!user", "sessions!user", "tokens!user",
	"resources!user", "shares!user", "users:shares!user",
}

// compile is Compile for models that are known to be right.
func compile(tb testing.TB, models ...scopes.Model) *scopes.Schema {
	tb.Helper()
	schema, err := scopes.Compile(models...)
	if err != nil {
		tb.Fatal(err)
	}
	return schema
}
