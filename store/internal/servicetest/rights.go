package servicetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/store"
)

func asLimit(err error, to **auth.LimitError) bool { return errors.As(err, to) }

// disabledAtOnce: a disabled user's live tokens and cookies are refused on the next request, on
// every replica, and stay dead when the account is enabled again.
func disabledAtOnce(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	other := w.replica()
	token := w.tokens("ada")
	_, err := other.Authenticate(w.ctx, token.Access)
	w.must(err)
	for _, status := range []auth.Status{auth.StatusDisabled, auth.StatusPending} {
		token := w.tokens("ada")
		_, err = w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Status: &status})
		w.must(err)
		_, err = other.Authenticate(w.ctx, token.Access)
		w.want(err, auth.ErrTokenInvalid)
		why := map[auth.Status]error{
			auth.StatusDisabled: auth.ErrAccountDisabled, auth.StatusPending: auth.ErrApprovalPending,
		}[status]
		w.want(w.guess(w.Service, "ada", pass, home), why)
		w.want(w.guess(w.Service, "ada", "wrong password", home), auth.ErrBadCredentials)
		active := auth.StatusActive
		_, err = w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Status: &active})
		w.must(err)
		_, err = other.Authenticate(w.ctx, token.Access)
		w.want(err, auth.ErrTokenInvalid)
		_, err = w.refresh(token.Refresh.Reveal())
		w.want(err, auth.ErrInvalidGrant)
	}
}

// nobodyGivesMore: a manager gives no role above their own rights, and does nothing to somebody
// who holds more; a narrow credential counts as what it is.
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
		"sign out": func() error { return w.EndSessions(w.ctx, helen, root.ID, true) },
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
			t.Errorf("%s: %v", name, err)
		}
		var over *auth.CeilingError
		if errors.As(err, &over) && len(over.Excess) == 0 {
			t.Errorf("%s: no excess named", name)
		}
	}
	w.want(w.DeleteUser(w.ctx, helen, ada.ID), auth.ErrNotFound) // delete:users is not hers, account only for herself
	w.must(w.AddRole(w.ctx, helen, ada.ID, "helper"))
	w.must(w.RemoveRole(w.ctx, helen, ada.ID, "helper"))
	_, err := w.UpdateUser(w.ctx, helen, ada.ID, auth.UserPatch{Status: &disabled})
	w.must(err)
	u, err := w.User(w.ctx, w.op, root.ID)
	w.must(err)
	if fmt.Sprint(u.Roles) != "[admin user]" || u.Status != auth.StatusActive {
		t.Fatalf("root is now %+v", u)
	}

	// Rights are read at each use: a role that is taken is gone from live sessions at once.
	w.must(w.RemoveRole(w.ctx, w.op, helen.User.ID, "helper"))
	token := w.tokens("helen")
	p, err := w.Authenticate(w.ctx, token.Access)
	w.must(err)
	_, err = w.Users(w.ctx, p, auth.UserFilter{})
	w.want(err, auth.ErrInsufficientScope)
}

