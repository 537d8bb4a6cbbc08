package auth

import (
	"context"

	"github.com/hallpass-go/hallpass/scopes"
)

// Action is something a caller may do, named by what it needs. The route table of
// an adapter states one per route; the methods of Service check the same one.
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
	ActChangeEmail    Action = "change email"
	ActResetPassword  Action = "reset password" // of somebody else, by mail
	ActInvite         Action = "invite"
)

// Scopes returns the scopes of which any one, covering the target, allows the
// action; nil for a name that is no action.
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
	}
	return nil
}

// UserTarget is the target of an action on one user.
func UserTarget(id UserID) scopes.Target {
	return scopes.Target{Kind: "user", ID: string(id), Owner: string(id)}
}

// Authorize decides whether the caller may do a to the target; the zero target asks
// for everything at once (creating, listing). The answer is nil, ErrUnauthenticated for a
// caller without a credential, a ScopeError if the caller lacks the scope altogether, or ErrNotFound
// if the caller's filters miss the target.
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
	switch {
	case p.Kind == KindGuest:
		return ErrUnauthenticated
	case best == scopes.Filtered:
		return ErrNotFound
	default:
		return &ScopeError{Need: a.Scopes()}
	}
}

// checkCeiling returns a CeilingError if u holds a scope that the caller lacks. Scopes
// filtered to u itself do not count.
func (s *Service) checkCeiling(p *Principal, u User) error {
	return s.excess(p, s.setOf(u.ID, u.Roles), u.ID)
}

// checkGive returns a CeilingError unless the caller holds all that a role gives to a user.
func (s *Service) checkGive(p *Principal, r RoleID, to UserID) error {
	return s.excess(p, s.setOf(to, []RoleID{r}), to)
}

func (s *Service) excess(p *Principal, need *scopes.Set, self UserID) error {
	if over := p.subject.Excess(need, string(self), nil); len(over) > 0 {
		return &CeilingError{Excess: over}
	}
	return nil
}

// AuthorizeUser is Authorize for an action on one user, and ErrNotFound where there is no such user.
func (s *Service) AuthorizeUser(ctx context.Context, p *Principal, a Action, id UserID) error {
	if err := s.Authorize(p, a, UserTarget(id)); err != nil {
		return err
	}
	_, err := s.account(ctx, s.st, id)
	return err
}
