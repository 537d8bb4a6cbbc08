package servicetest

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/hallpass-go/hallpass/auth"
)

var errLine = errors.New("line can't be read")

// rows yields users, and an error in place of the one at bad.
func rows(users []auth.ImportUser, bad int) iter.Seq2[auth.ImportUser, error] {
	return func(yield func(auth.ImportUser, error) bool) {
		for i, u := range users {
			var err error
			if i == bad {
				u, err = auth.ImportUser{}, errLine
			}
			if !yield(u, err) {
				return
			}
		}
	}
}

// importIsSafeToRepeat: good rows become accounts with their old passwords, bad ones are named
// and leave nothing, and a second run changes nothing.
func importIsSafeToRepeat(t *testing.T, open Open) {
	w := setup(t, open)
	hash, err := bcrypt.GenerateFromPassword([]byte(pass), bcrypt.MinCost)
	w.must(err)
	w.signUp("taken")
	var users []auth.ImportUser
	for i := range 250 {
		users = append(users, auth.ImportUser{
			Username: fmt.Sprintf("user%d", i), Email: fmt.Sprintf("user%d@example.org", i), EmailVerified: true,
			ExternalID:   fmt.Sprintf("old-%d", i),
			PasswordHash: string(hash),
		})
	}
	bad := map[int]error{ // by row
		11:  errLine,
		21:  auth.ErrInvalidInput,
		31:  auth.ErrUsernameTaken,
		41:  auth.ErrEmailTaken,
		51:  auth.ErrInvalidInput,
		61:  auth.ErrInvalidInput,
		71:  auth.ErrInvalidInput,
		241: auth.ErrUsernameTaken,
	}
	users[20].Username = "no spaces"
	users[30].Username = "Taken"
	users[40].Email = "USER1@example.org"
	users[50].PasswordHash = "$unknown$hash"
	users[60].Roles = []string{"no-such-role"}
	users[70].Status = "gone"
	users[240].Username = "user100"
	for run := range 2 {
		var got []auth.ImportResult
		sum, err := w.ImportUsers(w.ctx, w.op, rows(users, 10), func(r auth.ImportResult) { got = append(got, r) })
		w.must(err)
		want := auth.ImportSummary{Created: 242, Failed: 8}
		if run == 1 {
			want = auth.ImportSummary{Exists: 242, Failed: 8}
		}
		if sum != want || len(got) != 250 {
			t.Fatalf("run %d: %+v, %d reports", run, sum, len(got))
		}
		for i, r := range got {
			if r.Row != i+1 || !errors.Is(r.Err, bad[r.Row]) || (r.Err == nil) != (bad[r.Row] == nil) {
				t.Errorf("run %d, row %d: %+v, want %v", run, i+1, r, bad[i+1])
			}
		}
	}
	p := w.principal("user5@example.org")
	if !p.User.EmailVerified || p.User.ExternalID != "old-5" || !slices.Equal(p.User.Roles, []auth.RoleID{"user"}) {
		t.Errorf("imported %+v", p.User)
	}
	_, err = w.ImportUsers(w.ctx, p, rows(users, -1), nil)
	w.want(err, auth.ErrInsufficientScope)
	w.signUp("helen", "helper")
	var result auth.ImportResult
	_, err = w.ImportUsers(w.ctx, w.principal("helen"), rows(
		[]auth.ImportUser{{Username: "eve", Roles: []string{"admin"}}}, -1,
	),
		func(r auth.ImportResult) { result = r })
	w.must(err)
	w.want(result.Err, auth.ErrAboveCeiling)
}
