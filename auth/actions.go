package auth

import (
	"context"
	"errors"
	"slices"

	"github.com/hallpass-go/hallpass/scopes"
)

// BaseModel returns the scopes that this package checks. New adds them to those of the host.
func BaseModel() scopes.Model {
	user, group, both := []string{"user"}, []string{"group"}, []string{"user", "group"}
	return scopes.Model{Scopes: []scopes.Definition{
		{Name: "account", Label: "Manage your own account", Filters: user},
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
		{Name: "introspect", Label: "Check other people's tokens"},
		{Name: "read:audit", Label: "See the audit record"},
		{Name: "users:shares", Label: "Manage what is shared with users", Implies: []string{"read:users:shares"},
			Filters: both},
		{Name: "read:users:shares", Label: "See what is shared with users", Filters: both},
		{Name: "groups:shares", Label: "Manage what is shared with groups", Implies: []string{"read:groups:shares"},
			Filters: group},
		{Name: "read:groups:shares", Label: "See what is shared with groups", Filters: group},
	}}
}

// aboutGroups reports whether a scope with a filter by group is about the group itself. The
// other scopes are about its members and what they own.
func aboutGroups(name string) bool {
	return slices.ContainsFunc(BaseModel().Scopes, func(d scopes.Definition) bool {
		return d.Name == name && slices.Equal(d.Filters, []string{scopes.KindGroup})
	})
}

// sharingModel returns the scopes of sharing. They accept filters of every kind of the host's.
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

// userScopes returns the scopes of the built-in role user.
func userScopes() []string {
	return []string{
		"account!user", "read:users!user", "read:logins!user", "sessions!user", "tokens!user",
		"resources!user", "shares!user", "users:shares!user",
	}
}

// Action is something that a caller wants to do and that needs a scope. The route table of an
// adapter names one action for each route, and the methods of Service check the same one.
type Action string

// The actions that need a scope.
const (
	ActCreateUser     Action = "create user"
	ActListUsers      Action = "list users"
	ActReadUser       Action = "read user"
	ActUpdateUser     Action = "update user"
	ActDeleteUser     Action = "delete user"
	ActManageUser     Action = "manage user" // status, roles, email and external id
	ActChangePassword Action = "change password"
	ActClaimRole      Action = "claim role"
	ActExportUser     Action = "export user"
	ActReadLogins     Action = "read logins"
	ActManageSessions Action = "manage sessions"
	ActSettings       Action = "settings"
	ActIntrospect     Action = "introspect"
	ActReadAudit      Action = "read audit"
	ActManageTokens   Action = "manage tokens"
	ActReadGroups     Action = "read groups"
	ActManageGroups   Action = "manage groups"
	ActReadRoles      Action = "read roles"
	ActManageRoles    Action = "manage roles"
	ActManageServices Action = "manage services"

	ActReadReceived      Action = "read what was shared with user"
	ActDropReceived      Action = "drop what was shared with user"
	ActReadGroupReceived Action = "read what was shared with group"
	ActDropGroupReceived Action = "drop what was shared with group"
	ActChangeEmail       Action = "change email"
	ActResetPassword     Action = "reset password" // somebody else's, by mail
	ActInvite            Action = "invite"
)

// Scopes returns the scopes that allow the action. One of them is enough if it covers the
// target. For a name that is not an action Scopes returns nil.
func (a Action) Scopes() []string {
	switch a {
	case ActCreateUser, ActManageUser, ActResetPassword, ActInvite:
		return []string{"users"}
	case ActListUsers:
		return []string{"list:users"}
	case ActReadUser:
		return []string{"read:users"}
	case ActUpdateUser:
		return []string{"account", "users"}
	case ActDeleteUser:
		return []string{"account", "delete:users"}
	case ActClaimRole, ActChangeEmail:
		return []string{"account"}
	case ActChangePassword, ActExportUser:
		return []string{"account", "users"}
	case ActReadLogins:
		return []string{"read:logins"}
	case ActManageSessions:
		return []string{"sessions"}
	case ActSettings:
		return []string{"settings"}
	case ActIntrospect:
		return []string{"introspect"}
	case ActReadAudit:
		return []string{"read:audit"}
	case ActManageTokens:
		return []string{"tokens"}
	case ActReadGroups:
		return []string{"read:groups"}
	case ActManageGroups:
		return []string{"groups"}
	case ActReadRoles:
		return []string{"read:roles"}
	case ActManageRoles:
		return []string{"roles"}
	case ActManageServices:
		return []string{"services"}
	case ActReadReceived:
		return []string{"read:users:shares"}
	case ActDropReceived:
		return []string{"users:shares"}
	case ActReadGroupReceived:
		return []string{"read:groups:shares"}
	case ActDropGroupReceived:
		return []string{"groups:shares"}
	}
	return nil
}

