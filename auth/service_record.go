package auth

import "time"

// ServiceAccount is an account of a program. It has no password, only API tokens.
type ServiceAccount struct {
	ID          ServiceID
	Name        string // as typed
	NameKey     string // canonical name, unique
	Description string
	Status      Status   // StatusActive or StatusDisabled
	Roles       []RoleID // sorted
	Grants      []Grant  // of Roles, those made at run time
	CreatedAt   time.Time
}

// ServiceQuery selects services, by id ascending.
type ServiceQuery struct {
	Only  []ServiceID // nil for all
	After ServiceID   // ids greater than this
	Limit int
}

// RoleNames are the names of its roles, sorted.
func (v ServiceAccount) RoleNames() []string { return roleNames(v.Roles, v.Grants) }
