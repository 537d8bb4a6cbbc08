package servicetest

import (
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// sensitiveNeedsFresh checks that users need a proof younger than five minutes to delete
// themselves or change their address. Entering the password again is such a proof, and replaces
// the secret of the cookie.
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

// reauthByCode checks that a code to the user's own address is a fresh proof, and that nobody
// else's code is.
func reauthByCode(t *testing.T, open Open) {
	w := setupMail(t, open)
	w.member("ada@example.org")
	w.member("bob@example.org")
	w.must(w.proven("ada@example.org"))
	in, err := w.SignIn(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
	w.must(err)
	w.clock.Advance(time.Hour)
	who, err := w.AuthenticateCookie(w.ctx, in.Secret.Reveal())
	w.must(err)
	_, err = w.ReauthenticateByCode(w.ctx, who, w.begin("bob@example.org", emailcode.SignIn).typed(), home)
	w.want(err, auth.ErrBadCredentials)
	f := w.begin("ada@example.org", emailcode.SignIn)
	_, err = w.ReauthenticateByCode(w.ctx, who, f.wrong(), home)
	w.want(err, auth.ErrBadCredentials)
	secret, err := w.ReauthenticateByCode(w.ctx, who, f.typed(), home)
	w.must(err)
	_, err = w.AuthenticateCookie(w.ctx, in.Secret.Reveal())
	w.want(err, auth.ErrTokenInvalid)
	who, err = w.AuthenticateCookie(w.ctx, secret.Reveal())
	w.must(err)
	_, err = w.BeginEmailChange(w.ctx, who, "new@example.org", home)
	w.must(err)
	_, err = w.ReauthenticateByCode(w.ctx, who, f.typed(), home)
	w.want(err, auth.ErrBadCredentials)
}
