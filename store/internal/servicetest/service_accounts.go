package servicetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
)

// servicesActForThemselves checks that a service acts only by its tokens, with the rights of
// its roles.
func servicesActForThemselves(t *testing.T, open Open) {
	w := setup(t, open)
	w.putRole("reader", "read:notes", "sessions!user")
	v, err := w.Services.Create(w.ctx, w.op, auth.ServiceInput{Name: "Backup"})
	w.must(err)
	_, err = w.Services.Create(w.ctx, w.op, auth.ServiceInput{Name: "backup"})
	w.want(err, auth.ErrNameTaken)
	w.must(w.Services.AddRole(w.ctx, w.op, "BACKUP", "reader"))
	owner := auth.Holder{Service: auth.ServiceID("backup")}
	_, _, err = w.APITokens.Create(
		w.ctx, w.op, owner, auth.APITokenInput{Name: "x", Scopes: []string{"read:notes", "users"}},
	)
	w.want(err, auth.ErrAboveCeiling)
	_, secret, err := w.APITokens.Create(
		w.ctx, w.op, owner, auth.APITokenInput{Name: "x", Scopes: []string{"read:notes"}},
	)
	w.must(err)
	p, err := w.Authenticate(w.ctx, secret.Reveal())
	w.must(err)
	if p.Kind != auth.PrincipalService || p.Service.ID != v.ID || p.User.ID != "" ||
		!slices.Equal(w.EffectiveScopes(p), []string{"read:notes"}) {
		t.Errorf("the token acts as %+v", p)
	}
	for _, c := range []struct {
		status auth.Status
		want   error
	}{{auth.StatusDisabled, auth.ErrTokenInvalid}, {auth.StatusActive, nil}} {
		_, err = w.Services.Update(w.ctx, w.op, string(v.ID), auth.ServicePatch{Status: &c.status})
		w.must(err)
		_, err = w.Authenticate(w.ctx, secret.Reveal())
		w.want(err, c.want)
	}
	pending := auth.StatusPending
	_, err = w.Services.Update(w.ctx, w.op, "backup", auth.ServicePatch{Status: &pending})
	w.want(err, auth.ErrInvalidInput)

	// Managers of services can't get more rights through a service.
	w.putRole("operator", "services")
	w.signUp("olga", "operator")
	olga := w.principal("olga")
	disabled, name := auth.StatusDisabled, "new"
	for what, try := range map[string]func() error{
		"token": func() error {
			_, _, err := w.APITokens.Create(w.ctx, olga, owner, auth.APITokenInput{Name: "x"})
			return err
		},
		"role": func() error { return w.Services.AddRole(w.ctx, olga, "backup", "admin") },
		"disable": func() error {
			_, err := w.Services.Update(w.ctx, olga, "backup", auth.ServicePatch{Status: &disabled})
			return err
		},
		"rename": func() error {
			_, err := w.Services.Update(w.ctx, olga, "backup", auth.ServicePatch{Name: &name})
			return err
		},
		"delete":    func() error { return w.Services.Delete(w.ctx, olga, "backup") },
		"revoke":    func() error { return w.APITokens.RevokeAll(w.ctx, olga, owner) },
		"take role": func() error { return w.Services.RemoveRole(w.ctx, olga, "backup", "reader") },
	} {
		if err := try(); !errors.Is(err, auth.ErrAboveCeiling) {
			t.Errorf("%s: got error %v, want ErrAboveCeiling", what, err)
		}
	}
	w.must(w.Services.Delete(w.ctx, w.op, "backup"))
	_, err = w.Authenticate(w.ctx, secret.Reveal())
	w.want(err, auth.ErrTokenInvalid)
}