// sensitiveNeedsFresh: deleting oneself and changing an address ask for a proof younger than
// five minutes, which proving the password again gives; a cookie gets a new secret with it.
func sensitiveNeedsFresh(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	root := w.signUp("root1", "admin")
	in, err := w.SignIn(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
	w.must(err)
	admin, err := w.SignIn(w.ctx, auth.SignInRequest{Login: "root1", Password: pass, Client: home})
	w.must(err)
	w.clock.Advance(5*time.Minute + time.Second)
	p, err := w.AuthenticateCookie(w.ctx, in.Secret.Reveal())
	w.must(err)
	q, err := w.AuthenticateCookie(w.ctx, admin.Secret.Reveal())
	w.must(err)
	addr := "ada@example.org"
	w.want(w.DeleteUser(w.ctx, p, u.ID), auth.ErrReauthRequired)
	_, err = w.UpdateUser(w.ctx, q, root.ID, auth.UserPatch{Email: &addr})
	w.want(err, auth.ErrReauthRequired)
	_, err = w.Reauthenticate(w.ctx, p, "wrong password", home)
	w.want(err, auth.ErrBadCredentials)
	secret, err := w.Reauthenticate(w.ctx, p, pass, home)
	w.must(err)
	_, err = w.AuthenticateCookie(w.ctx, in.Secret.Reveal())
	w.want(err, auth.ErrTokenInvalid)
	p, err = w.AuthenticateCookie(w.ctx, secret.Reveal())
	w.must(err)
	w.must(w.DeleteUser(w.ctx, p, u.ID))
	_, err = w.AuthenticateCookie(w.ctx, secret.Reveal())
	w.want(err, auth.ErrTokenInvalid)
}

// settingsReachReplicas: a change counts from the next request on, on every replica; every mode
// is stored, what can't work is refused, and nothing of a refused change stays.
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
			t.Fatalf("%s: %v", mode, err)
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
			t.Errorf("accepted %+v", patch)
		}
	}
	after, err := other.Settings(w.ctx, w.op)
	w.must(err)
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Fatalf("a refused change left %+v", after)
	}
	errs := race(16, func(i int) error {
		s, n := []*auth.Service{w.Service, other}[i%2], int64(3600+i)
		_, err := s.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{Session: &policy.LifetimesSet{Idle: &n}})
		return err
	})
	if count(errs, nil) != 16 {
		t.Fatal(errs)
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

// deletionLeavesNothing: a deleted account is gone with its history, or with its name in the
// history if the settings keep that.
func deletionLeavesNothing(t *testing.T, open Open) {
	w := setup(t, open)
	for _, keep := range []bool{false, true} {
		_, err := w.UpdateSettings(w.ctx, w.op, policy.SettingsPatch{Retention: &policy.RetentionSet{KeepAnonymous: &keep}})
		w.must(err)
		u := w.signUp(fmt.Sprintf("ada-%v", keep))
		w.tokens(u.Username)
		w.must(w.DeleteUser(w.ctx, w.op, u.ID))
		_, err = w.User(w.ctx, w.op, u.ID)
		w.want(err, auth.ErrNotFound)
		w.want(w.guess(w.Service, u.Username, pass, client("198.51.100.9")), auth.ErrBadCredentials)
		list, err := w.History.Logins(w.ctx, w.op, "", auth.LoginFilter{Outcome: auth.Success})
		w.must(err)
		for _, l := range list.Items {
			if l.User != "" || l.IP != "" || l.UserAgent != "" || l.Session != "" {
				t.Errorf("kept %+v", l)
			}
		}
		if (len(list.Items) == 1) != keep {
			t.Errorf("keep %v: %d logins", keep, len(list.Items))
		}
	}
}

var errHost = errors.New("the host changed its mind")

// hostTransactionRollsBack: what a service does on a transaction's store goes with that
// transaction.
func hostTransactionRollsBack(t *testing.T, open Open) {
	w := setup(t, open)
	make := func(name string, end error) error {
		return w.st.Tx(w.ctx, func(st store.Store) error {
			s := w.WithStore(st.Auth())
			if _, err := s.CreateUser(w.ctx, w.op, auth.UserInput{Username: name}, home); err != nil {
				return err
			}
			if _, err := s.CreateUser(
				w.ctx, w.op, auth.UserInput{Username: name}, home,
			); !errors.Is(err, auth.ErrUsernameTaken) {
				return fmt.Errorf("a conflict inside: %w", err)
			}
			return end
		})
	}
	w.want(make("ada", errHost), errHost)
	w.must(make("ada", nil))
	w.want(make("ada", nil), auth.ErrUsernameTaken)
}

// housekeepingRemovesExpired: expired sessions and old logins go, live ones stay.
func housekeepingRemovesExpired(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	w.tokens("ada")
	w.clock.Advance(200 * 24 * time.Hour)
	live := w.tokens("ada")
	w.clock.Advance(170 * 24 * time.Hour)
	w.must(w.Housekeep(w.ctx))
	list, err := w.History.Logins(w.ctx, w.op, u.ID, auth.LoginFilter{})
	w.must(err)
	if len(list.Items) != 1 || list.Items[0].Session != live.Session.ID {
		t.Fatalf("logins left: %+v", list.Items)
	}
	head := w.tokens("ada")
	w.must(w.Housekeep(w.ctx))
	_, err = w.refresh(head.Refresh.Reveal())
	w.must(err)
	sessions, err := w.Sessions(w.ctx, w.op, u.ID, auth.PageQuery{})
	w.must(err)
	if len(sessions.Items) != 1 {
		t.Fatalf("%d sessions", len(sessions.Items))
	}
	w.clock.Advance(731 * 24 * time.Hour)
	w.must(w.Housekeep(w.ctx))
	records, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{})
	w.must(err)
	if len(records.Items) != 0 {
		t.Fatalf("%d audit records", len(records.Items))
	}
}
