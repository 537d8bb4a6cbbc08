package httpadapter_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/httpadapter"
)

// clock is a clock that only moves when told.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(0, c.at.Load()) }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

func setupClock(t *testing.T) (*world, *clock) {
	t.Helper()
	c := &clock{}
	c.advance(time.Duration(time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC).UnixNano()))
	return setup(t, func(ac *auth.Config, _ *httpadapter.Config) { ac.Now = c.now }), c
}

func (w *world) refresh(token string) answer {
	w.t.Helper()
	return w.do("POST", "/auth/token", `{"grant_type":"refresh_token","refresh_token":"`+token+`"}`)
}

func (w *world) wantInvalidGrant(a answer) {
	w.t.Helper()
	if a.status != 400 || a.get(w.t, "error") != "invalid_grant" {
		w.t.Errorf("got %d %s, want invalid_grant", a.status, a.body)
	}
}

// slowBody does something once its reader has asked for it, as if that happened while the body
// was on its way.
type slowBody struct {
	strings.Reader
	meanwhile func()
}

func (b *slowBody) Read(p []byte) (int, error) {
	if do := b.meanwhile; do != nil {
		b.meanwhile = nil
		do()
	}
	return b.Reader.Read(p)
}

// A request acts with the rights of the moment at which it is complete: nobody keeps theirs by
// sending a body slowly.
func TestSlowBodiesKeepNoRights(t *testing.T) {
	t.Parallel()
	op := func(w *world) *auth.Principal { return w.accounts.Operator("test") }
	for what, c := range map[string]struct {
		status int
		end    func(w *world, u auth.User) error
	}{
		"demoted": {403, func(w *world, u auth.User) error {
			return w.accounts.RemoveRole(w.t.Context(), op(w), u.ID, "helper")
		}},
		"ended": {
			401, func(w *world, u auth.User) error { return w.accounts.Sessions.EndAll(w.t.Context(), op(w), u.ID, true) },
		},
		"disabled": {401, func(w *world, u auth.User) error {
			disabled := auth.StatusDisabled
			_, err := w.accounts.UpdateUser(w.t.Context(), op(w), u.ID, auth.UserPatch{Status: &disabled})
			return err
		}},
	} {
		w := setup(t, func(c *auth.Config, _ *httpadapter.Config) { c.Settings.SignUp = policy.SignUpClosed })
		helen := w.user("helen", "helper")
		token, _ := w.token("helen")
		r := httptest.NewRequest("POST", "/auth/users", nil)
		r.Body = io.NopCloser(&slowBody{*strings.NewReader(`{"username":"friend","roles":["user"]}`), func() {
			if err := c.end(w, helen); err != nil {
				t.Error(err)
			}
		}})
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		if a := w.record(w.mux, r); a.status != c.status {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
	}
}

func TestSec_TK06_EndedCredentialsStopAtOnce(t *testing.T) {
	t.Parallel()
	w, now := setupClock(t)
	w.user("root1", "admin")
	ada := w.user("ada")
	root, _ := w.token("root1")
	access, refresh := w.token("ada")
	c := w.session("ada")
	w.want(w.do("GET", "/auth/whoami", "", cookie(c)), 200, "")
	w.want(w.do("PATCH", "/auth/users/"+string(ada.ID), `{"status":"disabled"}`, bearer(root)), 200, "")
	for range 2 { // enabling again brings nothing back
		w.want(w.do("GET", "/auth/whoami", "", bearer(access)), 401, "token_invalid")
		a := w.do("GET", "/auth/whoami", "", cookie(c))
		w.want(a, 401, "token_invalid")
		if set := a.header.Get("Set-Cookie"); set != "" { // a late answer must not take a newer cookie away
			t.Errorf("sets %s", set)
		}
		w.wantInvalidGrant(w.refresh(refresh))
		w.want(w.do("PATCH", "/auth/users/"+string(ada.ID), `{"status":"active"}`, bearer(root)), 200, "")
	}
	c = w.session("ada")
	now.advance(25 * time.Hour) // a cookie that was not to be remembered rests a day at most
	w.want(w.do("GET", "/auth/whoami", "", cookie(c)), 401, "token_invalid")
}

func TestSec_JW09_QuarterOfAnHourAndInstantCutOff(t *testing.T) {
	t.Parallel()
	w, now := setupClock(t)
	w.user("ada")
	a := w.do("POST", "/auth/token", `{"grant_type":"password","username":"ada","password":"`+pass+`"}`)
	if a.get(t, "expires_in") != 900.0 {
		t.Errorf("token answer %s", a.body)
	}
	access := bearer(a.get(t, "access_token").(string))
	now.advance(14 * time.Minute)
	w.want(w.do("GET", "/auth/whoami", "", access), 200, "")
	now.advance(2 * time.Minute)
	expired := w.do("GET", "/auth/whoami", "", access)
	w.want(expired, 401, "token_expired")
	if challenge := expired.header.Get("WWW-Authenticate"); !strings.Contains(challenge, `error="invalid_token"`) {
		t.Errorf("WWW-Authenticate: %s", challenge)
	}
	text, _ := w.token("ada")
	w.want(w.do("DELETE", "/auth/sessions/current", "", bearer(text)), 204, "")
	w.want(w.do("GET", "/auth/whoami", "", bearer(text)), 401, "token_invalid")
}

func TestSec_RT02_ReplayEndsTheFamily(t *testing.T) {
	t.Parallel()
	w, now := setupClock(t)
	w.user("ada")
	_, first := w.token("ada")
	other, _ := w.token("ada")
	a := w.refresh(first)
	w.want(a, 200, "")
	access, second := a.get(t, "access_token").(string), a.get(t, "refresh_token").(string)
	if again := w.refresh(first); again.status != 200 || again.get(t, "refresh_token") != second {
		t.Errorf("within the grace: %d %s", again.status, again.body)
	}
	now.advance(time.Minute)
	w.wantInvalidGrant(w.refresh(first))
	w.wantInvalidGrant(w.refresh(second))
	w.want(w.do("GET", "/auth/whoami", "", bearer(access)), 401, "token_invalid")
	w.want(w.do("GET", "/auth/whoami", "", bearer(other)), 200, "") // another device stays signed in
	list := w.do("GET", "/auth/users/me/logins?outcome=failure", "", bearer(other))
	if !strings.Contains(list.body, auth.ReasonTokenReuse) {
		t.Errorf("the history does not tell: %s", list.body)
	}
}

func TestSec_RT06_EveryFamilyEnds(t *testing.T) {
	t.Parallel()
	const other = "another horse 43 staple"
	for name, act := range map[string]func(w *world, id string, c *http.Cookie, root string) answer{
		"password": func(w *world, _ string, c *http.Cookie, _ string) answer {
			return w.do("POST", "/auth/users/me/password", `{"current":"`+pass+`","new":"`+other+`"}`, cookie(c))
		},
		"sign out everywhere": func(w *world, _ string, c *http.Cookie, _ string) answer {
			return w.do("DELETE", "/auth/users/me/sessions?all=true", "", cookie(c))
		},
		"disable": func(w *world, id string, _ *http.Cookie, root string) answer {
			return w.do("PATCH", "/auth/users/"+id, `{"status":"disabled"}`, bearer(root))
		},
		"delete": func(w *world, id string, _ *http.Cookie, root string) answer {
			return w.do("DELETE", "/auth/users/"+id, "", bearer(root))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.user("root1", "admin")
			ada := w.user("ada")
			root, _ := w.token("root1")
			access1, refresh1 := w.token("ada")
			access2, refresh2 := w.token("ada")
			c, c2 := w.session("ada"), w.session("ada")
			if a := act(w, string(ada.ID), c, root); a.status/100 != 2 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			for _, text := range []string{refresh1, refresh2} {
				w.wantInvalidGrant(w.refresh(text))
			}
			for _, text := range []string{access1, access2} {
				w.want(w.do("GET", "/auth/whoami", "", bearer(text)), 401, "token_invalid")
			}
			w.want(w.do("GET", "/auth/whoami", "", cookie(c2)), 401, "token_invalid")
			own := 401
			if name == "password" {
				own = 200 // the session that changed it
			}
			w.want(w.do("GET", "/auth/whoami", "", cookie(c)), own, "")
		})
	}
}

