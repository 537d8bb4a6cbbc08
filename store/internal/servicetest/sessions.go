package servicetest

import (
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// lifetimesHold checks that a session ends when it was not used for its idle time, and at its
// absolute end however much it is used.
func lifetimesHold(t *testing.T, open Open) {
	w := setup(t, open, func(c *auth.Config) {
		c.Settings.Session = policy.Lifetimes{Idle: 24 * time.Hour, Absolute: 60 * time.Hour}
		c.AccessTTL = 24 * time.Hour
	})
	w.signUp("ada")
	head := w.tokens("ada")
	start := w.clock.Now()
	for w.clock.Now().Sub(start) < 59*time.Hour {
		w.clock.Advance(10 * time.Hour)
		next, err := w.refresh(head.Refresh.Reveal())
		if w.clock.Now().Sub(start) >= 60*time.Hour {
			w.want(err, auth.ErrInvalidGrant)
			break
		}
		w.must(err)
		if end := w.clock.Now().Add(time.Duration(next.ExpiresIn) * time.Second); end.After(start.Add(60 * time.Hour)) {
			t.Fatalf("the access token ends at %v, after the session", end)
		}
		head = next
	}
	idle := w.tokens("ada")
	cookie, err := w.SignIn(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home, Remember: true})
	w.must(err)
	w.clock.Advance(23 * time.Hour)
	_, err = w.AuthenticateCookie(w.ctx, cookie.Secret.Reveal())
	w.must(err)
	w.clock.Advance(2 * time.Hour)
	_, err = w.refresh(idle.Refresh.Reveal())
	w.want(err, auth.ErrInvalidGrant)
	_, err = w.AuthenticateCookie(w.ctx, cookie.Secret.Reveal()) // it was used in between
	w.must(err)
	w.clock.Advance(25 * time.Hour)
	_, err = w.AuthenticateCookie(w.ctx, cookie.Secret.Reveal())
	w.want(err, auth.ErrTokenInvalid)
}

// everyFamilyEnds checks that a change of the password, disabling, deletion and signing out
// everywhere end all sessions and their tokens.
func everyFamilyEnds(t *testing.T, open Open) {
	w := setup(t, open, func(c *auth.Config) { c.AllowManagerPasswords = true })
	disabled := auth.StatusDisabled
	for name, end := range map[string]func(auth.UserID) error{
		"password": func(id auth.UserID) error {
			return w.ChangePassword(w.ctx, w.op, id, auth.PasswordChange{New: pass + "!"}, home)
		},
		"disable": func(id auth.UserID) error {
			_, err := w.UpdateUser(w.ctx, w.op, id, auth.UserPatch{Status: &disabled})
			return err
		},
		"delete": func(id auth.UserID) error { return w.DeleteUser(w.ctx, w.op, id) },
		"all":    func(id auth.UserID) error { return w.Sessions.EndAll(w.ctx, w.op, id, true) },
	} {
		u := w.signUp("u-" + name)
		token := w.tokens(u.Username)
		cookie, err := w.SignIn(w.ctx, auth.SignInRequest{Login: u.Username, Password: pass, Client: home})
		w.must(err)
		w.must(end(u.ID))
		_, err = w.refresh(token.Refresh.Reveal())
		w.want(err, auth.ErrInvalidGrant)
		_, err = w.Authenticate(w.ctx, token.Access)
		w.want(err, auth.ErrTokenInvalid)
		_, err = w.AuthenticateCookie(w.ctx, cookie.Secret.Reveal())
		w.want(err, auth.ErrTokenInvalid)
	}
	// Changing one's own password keeps the session in use.
	u := w.signUp("ada")
	other := w.tokens("ada")
	p := w.principal("ada")
	w.must(w.ChangePassword(w.ctx, p, u.ID, auth.PasswordChange{Current: pass, New: pass + "!"}, home))
	_, err := w.Authenticate(w.ctx, other.Access)
	w.want(err, auth.ErrTokenInvalid)
	list, err := w.Sessions.List(w.ctx, p, u.ID, auth.PageQuery{})
	w.must(err)
	if len(list.Items) != 1 || list.Items[0].ID != p.Session.ID {
		t.Fatalf("the sessions left are %+v", list.Items)
	}
}

