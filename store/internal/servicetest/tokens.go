package servicetest

import (
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
)

func (w *world) refresh(t string, scope ...string) (auth.TokenAnswer, error) {
	return w.Refresh(w.ctx, auth.RefreshRequest{Token: t, Scopes: scope, Client: home})
}

// oneSuccessor: racing refreshes with one token give one successor, and its session goes on.
func oneSuccessor(t *testing.T, open Open) {
	w := setup(t, open)
	w.signUp("ada")
	for range 6 {
		first := w.tokens("ada").Refresh.Reveal()
		var mu sync.Mutex
		got := map[string]int{}
		errs := race(32, func(int) error {
			next, err := w.refresh(first)
			if err == nil {
				mu.Lock()
				got[next.Refresh.Reveal()]++
				mu.Unlock()
			}
			return err
		})
		// One rotation and five replays; the rest is refused and harms nobody.
		if len(got) != 1 || count(errs, nil) != 6 || count(errs, auth.ErrInvalidGrant) != 26 {
			t.Fatalf("successors %d, errors %v", len(got), errs)
		}
		for head := range got {
			_, err := w.refresh(head)
			w.must(err)
		}
	}
}

// stolenTokenEndsSession: a used token that comes back after the grace ends the session, its
// successors included, and is recorded.
func stolenTokenEndsSession(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	first := w.tokens("ada")
	second, err := w.refresh(first.Refresh.Reveal())
	w.must(err)
	third, err := w.refresh(second.Refresh.Reveal())
	w.must(err)
	w.clock.Advance(11 * time.Second)
	_, err = w.refresh(first.Refresh.Reveal())
	w.want(err, auth.ErrInvalidGrant)
	for _, token := range []auth.TokenAnswer{second, third} {
		_, err = w.refresh(token.Refresh.Reveal())
		w.want(err, auth.ErrInvalidGrant)
		_, err = w.Authenticate(w.ctx, token.Access)
		w.want(err, auth.ErrTokenInvalid)
	}
	list, err := w.History.Logins(w.ctx, w.op, u.ID, auth.LoginFilter{Outcome: auth.Failure})
	w.must(err)
	if len(list.Items) != 1 || list.Items[0].Reason != auth.ReasonTokenReuse {
		t.Fatalf("recorded %+v", list.Items)
	}
}

// graceReplaysSuccessor: within the grace the token before the newest gets the same successor,
// at most five times and not after that one was used; refusing that ends nothing.
func graceReplaysSuccessor(t *testing.T, open Open) {
	w := setup(t, open)
	w.signUp("ada")
	first := w.tokens("ada").Refresh.Reveal()
	second, err := w.refresh(first)
	w.must(err)
	w.clock.Advance(9 * time.Second)
	for range 5 {
		again, err := w.refresh(first)
		w.must(err)
		if again.Refresh.Reveal() != second.Refresh.Reveal() {
			t.Fatal("another successor")
		}
	}
	_, err = w.refresh(first)
	w.want(err, auth.ErrInvalidGrant)
	third, err := w.refresh(second.Refresh.Reveal())
	w.must(err)
	_, err = w.refresh(first) // two back, its grace not over
	w.want(err, auth.ErrInvalidGrant)
	again, err := w.refresh(second.Refresh.Reveal())
	w.must(err)
	if again.Refresh.Reveal() != third.Refresh.Reveal() {
		t.Fatal("another successor")
	}
	_, err = w.refresh(third.Refresh.Reveal())
	w.must(err)

	off := setup(t, open, func(c *auth.Config) { c.RefreshGrace = -1 })
	off.signUp("ada")
	first = off.tokens("ada").Refresh.Reveal()
	next, err := off.refresh(first)
	off.must(err)
	_, err = off.refresh(first)
	off.want(err, auth.ErrInvalidGrant)
	_, err = off.refresh(next.Refresh.Reveal())
	off.want(err, auth.ErrInvalidGrant)
}

// lifetimesHold: a session ends when it was not used for its idle time, and at its absolute end
// whatever its use.
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
			t.Fatalf("access token outlives the session: %v", end)
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
	_, err = w.AuthenticateCookie(w.ctx, cookie.Secret.Reveal()) // use has moved its idle end
	w.must(err)
	w.clock.Advance(25 * time.Hour)
	_, err = w.AuthenticateCookie(w.ctx, cookie.Secret.Reveal())
	w.want(err, auth.ErrTokenInvalid)
}

