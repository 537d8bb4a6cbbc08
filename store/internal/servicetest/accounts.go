package servicetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// firstAdminOnce checks that a fresh store has no account, that one of many set-ups at once
// makes the admin, whichever replica made its token, and that set-up is closed from then on.
func firstAdminOnce(t *testing.T, open Open) {
	w := setup(t, open)
	list, err := w.Users(w.ctx, w.op, auth.UserFilter{})
	w.must(err)
	if len(list.Items) != 0 {
		t.Fatalf("a fresh store has %d users", len(list.Items))
	}
	first, err := w.SetUp.NewToken(w.ctx)
	w.must(err)
	second, err := w.replica().SetUp.NewToken(w.ctx)
	w.must(err)
	_, err = w.SetUp.CreateAdmin(
		w.ctx, auth.SetUpInput{Token: "hp_set_" + strings.Repeat("0", 49), Username: "eve", Password: pass},
	)
	w.want(err, auth.ErrBadSetUpToken)

	const n = 8
	services := make([]*auth.Service, n)
	for i := range services {
		services[i] = w.replica()
	}
	errs := race(n, func(i int) error {
		token := first
		if i%2 == 1 {
			token = second
		}
		_, err := services[i].SetUp.CreateAdmin(
			w.ctx, auth.SetUpInput{Token: token.Reveal(), Username: fmt.Sprintf("root%d", i), Password: pass},
		)
		return err
	})
	// The losers find that set-up is done, or that their token is gone.
	late := count(errs, auth.ErrSetUpDone) + count(errs, auth.ErrBadSetUpToken)
	if count(errs, nil) != 1 || late != n-1 {
		t.Fatalf("set-ups at once: %v", errs)
	}
	_, err = w.SetUp.NewToken(w.ctx)
	w.want(err, auth.ErrSetUpDone)
	list, err = w.Users(w.ctx, w.op, auth.UserFilter{Role: "admin"})
	w.must(err)
	if len(list.Items) != 1 {
		t.Fatalf("%d admins, want 1", len(list.Items))
	}
}

// oneRegistrationWins checks that one of 64 registrations of a name succeeds, however they
// spell it in upper and lower case, and that 63 are refused.
func oneRegistrationWins(t *testing.T, open Open) {
	w := setup(t, open)
	errs := race(64, func(i int) error {
		name := []string{"ada", "Ada", "ADA", "aDa"}[i%4]
		_, err := w.CreateUser(w.ctx, nil, auth.UserInput{Username: name, Password: pass}, home)
		return err
	})
	if count(errs, nil) != 1 || count(errs, auth.ErrUsernameTaken) != 63 {
		t.Fatalf("%d registrations succeeded, want 1: %v", count(errs, nil), errs)
	}
}

// oneAddressOneAccount checks that addresses that differ only in case are the same address.
func oneAddressOneAccount(t *testing.T, open Open) {
	w := setup(t, open)
	errs := race(16, func(i int) error {
		addr := []string{"Ada@Example.org", "ada@example.org", "ADA@EXAMPLE.ORG", "ada@example.ORG"}[i%4]
		_, err := w.CreateUser(
			w.ctx, nil, auth.UserInput{Username: fmt.Sprintf("user%d", i), Email: addr, Password: pass}, home,
		)
		return err
	})
	if count(errs, nil) != 1 || count(errs, auth.ErrEmailTaken) != 15 {
		t.Fatalf("registrations with one address: %v", errs)
	}
}

