package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/httpadapter"
	"github.com/hallpass-go/hallpass/scopes"
)

// The library lets nobody give, or act on, more than they hold: an owner can't change an admin
// or make one. The rules here are stricter. An owner acts only on users below owners, and
// nobody can change the root. The rules are hooks, so they see the state in the transaction of
// the change.

// rootMark is the external id of the root. Only the start of the site gives it.
const rootMark = "root"

func isRoot(u auth.User) bool { return u.ExternalID == rootMark }

// rootOf describes the root of a new site.
func rootOf(email, name, password string) auth.UserInput {
	return auth.UserInput{
		Email: email, Name: name, Password: password, ExternalID: rootMark, Roles: roleNames(admin, true),
	}
}

func refused(why string) error { return fmt.Errorf("%w: %s", auth.ErrRefused, why) }

// actor returns the user who asks for a change. There is none if the site itself makes it, or
// somebody who proves an address.
func actor(ctx context.Context) (*auth.Principal, bool) {
	p, ok := httpadapter.PrincipalFrom(ctx)
	return p, ok && p.Kind == auth.PrincipalUser
}

// needName refuses a name of spaces only.
func needName(u auth.User) error {
	if strings.TrimSpace(u.Name) != "" {
		return nil
	}
	return auth.FieldError{Field: "name", Code: auth.CodeRequired, Detail: "A name is required."}.Err()
}

// userCreating lets managers make accounts below their own rung. People who register themselves
// get the default role.
func (s *site) userCreating(ctx context.Context, _ auth.Tx, u auth.User) error {
	if err := needName(u); err != nil {
		return err
	}
	p, ok := actor(ctx)
	if !ok || s.holds(p, everybody) || s.accounts.Authorize(p, auth.ActCreateUser, scopes.Target{}) != nil {
		return nil
	}
	if rungOf(u.Roles).weight >= rungOf(p.User.Roles).weight {
		return refused("a new account has a role below that of who makes it")
	}
	return nil
}

// userUpdated checks a change.
func (s *site) userUpdated(ctx context.Context, _ auth.Tx, before, after auth.User) error {
	if err := needName(after); err != nil {
		return err
	}
	if isRoot(before) && (!slices.Equal(before.Roles, after.Roles) || before.Status != after.Status || !isRoot(after)) {
		return refused("the root stays what it is")
	}
	p, ok := actor(ctx)
	if !ok {
		return nil
	}
	self := p.User.ID == before.ID
	if isRoot(before) && !self {
		return refused("nobody but the root changes the root")
	}
	if s.holds(p, everybody) {
		return nil
	}
	if !self && (before.Name != after.Name || before.Email != after.Email || before.Status != after.Status ||
		string(before.Attributes) != string(after.Attributes)) {
		return refused("a profile is its owner's to change")
	}
	if slices.Equal(before.Roles, after.Roles) {
		return nil
	}
	// p.User has the roles of the time when the request came. A demotion since then is not in
	// them, so self is checked as well.
	mine := rungOf(p.User.Roles).weight
	if self || rungOf(before.Roles).weight >= mine || rungOf(after.Roles).weight >= mine {
		return refused("roles change below one's own")
	}
	return nil
}

// userDeleting keeps the root. Owners may delete only users below owners.
func (s *site) userDeleting(ctx context.Context, _ auth.Tx, u auth.User) error {
	if isRoot(u) {
		return refused("the root stays")
	}
	p, ok := actor(ctx)
	if !ok || p.User.ID == u.ID || s.holds(p, everybody) || rungOf(u.Roles).weight < rungOf(p.User.Roles).weight {
		return nil
	}
	return refused("accounts are deleted below one's own")
}