// everyFamilyEnds: changing the password, disabling, deleting and signing out everywhere end
// every session and token.
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
		"all":    func(id auth.UserID) error { return w.EndSessions(w.ctx, w.op, id, true) },
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
	// One's own change keeps the session it was made in.
	u := w.signUp("ada")
	other := w.tokens("ada")
	p := w.principal("ada")
	w.must(w.ChangePassword(w.ctx, p, u.ID, auth.PasswordChange{Current: pass, New: pass + "!"}, home))
	_, err := w.Authenticate(w.ctx, other.Access)
	w.want(err, auth.ErrTokenInvalid)
	list, err := w.Sessions(w.ctx, p, u.ID, auth.PageQuery{})
	w.must(err)
	if len(list.Items) != 1 || list.Items[0].ID != p.Session.ID {
		t.Fatalf("sessions left: %+v", list.Items)
	}
}

// refreshOnlyNarrows: a session's ceiling shrinks at refresh and never grows.
func refreshOnlyNarrows(t *testing.T, open Open) {
	w := setup(t, open)
	w.signUp("ada")
	head := w.tokens("ada", "account!user", "read:users!user", "sessions!user")
	_, err := w.refresh(head.Refresh.Reveal(), "account!user", "tokens!user")
	w.want(err, auth.ErrInvalidScope)
	_, err = w.refresh(head.Refresh.Reveal(), "account")
	w.want(err, auth.ErrInvalidScope)
	_, err = w.refresh(head.Refresh.Reveal(), "no-such-scope")
	w.want(err, auth.ErrInvalidScope)
	head, err = w.refresh(head.Refresh.Reveal(), "read:users!user")
	w.must(err)
	_, err = w.refresh(head.Refresh.Reveal(), "account!user")
	w.want(err, auth.ErrInvalidScope)
	head, err = w.refresh(head.Refresh.Reveal())
	w.must(err)
	p, err := w.Authenticate(w.ctx, head.Access)
	w.must(err)
	_, err = w.User(w.ctx, p, p.User.ID)
	w.must(err)
	name := "x"
	_, err = w.UpdateUser(w.ctx, p, p.User.ID, auth.UserPatch{Name: &name})
	w.want(err, auth.ErrInsufficientScope)
	_, err = w.PasswordGrant(
		w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home, Scopes: []string{"users"}},
	)
	w.want(err, auth.ErrInvalidScope)
	none, err := w.PasswordGrant(
		w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home, Scopes: []string{}},
	)
	w.must(err)
	p, err = w.Authenticate(w.ctx, none.Access)
	w.must(err)
	if got := w.EffectiveScopes(p); len(got) != 0 {
		t.Fatalf("empty scopes allow %v", got)
	}
}

// keysAreShared: replicas verify each other's tokens, whoever made the keys, and a store
// refuses another secret.
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
	// A rotation is under way after the life of a key: old tokens go on until they expire, new
	// ones verify at once everywhere.
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

// lostResponses: a client that never saw the answer to a refresh asks again within the grace
// and stays signed in.
func lostResponses(t *testing.T, open Open) {
	w := setup(t, open)
	w.signUp("ada")
	head := w.tokens("ada").Refresh.Reveal()
	for i := range 100 {
		next, err := w.refresh(head)
		w.must(err)
		if i%7 == 0 { // this answer is lost
			w.clock.Advance(3 * time.Second)
			again, err := w.refresh(head)
			w.must(err)
			if again.Refresh.Reveal() != next.Refresh.Reveal() {
				t.Fatal("another successor")
			}
			next = again
		}
		head = next.Refresh.Reveal()
		w.clock.Advance(time.Minute)
	}
}

// labelStays: the label that a client gave itself is kept on the session, and one given at
// refresh must be the same.
func labelStays(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	head, err := w.PasswordGrant(
		w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home, ClientName: "cli"},
	)
	w.must(err)
	list, err := w.Sessions(w.ctx, w.op, u.ID, auth.PageQuery{})
	w.must(err)
	if list.Items[0].ClientName != "cli" {
		t.Fatalf("kept %q", list.Items[0].ClientName)
	}
	_, err = w.Refresh(w.ctx, auth.RefreshRequest{Token: head.Refresh.Reveal(), ClientName: "other"})
	w.want(err, auth.ErrInvalidGrant)
	_, err = w.Refresh(w.ctx, auth.RefreshRequest{Token: head.Refresh.Reveal(), ClientName: "cli"})
	w.must(err)
}