// userPages checks that pages list every user once, in the order of ids, and that filters can
// be combined.
func userPages(t *testing.T, open Open) {
	w := setup(t, open)
	for i := range 7 {
		w.signUp(fmt.Sprintf("ada%d", i))
	}
	w.signUp("bob", "helper")
	seen := map[auth.UserID]bool{}
	q := auth.UserFilter{Prefix: "ADA", PageQuery: auth.PageQuery{Limit: 3}}
	for pages := 0; ; pages++ {
		list, err := w.Users(w.ctx, w.op, q)
		w.must(err)
		for _, u := range list.Items {
			if seen[u.ID] {
				t.Fatalf("%s is listed twice", u.Username)
			}
			seen[u.ID] = true
		}
		if list.Next == "" {
			break
		}
		if q.Cursor = list.Next; pages > 5 {
			t.Fatal("the pages do not end")
		}
	}
	if len(seen) != 7 {
		t.Fatalf("%d users, want 7", len(seen))
	}
	for filter, want := range map[auth.UserFilter]int{
		{Role: "helper"}:                    1,
		{Role: "no-such-role"}:              0,
		{Prefix: "ada", Role: "helper"}:     0,
		{Prefix: "%"}:                       0,
		{Prefix: "ada_"}:                    0,
		{Prefix: "a\x00"}:                   0,
		{Status: auth.StatusPending}:        0,
		{ExternalID: "'; DROP TABLE users"}: 0,
	} {
		list, err := w.Users(w.ctx, w.op, filter)
		w.must(err)
		if len(list.Items) != want {
			t.Errorf("%+v: %d users, want %d", filter, len(list.Items), want)
		}
	}
	_, err := w.Users(w.ctx, w.op, auth.UserFilter{PageQuery: auth.PageQuery{Cursor: "1' OR '1'='1"}})
	w.want(err, auth.ErrBadCursor)
	var fields *auth.FieldsError
	if _, err := w.Users(
		w.ctx, w.op, auth.UserFilter{PageQuery: auth.PageQuery{Limit: 201}},
	); !errors.As(err, &fields) {
		t.Fatalf("a limit of 201 gives the error %v", err)
	}
}

// lastAdminStays checks that one of two admins is left when both are demoted, disabled or
// deleted at once, and that the one who is left can't be.
func lastAdminStays(t *testing.T, open Open) {
	w := setup(t, open)
	disabled := auth.StatusDisabled
	none := []string{}
	steps := []func(*auth.Principal, auth.UserID) error{
		func(p *auth.Principal, id auth.UserID) error { return w.RemoveRole(w.ctx, p, id, "admin") },
		func(p *auth.Principal, id auth.UserID) error { return w.DeleteUser(w.ctx, p, id) },
		func(p *auth.Principal, id auth.UserID) error {
			_, err := w.UpdateUser(w.ctx, p, id, auth.UserPatch{Status: &disabled})
			return err
		},
		func(p *auth.Principal, id auth.UserID) error {
			_, err := w.UpdateUser(w.ctx, p, id, auth.UserPatch{Roles: &none})
			return err
		},
	}
	last := w.signUp("admin0", "admin")
	for round := range 12 {
		other := w.signUp(fmt.Sprintf("admin%d", round+1), "admin")
		step := steps[round%len(steps)]
		errs := race(2, func(i int) error { return step(w.op, []auth.UserID{last.ID, other.ID}[i]) })
		if count(errs, nil) != 1 || count(errs, auth.ErrLastAdmin) != 1 {
			t.Fatalf("round %d: the errors are %v", round, errs)
		}
		if errs[0] == nil {
			last = other
		}
		w.want(step(w.op, last.ID), auth.ErrLastAdmin)
	}
}

// disabledAtOnce checks that every replica refuses the tokens of a disabled user from the next
// request on, and that they stay dead when the account is enabled again.
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

// deletionLeavesNothing checks that the history of an account is deleted with it, or only
// stripped of everything personal if the settings say so.
func deletionLeavesNothing(t *testing.T, open Open) {
	w := setup(t, open)
	for _, keep := range []bool{false, true} {
		_, err := w.UpdateSettings(
			w.ctx, w.op, policy.SettingsPatch{Retention: &policy.RetentionSet{KeepAnonymous: &keep}},
		)
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
				t.Errorf("this login was kept: %+v", l)
			}
		}
		if (len(list.Items) == 1) != keep {
			t.Errorf("with keep %v %d logins are left", keep, len(list.Items))
		}
	}
}
