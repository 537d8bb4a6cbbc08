package servicetest

import (
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// oneSuccessor checks that racing refreshes with one token all give the same successor, and
// that its session goes on.
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
		// There is one rotation and five replays. The rest are refused and end nothing.
		if len(got) != 1 || count(errs, nil) != 6 || count(errs, auth.ErrInvalidGrant) != 26 {
			t.Fatalf("%d successors, want 1; the errors are %v", len(got), errs)
		}
		for head := range got {
			_, err := w.refresh(head)
			w.must(err)
		}
	}
}

// stolenTokenEndsSession checks that a used token that comes back after the grace ends the
// session with all its tokens, and is recorded.
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
		t.Fatalf("the recorded failures are %+v", list.Items)
	}
}

// graceReplaysSuccessor checks that the token before the newest gets the same successor again
// within the grace, at most five times, and not after the successor was used. A refusal within
// the grace does not end the session.
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
			t.Fatal("got another successor")
		}
	}
	_, err = w.refresh(first)
	w.want(err, auth.ErrInvalidGrant)
	third, err := w.refresh(second.Refresh.Reveal())
	w.must(err)
	_, err = w.refresh(first) // two tokens back, still within its grace
	w.want(err, auth.ErrInvalidGrant)
	again, err := w.refresh(second.Refresh.Reveal())
	w.must(err)
	if again.Refresh.Reveal() != third.Refresh.Reveal() {
		t.Fatal("got another successor")
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

// refreshOnlyNarrows checks that a refresh can take scopes away from a session and never adds
// any.
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
		t.Fatalf("a session without scopes has %v", got)
	}
}

// lostResponses checks that a client that never got the answer to a refresh can ask again
// within the grace and stays signed in.
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
				t.Fatal("got another successor")
			}
			next = again
		}
		head = next.Refresh.Reveal()
		w.clock.Advance(time.Minute)
	}
}

// labelStays checks that a session keeps the client name that it was begun with, and that a
// refresh with another name is refused.
func labelStays(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	head, err := w.PasswordGrant(
		w.ctx, auth.SignInRequest{Login: "ada", Password: pass, Client: home, ClientName: "cli"},
	)
	w.must(err)
	list, err := w.Sessions.List(w.ctx, w.op, u.ID, auth.PageQuery{})
	w.must(err)
	if list.Items[0].ClientName != "cli" {
		t.Fatalf("the session has the client name %q", list.Items[0].ClientName)
	}
	_, err = w.Refresh(w.ctx, auth.RefreshRequest{Token: head.Refresh.Reveal(), ClientName: "other"})
	w.want(err, auth.ErrInvalidGrant)
	_, err = w.Refresh(w.ctx, auth.RefreshRequest{Token: head.Refresh.Reveal(), ClientName: "cli"})
	w.must(err)
}

// refreshAgainstEnd checks that a refresh while its session is being ended is either granted or
// refused, and is never an error of the store.
func refreshAgainstEnd(t *testing.T, open Open) {
	w := setup(t, open)
	u := w.signUp("ada")
	for round := range 25 {
		head := w.tokens("ada").Refresh.Reveal()
		errs := race(3, func(i int) error {
			if i == 0 {
				return w.Sessions.EndAll(w.ctx, w.op, u.ID, true)
			}
			_, err := w.refresh(head)
			return err
		})
		w.must(errs[0])
		if count(errs[1:], nil)+count(errs[1:], auth.ErrInvalidGrant) != 2 {
			t.Fatalf("round %d: the errors are %v", round, errs)
		}
		_, err := w.refresh(head)
		w.want(err, auth.ErrInvalidGrant)
	}
}
