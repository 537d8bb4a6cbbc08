package servicetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// freedNameOpensNothing checks that rights belong to the id of a user. The next holder of a
// username gets none of them, and the renamed user keeps them all.
func freedNameOpensNothing(t *testing.T, open Open) {
	w := setup(t, open, func(c *auth.Config) { c.AllowUsernameReuse = true })
	ada := w.signUp("ada", "helper")
	old := w.tokens("ada")
	name := "lovelace"
	_, err := w.UpdateUser(w.ctx, w.op, ada.ID, auth.UserPatch{Username: &name})
	w.must(err)
	eve := w.signUp("ada")

	p, err := w.Authenticate(w.ctx, old.Access)
	w.must(err)
	if p.User.ID != ada.ID || p.User.Username != name {
		t.Fatalf("ada's token now acts as %s %q", p.User.ID, p.User.Username)
	}
	q := w.principal("ada")
	if q.User.ID != eve.ID {
		t.Fatalf("the new ada acts as %s", q.User.ID)
	}
	_, err = w.Users(w.ctx, q, auth.UserFilter{})
	w.want(err, auth.ErrInsufficientScope)
	_, err = w.User(w.ctx, q, ada.ID)
	w.want(err, auth.ErrNotFound)
	_, err = w.History.Logins(w.ctx, q, ada.ID, auth.LoginFilter{})
	w.want(err, auth.ErrNotFound)
}

// freedNameRests checks that nobody else can take a freed username until its time has passed,
// even if they register during the renaming. Its last holder can take it back.
func freedNameRests(t *testing.T, open Open) {
	w := setup(t, open)
	for round := range 8 {
		name, next := fmt.Sprintf("name%d", round), fmt.Sprintf("next%d", round)
		u := w.signUp(name)
		errs := race(2, func(i int) error {
			if i == 0 {
				_, err := w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Username: &next})
				return err
			}
			_, err := w.CreateUser(w.ctx, nil, auth.UserInput{Username: name, Password: pass}, home)
			return err
		})
		w.must(errs[0])
		w.want(errs[1], auth.ErrUsernameTaken)
	}
	u := w.signUp("ada")
	p := w.principal("ada")
	w.must(w.DeleteUser(w.ctx, p, u.ID))
	_, err := w.CreateUser(w.ctx, nil, auth.UserInput{Username: "Ada", Password: pass}, home)
	w.want(err, auth.ErrUsernameTaken)
	w.clock.Advance(30*24*time.Hour + time.Second)
	w.signUp("ada")

	bob := w.signUp("bob")
	away, back := "robert", "Bob"
	for _, name := range []*string{&away, &back} {
		_, err := w.UpdateUser(w.ctx, w.op, bob.ID, auth.UserPatch{Username: name})
		w.must(err)
	}
}

// renamesAreFew checks that users can't take many usernames out of use by renaming themselves.
// Managers can rename as often as they like.
func renamesAreFew(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	p := w.principal("ada")
	errs := make([]error, 8)
	for i := range errs {
		name := fmt.Sprintf("ada%d", i)
		_, errs[i] = w.UpdateUser(w.ctx, p, u.ID, auth.UserPatch{Username: &name})
	}
	if count(errs, nil) != 5 || count(errs, auth.ErrTooManyAttempts) != 3 {
		t.Fatalf("%d renamings succeeded, want 5: %v", count(errs, nil), errs)
	}
	// A refused name is not reserved.
	_, err := w.CreateUser(w.ctx, nil, auth.UserInput{Username: "ada7", Password: pass}, home)
	w.must(err)
	name := "eve7"
	_, err = w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Username: &name})
	w.must(err)
}

// racingRenamesReserveEach checks that of two renamings at once, the name in between is
// reserved, too.
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
