package servicetest_test

import (
	"errors"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/authtest"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

func TestSec_PW12_ChangeEndsOthersAndIsTold(t *testing.T) {
	t.Parallel()
	kit := authtest.New(t)
	u, err := kit.CreateUser(t.Context(), kit.Operator("test"), auth.UserInput{
		Username: "ada", Email: "ada@example.org", Password: authtest.Password,
	}, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	other, mine := kit.Token("ada"), kit.Principal("ada")
	if _, err := kit.BeginEmailCode(
		t.Context(), "ada@example.org", emailcode.ResetPassword, auth.Client{},
	); err != nil {
		t.Fatal(err)
	}
	reset := emailcode.Evidence{Token: kit.Mailed("ada@example.org").Token}
	next := auth.PasswordChange{Current: authtest.Password, New: authtest.Password + "!"}
	for _, wrong := range []string{"", "wrong password"} {
		if err := kit.ChangePassword(
			t.Context(), mine, u.ID, auth.PasswordChange{Current: wrong, New: next.New}, auth.Client{},
		); err == nil {
			t.Errorf("the password was changed with %q as the current one", wrong)
		}
	}
	if err := kit.ChangePassword(t.Context(), mine, u.ID, next, auth.Client{}); err != nil {
		t.Fatal(err)
	}
	if _, err := kit.Authenticate(t.Context(), other); !errors.Is(err, auth.ErrTokenInvalid) {
		t.Errorf("the other session: got error %v, want ErrTokenInvalid", err)
	}
	list, err := kit.Sessions.List(t.Context(), kit.Operator("test"), u.ID, auth.PageQuery{})
	if err != nil || len(list.Items) != 1 || list.Items[0].ID != mine.Session.ID {
		t.Errorf("the sessions are %+v, error %v", list.Items, err)
	}
	if err := kit.ResetPassword(
		t.Context(), reset, authtest.Password+"?", auth.Client{},
	); !errors.Is(err, auth.ErrBadCredentials) {
		t.Errorf("a reset that was begun before the change: got error %v", err)
	}
	if l := kit.Mailed("ada@example.org"); l.Subject != "Your password at hallpass has changed" ||
		l.Code+l.Token != "" {
		t.Errorf("the mail is %q", l.Text)
	}
}