// Authorize returns nil if the caller may do the action a to the target t. The zero target
// stands for everything at once; it is the one for creating and listing.
//
// Authorize returns ErrUnauthenticated for a caller without a credential, a ScopeError if the
// caller lacks the scope altogether, and ErrNotFound if the caller holds the scope, but not for
// this target.
func (s *Service) Authorize(p *Principal, a Action, t scopes.Target) error {
	if p == nil {
		return ErrUnauthenticated
	}
	best := scopes.NotHeld
	for _, name := range a.Scopes() {
		id, _ := s.schema.ID(name)
		switch p.subject.Decide(id, t) {
		case scopes.Allowed:
			return nil
		case scopes.Filtered:
			best = scopes.Filtered
		}
	}
	return Denied(p, best, a.Scopes()...)
}

// AuthorizeList is Authorize for a list that shows only what the caller may see. A scope with a
// filter is enough.
func (s *Service) AuthorizeList(p *Principal, a Action) error {
	_, err := s.reach(p, a)
	return err
}

// reach returns the filters under which the caller holds the scope of a list. The list must
// show only what they cover. It returns no filters if the caller holds the scope without one.
// Errors are those of Authorize.
func (s *Service) reach(p *Principal, a Action) ([]scopes.Filters, error) {
	err := s.Authorize(p, a, scopes.Target{})
	if err == nil || p == nil {
		return nil, err
	}
	for _, name := range a.Scopes() {
		id, _ := s.schema.ID(name)
		if limits, held := p.subject.Limits(id); held {
			return limits, nil
		}
	}
	return nil, err
}

// authorizeUser is Authorize for an action on one user. A filter of the caller's may name one
// of the user's groups. The groups are looked up only if such a filter could decide.
func (s *Service) authorizeUser(ctx context.Context, st Store, p *Principal, a Action, id UserID) error {
	t := id.Target()
	err := s.Authorize(p, a, t)
	if !errors.Is(err, ErrNotFound) || !s.filtersByGroup(p, a) {
		return err
	}
	found, err := s.account(ctx, st, id)
	if err != nil {
		return err
	}
	t.OwnerGroups = found.groupIDs()
	return s.Authorize(p, a, t)
}

// filtersByGroup reports whether the caller holds a scope of the action with a filter that
// names a group.
func (s *Service) filtersByGroup(p *Principal, a Action) bool {
	for _, name := range a.Scopes() {
		id, _ := s.schema.ID(name)
		limits, _ := p.subject.Limits(id)
		for _, f := range limits {
			if len(f[scopes.KindGroup]) > 0 {
				return true
			}
		}
	}
	return false
}

// manages reports whether the caller may manage a user.
func (s *Service) manages(ctx context.Context, st Store, p *Principal, id UserID) (bool, error) {
	err := s.authorizeUser(ctx, st, p, ActManageUser, id)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrInsufficientScope) || errors.Is(err, ErrUnauthenticated) {
		return false, nil
	}
	return err == nil, err
}

// AuthorizeUser is Authorize for an action on one user. It also returns ErrNotFound if there is
// no such user.
func (s *Service) AuthorizeUser(ctx context.Context, p *Principal, a Action, id UserID) error {
	if err := s.authorizeUser(ctx, s.st, p, a, id); err != nil {
		return err
	}
	_, err := s.account(ctx, s.st, id)
	return err
}
