package auth

import "time"

// Group is a named set of users, which may hold roles.
type Group struct {
	ID          GroupID
	Name        string // as typed
	NameKey     string // canonical name, unique
	Description string
	Roles       []RoleID // sorted
	Grants      []Grant  // of Roles, those made at run time
	Members     int      // how many users are in it
	CreatedAt   time.Time
}

// GroupQuery selects groups, by id ascending.
type GroupQuery struct {
	Only  []GroupID // nil for all
	After GroupID   // ids greater than this
	Limit int
}

// RoleNames are the names of its roles, sorted.
func (g Group) RoleNames() []string { return roleNames(g.Roles, g.Grants) }
