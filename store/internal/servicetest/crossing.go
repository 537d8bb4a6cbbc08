package servicetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
)

// refreshAgainstEnd: a refresh that crosses the end of its session is granted or refused, and
// never an error of the store's.
func refreshAgainstEnd(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	for round := range 25 {
		head := w.tokens("ada").Refresh.Reveal()
		errs := race(3, func(i int) error {
			if i == 0 {
				return w.EndSessions(w.ctx, w.op, u.ID, true)
			}
			_, err := w.refresh(head)
			return err
		})
		w.must(errs[0])
		if count(errs[1:], nil)+count(errs[1:], auth.ErrInvalidGrant) != 2 {
			t.Fatalf("round %d: %v", round, errs)
		}
		_, err := w.refresh(head)
		w.want(err, auth.ErrInvalidGrant)
	}
}

// racingRenamesReserveEach: of two renamings at once the name in between rests, too.
func racingRenamesReserveEach(t *testing.T, open Open) {
	w := setup(t, open)
	for round := range 10 {
		u := w.signUp(fmt.Sprintf("first%d", round))
		names := []string{fmt.Sprintf("second%d", round), fmt.Sprintf("third%d", round)}
		errs := race(2, func(i int) error {
			_, err := w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Username: &names[i]})
			return err
		})
		w.must(errors.Join(errs...))
		for _, name := range append(names, u.Username) {
			_, err := w.CreateUser(w.ctx, nil, auth.UserInput{Username: name, Password: pass}, home)
			w.want(err, auth.ErrUsernameTaken)
		}
	}
}

// throttledNamesLeaveNothing: refused tries on names that nobody has are not recorded: there is
// no end of such names.
func throttledNamesLeaveNothing(t *testing.T, open Open) {
	w := setup(t, open, func(c *auth.Config) { c.Limits.Network = limit.Limit{Burst: 3, Interval: time.Hour} })
	for i := range 30 {
		_ = w.guess(w.Service, fmt.Sprintf("nobody%d", i), "wrong password", home)
	}
	list, err := w.History.Logins(w.ctx, w.op, "", auth.LoginFilter{})
	w.must(err)
	if len(list.Items) != 3 {
		t.Fatalf("%d logins recorded", len(list.Items))
	}
}

// devicesShareBudget: whoever has many marks of an account, from the time when they knew its
// password, has no more than its hundred guesses.
func devicesShareBudget(t *testing.T, open Open) {
	w := setup(t, open)
	w.signUp("ada")
	var marks []auth.Client
	for range 12 {
		in, err := w.SignIn(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
		w.must(err)
		c := home
		c.Device = in.Device
		marks = append(marks, c)
	}
	looked := 0
	for _, c := range marks {
		for range 20 {
			if errors.Is(w.guess(w.Service, "ada", "wrong password", c), auth.ErrBadCredentials) {
				looked++
			}
		}
	}
	if looked != 100 {
		t.Fatalf("%d guesses were looked at", looked)
	}
}

// managerPasswordsHaveACeiling: where managers may choose passwords, they choose none for an
// account that holds more than they do, be it by default roles or by a promotion while the
// password is hashed.
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
