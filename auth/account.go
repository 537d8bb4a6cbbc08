package auth

import (
	"encoding/json"
	"slices"
	"time"
)

// Status says whether a user may sign in.
type Status string

// The three states of a user.
const (
	StatusActive   Status = "active"
	StatusPending  Status = "pending" // awaits approval by a manager
	StatusDisabled Status = "disabled"
)

// User is a person's account, without anything secret.
type User struct {
	ID            UserID
	Username      string // as typed; empty when the user has none
	Email         string // as typed; empty when the user has none
	EmailVerified bool
	Name          string          // display name
	Attributes    json.RawMessage // the host's JSON object; never nil, at most 16 KiB
	Roles         []RoleID        // held directly, sorted
	Groups        []GroupRef      // memberships, by id
	Grants        []Grant         // what Roles alone does not tell, by group and role
	Status        Status
	ExternalID    string // the user's id in another system; empty for none
	CreatedAt     time.Time
	UpdatedAt     time.Time
	LastLoginAt   time.Time // zero before the first sign-in
}

// RoleNames are the names of the roles that the user holds directly, sorted.
func (u User) RoleNames() []string { return roleNames(u.Roles, u.Grants) }

// GroupNames are the names of the user's groups, sorted.
func (u User) GroupNames() []string {
	names := make([]string, len(u.Groups))
	for i, g := range u.Groups {
		names[i] = g.Name
	}
	slices.Sort(names)
	return names
}

// GroupIDs returns the ids of the user's groups.
func (u User) GroupIDs() []GroupID {
	ids := make([]GroupID, len(u.Groups))
	for i, g := range u.Groups {
		ids[i] = g.ID
	}
	return ids
}

// groupIDs is GroupIDs as package scopes takes them.
func (u User) groupIDs() []string {
	ids := make([]string, len(u.Groups))
	for i, g := range u.Groups {
		ids[i] = string(g.ID)
	}
	return ids
}

// roleNames names roles that are held directly. The id of a role that code defines is its name.
func roleNames(held []RoleID, grants []Grant) []string {
	names := make([]string, len(held))
	for i, r := range held {
		names[i] = string(r)
		for _, g := range grants {
			if g.Group == "" && g.Role == r {
				names[i] = g.Name
			}
		}
	}
	slices.Sort(names)
	return names
}

// Account is a User with what only stores and this package handle.
type Account struct {
	User
	UsernameKey  string // canonical username, unique; empty for none
	EmailKey     string // canonical email, unique; empty for none
	PasswordHash string // PHC string; empty when no password is set
}

// UserQuery selects users, by id ascending. Zero fields do not filter.
type UserQuery struct {
	Prefix     string // of the canonical username or email
	Role       RoleID
	Status     Status
	ExternalID string
	Group      GroupID  // members of it
	Within     []Within // all of these hold
	After      UserID   // ids greater than this
	Limit      int      // at most this many; always set by the service
}

// Within selects the users that a filtered right covers: those named, and the members of the
// groups. The zero value selects nobody.
type Within struct {
	Users  []UserID
	Groups []GroupID
}