// endedSessionsLeaveNothing checks that a request that began before its session ended can't set
// a password or make an API token after that.
func endedSessionsLeaveNothing(t *testing.T, open Open) {
	w := setupMail(t, open, passwordless)
	u := w.member("ada@example.org") // by an attacker
	thief := w.principal("ada")
	_, err := w.byCode(w.begin("ada@example.org", emailcode.SignIn).typed())
	w.must(err)
	w.want(w.ChangePassword(w.ctx, thief, u.ID, auth.PasswordChange{New: pass}, home), auth.ErrTokenInvalid)
	_, _, err = w.APITokens.Create(
		w.ctx, thief, auth.Holder{User: u.ID}, auth.APITokenInput{Name: "stays", Scopes: []string{"account!user"}},
	)
	w.want(err, auth.ErrTokenInvalid)
	list, err := w.APITokens.List(w.ctx, w.op, auth.Holder{User: u.ID}, auth.PageQuery{})
	w.must(err)
	if len(list.Items) != 0 || w.stored(u.ID).PasswordHash != "" {
		t.Errorf("%d tokens were made, a password was set: %v", len(list.Items), w.stored(u.ID).PasswordHash != "")
	}
}

// keysAreShared checks that replicas accept each other's tokens, whichever of them made the
// keys, and that a replica with another secret is refused.
func keysAreShared(t *testing.T, open Open) {
	w := setup(t, open)
	replicas := []*auth.Service{w.replica(), w.replica(), w.replica(), w.replica()}
	for _, err := range race(len(replicas), func(i int) error { return replicas[i].Ready(w.ctx) }) {
		w.must(err)
	}
	w.signUp("ada")
	for _, a := range replicas {
		token, err := a.PasswordGrant(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
		w.must(err)
		for _, b := range replicas {
			_, err := b.Authenticate(w.ctx, token.Access)
			w.must(err)
		}
	}
	// Keys are rotated: old tokens work until they expire, and new ones work everywhere at
	// once.
	for range 4 {
		before, err := replicas[0].PasswordGrant(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
		w.must(err)
		w.clock.Advance(14 * time.Minute)
		for _, r := range replicas {
			_, err := r.Authenticate(w.ctx, before.Access)
			w.must(err)
		}
		w.clock.Advance(60 * 24 * time.Hour)
		for _, r := range replicas {
			after, err := r.PasswordGrant(w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home})
			w.must(err)
			for _, r := range replicas {
				_, err := r.Authenticate(w.ctx, after.Access)
				w.must(err)
			}
		}
	}
	w.cfg.Secret = []byte("another secret of more than 32 bytes")
	w.want(w.replica().Ready(w.ctx), auth.ErrWrongSecret)
}

// housekeepingRemovesExpired checks that housekeeping removes expired sessions, old logins and
// old audit records, and nothing else.
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
		t.Fatalf("the logins left are %+v", list.Items)
	}
	head := w.tokens("ada")
	w.must(w.Housekeep(w.ctx))
	_, err = w.refresh(head.Refresh.Reveal())
	w.must(err)
	sessions, err := w.Sessions.List(w.ctx, w.op, u.ID, auth.PageQuery{})
	w.must(err)
	if len(sessions.Items) != 1 {
		t.Fatalf("%d sessions are left, want 1", len(sessions.Items))
	}
	w.clock.Advance(731 * 24 * time.Hour)
	w.must(w.Housekeep(w.ctx))
	records, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{})
	w.must(err)
	if len(records.Items) != 0 {
		t.Fatalf("%d audit records are left", len(records.Items))
	}
}
