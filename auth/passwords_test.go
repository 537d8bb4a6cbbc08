package auth_test

import (
	"context"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// Rules.Breached may ask a service elsewhere, so each new password is asked about once.
func TestBreachedIsAskedOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	kit := authtest.New(t, func(c *auth.Config) {
		c.Settings.SignUp = policy.SignUpOpen
		c.PasswordRules.Breached = func(context.Context, string) (bool, error) {
			asked++
			return false, nil
		}
	})
	s, ctx, op := kit.Service, t.Context(), kit.Operator("test")
	once := func(what string, err error) {
		t.Helper()
		if err != nil || asked != 1 {
			t.Errorf("%s: asked %d times, %v", what, asked, err)
		}
		asked = 0
	}
	const pw, next = authtest.Password, authtest.Password + "!"
	u, err := s.CreateUser(ctx, op, auth.UserInput{Username: "ada", Email: "ada@example.org", Password: pw},
		auth.Client{})
	once("CreateUser", err)
	_, err = s.SignUp(ctx, nil, auth.UserInput{Username: "eve", Email: "eve@example.org", Password: pw}, auth.Client{})
	once("SignUp", err)
	ada := kit.Principal("ada")
	asked = 0
	err = s.ChangePassword(ctx, ada, u.ID, auth.PasswordChange{Current: pw, New: next}, auth.Client{})
	once("ChangePassword", err)
	link, err := s.PasswordResetLink(ctx, op, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, secret, _ := strings.Cut(link, "#token=")
	secret, _, _ = strings.Cut(secret, "&")
	once("ResetPassword", s.ResetPassword(ctx, emailcode.Evidence{Token: secret}, pw, auth.Client{}))
}
