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

// The library holds everybody to what they hold themselves: an owner can't touch an admin, nor
// give what an admin has. The rules here are stricter: an owner stays below owners, too, and
// the root is out of everybody's reach. They are hooks, so that they judge what is true in the
// transaction of the change.

// rootMark is the external id of the root, which only the start of the site gives.
const rootMark = "root"

func isRoot(u auth.User) bool { return u.ExternalID == rootMark }

// rootOf is the root of a new site.
func rootOf(email, name, password string) auth.UserInput {
	return auth.UserInput{
		Email: email, Name: name, Password: password, ExternalID: rootMark, Roles: roleNames(admin, true),
	}
}

func refused(why string) error { return fmt.Errorf("%w: %s", auth.ErrRefused, why) }

// actor is the user who asks for a change. Nobody does where it comes by a proof of the
// address, or from the site itself.
func actor(ctx context.Context) (*auth.Principal, bool) {
	p, ok := httpadapter.PrincipalFrom(ctx)
	return p, ok && p.Kind == auth.PrincipalUser
}

// needName wants a name that is more than spaces.
func needName(u auth.User) error {
	if strings.TrimSpace(u.Name) != "" {
		return nil
	}
	return &auth.FieldsError{
		Fields: []auth.FieldError{{Field: "name", Code: auth.CodeRequired, Detail: "A name is required."}},
	}
}

// userCreating lets a manager make accounts below them. Who registers themselves has the
// default role.
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

// userUpdated judges a change.
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
	// as it was when the request came: self says what a demotion meanwhile would hide
	mine := rungOf(p.User.Roles).weight
	if self || rungOf(before.Roles).weight >= mine || rungOf(after.Roles).weight >= mine {
		return refused("roles change below one's own")
	}
	return nil
}

// userDeleting keeps the root, and lets owners delete only those below them.
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
