package servicetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// settingsReachReplicas checks that a change of settings counts on every replica from the next
// request on, and that a refused change changes nothing.
func settingsReachReplicas(t *testing.T, open Open) {
	w := setup(t, open, func(c *auth.Config) { c.Settings.SignUp = "" })
	other := w.replica()
	join := func(s *auth.Service, name string) error {
		_, err := s.CreateUser(w.ctx, nil, auth.UserInput{Username: name, Password: pass}, home)
		return err
	}
	w.want(join(other, "ada"), auth.ErrSignUpClosed)
	for mode, want := range map[policy.SignUpMode]error{
		policy.SignUpOpen: nil, policy.SignUpApproval: nil, policy.SignUpInvite: auth.ErrSignUpClosed,
		policy.SignUpDomains: auth.ErrNoMailer, policy.SignUpClosed: auth.ErrSignUpClosed,
	} {
		_, err := w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{SignUp: &mode})
		w.must(err)
		got, err := other.Policy(w.ctx)
		w.must(err)
		if got.SignUp != mode {
			t.Fatalf("stored %q, the other replica reads %q", mode, got.SignUp)
		}
		if err := join(other, "u-"+string(mode)); !errors.Is(err, want) {
			t.Fatalf("%s: got error %v", mode, err)
		}
	}
	before, err := other.Settings(w.ctx, w.op)
	w.must(err)
	bad, name := policy.SignUpMode("everybody"), "Another name"
	short, proof := 7, policy.EmailProofRequired
	for _, patch := range []policy.SettingsPatch{
		{SiteName: &name, SignUp: &bad},
		{SiteName: &name, Password: &policy.PasswordSpan{Min: &short}},
		{SiteName: &name, DefaultRoles: &[]string{"no-such-role"}},
		{SiteName: &name, SignInMethods: &[]policy.Method{}},
		{SiteName: &name, EmailProof: &proof},
	} {
		if _, err := w.UpdateSettings(w.ctx, w.op, patch); err == nil {
			t.Errorf("this change was accepted: %+v", patch)
		}
	}
	after, err := other.Settings(w.ctx, w.op)
	w.must(err)
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Fatalf("after a refused change the settings are %+v", after)
	}
	errs := race(16, func(i int) error {
		s, n := []*auth.Service{w.Service, other}[i%2], int64(3600+i)
		_, err := s.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{Session: &policy.LifetimesSet{Idle: &n}})
		return err
	})
	if count(errs, nil) != 16 {
		t.Fatalf("changes at once: %v", errs)
	}
	records, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{Action: "settings.update"})
	w.must(err)
	if len(records.Items) != 5+16 {
		t.Fatalf("%d changes recorded, want 21", len(records.Items))
	}
	w.signUp("bob")
	_, err = w.UpdateSettings(w.ctx, w.principal("bob"), policy.SettingsPatch{SiteName: &name})
	w.want(err, auth.ErrInsufficientScope)
}