func TestSec_AZ07_SensitiveChangesNeedAFreshProof(t *testing.T) {
	t.Parallel()
	w, now := setupClock(t)
	w.user("root1", "admin")
	bob := w.user("bob")
	w.user("ada")
	root, c := w.session("root1"), w.session("ada")
	now.advance(6 * time.Minute)
	email := func() answer {
		return w.do("PATCH", "/auth/users/"+string(bob.ID), `{"email":"bob@example.org"}`, cookie(root))
	}
	leave := func() answer { return w.do("DELETE", "/auth/users/me", "", cookie(c)) }
	for _, a := range []answer{email(), leave()} {
		w.want(a, 403, "reauth_required")
		if a.get(t, "max_age") != 300.0 {
			t.Errorf("max_age: %s", a.body)
		}
	}
	prove := func(old *http.Cookie) *http.Cookie {
		w.want(w.do(
			"POST", "/auth/sessions/current/reauth", `{"password":"wrong password"}`, cookie(old),
		), 401, "bad_credentials")
		a := w.do("POST", "/auth/sessions/current/reauth", `{"password":"`+pass+`"}`, cookie(old))
		w.want(a, 204, "")
		return cookieOf(t, a, old.Name)
	}
	root, c = prove(root), prove(c)
	w.want(email(), 200, "")
	w.want(leave(), 204, "")
}
