package servicetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
)

// nobodyGivesMore checks that managers can't give a role that exceeds their own rights, nor act
// on somebody who holds more. Only the rights of the credential in use count.
func nobodyGivesMore(t *testing.T, open Open) {
	w := setup(t, open)
	root := w.signUp("root1", "admin")
	w.signUp("helen", "helper")
	ada := w.signUp("ada")
	helen := w.principal("helen")
	disabled, addr, roles := auth.StatusDisabled, "new@example.org", []string{"admin"}
	for name, try := range map[string]func() error{
		"add role": func() error { return w.AddRole(w.ctx, helen, ada.ID, "admin") },
		"add role to herself": func() error {
			return w.AddRole(w.ctx, helen, helen.User.ID, "admin")
		},
		"remove role": func() error { return w.RemoveRole(w.ctx, helen, root.ID, "admin") },
		"patch roles": func() error {
			_, err := w.UpdateUser(w.ctx, helen, ada.ID, auth.UserPatch{Roles: &roles})
			return err
		},
		"create with role": func() error {
			_, err := w.CreateUser(w.ctx, helen, auth.UserInput{Username: "eve", Roles: roles}, home)
			return err
		},
		"disable": func() error {
			_, err := w.UpdateUser(w.ctx, helen, root.ID, auth.UserPatch{Status: &disabled})
			return err
		},
		"email": func() error {
			_, err := w.UpdateUser(w.ctx, helen, root.ID, auth.UserPatch{Email: &addr})
			return err
		},
		"sign out": func() error { return w.Sessions.EndAll(w.ctx, helen, root.ID, true) },
		"narrow session changes its own address": func() error {
			_, err := w.UpdateUser(w.ctx, w.principal("root1", "users"), root.ID, auth.UserPatch{Email: &addr})
			return err
		},
		"narrow session gives what it lacks": func() error {
			return w.AddRole(w.ctx, w.principal("root1", "users"), ada.ID, "admin")
		},
	} {
		err := try()
		if !errors.Is(err, auth.ErrAboveCeiling) {
			t.Errorf("%s: got error %v, want ErrAboveCeiling", name, err)
		}
		var over *auth.CeilingError
		if errors.As(err, &over) && len(over.Excess) == 0 {
			t.Errorf("%s: the error names no excess", name)
		}
	}
	// She doesn't hold delete:users.
	w.want(w.DeleteUser(w.ctx, helen, ada.ID), auth.ErrNotFound)
	w.must(w.AddRole(w.ctx, helen, ada.ID, "helper"))
	w.must(w.RemoveRole(w.ctx, helen, ada.ID, "helper"))
	_, err := w.UpdateUser(w.ctx, helen, ada.ID, auth.UserPatch{Status: &disabled})
	w.must(err)
	u, err := w.User(w.ctx, w.op, root.ID)
	w.must(err)
	if fmt.Sprint(u.Roles) != "[admin user]" || u.Status != auth.StatusActive {
		t.Fatalf("root has changed: %+v", u)
	}

	// Rights are read on each request, so a role that is taken away is gone from live sessions.
	w.must(w.RemoveRole(w.ctx, w.op, helen.User.ID, "helper"))
	token := w.tokens("helen")
	p, err := w.Authenticate(w.ctx, token.Access)
	w.must(err)
	_, err = w.Users(w.ctx, p, auth.UserFilter{})
	w.want(err, auth.ErrInsufficientScope)
}

// managerPasswordsHaveACeiling checks that managers, where they may set passwords, can't set
// one for an account that holds more than they do. The account may hold it by a default role,
// or by a role that it is given while the password is being hashed.
func managerPasswordsHaveACeiling(t *testing.T, open Open) {
	var promote func()
	w := setup(t, open, func(c *auth.Config) {
		c.AllowManagerPasswords = true
		c.Roles = append(c.Roles, auth.Role{Name: "reader", Scopes: []string{"read:notes"}})
		c.Settings.DefaultRoles = []string{"reader"}
		c.PasswordRules.Breached = func(context.Context, string) (bool, error) {
			if promote != nil {
				promote()
			}
			return false, nil
		}
	})
	w.signUp("helen", "helper")
	helen := w.principal("helen")
	_, err := w.CreateUser(w.ctx, helen, auth.UserInput{Username: "eve", Password: pass}, home)
	w.want(err, auth.ErrAboveCeiling)
	_, err = w.CreateUser(w.ctx, helen, auth.UserInput{Username: "eve"}, home)
	w.must(err)
	ada := w.signUp("ada", "user")
	promote = func() { w.must(w.AddRole(w.ctx, w.op, ada.ID, "admin")) }
	err = w.ChangePassword(w.ctx, helen, ada.ID, auth.PasswordChange{New: pass + "!"}, home)
	promote = nil
	w.want(err, auth.ErrAboveCeiling)
	w.must(w.guess(w.Service, "ada", pass, home))
}
