package servicetest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
)

// mailSurvives checks that mail that can't be sent is kept, also over a restart, and is sent
// with the same code as soon as possible. Mail that is too old or permanently refused is
// dropped. Reports name neither the address nor the code.
func mailSurvives(t *testing.T, open Open) {
	var mu sync.Mutex
	var reports []string
	w := setupMail(t, open, func(c *auth.Config) {
		c.Report = func(err error) { mu.Lock(); defer mu.Unlock(); reports = append(reports, err.Error()) }
	})
	w.member("ada@example.org")
	down := errors.New("connection refused")
	w.box.FailWith(func(mail.Message) error { return down })
	f, err := w.BeginEmailCode(
		w.ctx, "ada@example.org", emailcode.SignIn, home,
	)
	w.must(err)
	deliver := func(s *auth.Service, want int) {
		t.Helper()
		n, err := s.Outbox.Deliver(w.ctx)
		w.must(err)
		if n != want {
			t.Errorf("%d mails were sent, want %d", n, want)
		}
	}
	deliver(w.Service, 0)
	deliver(w.Service, 0) // not due yet
	w.box.FailWith(nil)
	restarted := w.replica()
	deliver(restarted, 0)
	w.clock.Advance(5 * time.Second)
	deliver(restarted, 1)
	deliver(w.Service, 0)
	_, err = w.byCode(begun{f, w.letter("ada@example.org")}.typed())
	w.must(err)

	// A mailer that took the mail and then failed gets the same mail again.
	var seen []mail.Message
	w.box.FailWith(func(m mail.Message) error { seen = append(seen, m); return down })
	_, err = w.BeginEmailCode(
		w.ctx, "ada@example.org", emailcode.SignIn, home,
	)
	w.must(err)
	deliver(w.Service, 0)
	w.clock.Advance(time.Minute)
	deliver(w.Service, 0)
	if len(seen) != 2 || seen[0] != seen[1] {
		t.Errorf("the second attempt differs from the first")
	}
	w.clock.Advance(emailcode.Life)
	w.box.FailWith(nil)
	deliver(w.Service, 0) // too late for that code
	w.clock.Advance(24 * time.Hour)
	deliver(w.Service, 0)

	// A panic counts as an error. After a permanent refusal nothing is sent again.
	w.box.FailWith(func(m mail.Message) error { panic("no such mailbox " + m.To) })
	w.must(w.MailPasswordReset(w.ctx, w.op, w.mustUser("ada").ID, home))
	deliver(w.Service, 0)
	w.box.FailWith(func(mail.Message) error { return &mail.PermanentError{Err: errors.New("550")} })
	w.clock.Advance(time.Minute)
	deliver(w.Service, 0)
	w.box.FailWith(nil)
	w.clock.Advance(24 * time.Hour)
	deliver(w.Service, 0)
	mu.Lock()
	defer mu.Unlock()
	all := strings.Join(reports, "\n")
	for _, want := range []string{
		"connection refused", "could not be sent in time", "mailer panicked", "was refused: 550",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in the reports:\n%s", want, all)
		}
	}
	for _, secret := range []string{"ada@example.org", "hp_flo", seen[0].Text[:9] + "x"} {
		if strings.Contains(all, secret) {
			t.Errorf("the reports contain %q", secret)
		}
	}
}

// lostAttemptIsRepeated checks that a mail whose sender died is sent by another one after a
// while, and not before.
func lostAttemptIsRepeated(t *testing.T, open Open) {
	w := setupMail(t, open)
	w.member("ada@example.org")
	_, err := w.BeginEmailCode(
		w.ctx, "ada@example.org", emailcode.SignIn, home,
	)
	w.must(err)
	// This sender claims the mail and never reports back.
	now := w.clock.Now()
	list, err := w.st.Auth().Outbox().ClaimMail(w.ctx, now, now.Add(2*time.Minute), 1)
	w.must(err)
	if len(list) != 1 {
		t.Fatalf("claimed %d mails, want 1", len(list))
	}
	n, err := w.Outbox.Deliver(w.ctx)
	w.must(err)
	w.clock.Advance(2 * time.Minute)
	m, err := w.Outbox.Deliver(w.ctx)
	w.must(err)
	if n != 0 || m != 1 {
		t.Errorf("%d mails were sent at once and %d later, want 0 and 1", n, m)
	}
}

// peopleAreTold checks that people are told of a stolen token, and of an address that a manager
// changed.
func peopleAreTold(t *testing.T, open Open) {
	w := setupMail(t, open)
	u := w.member("ada@example.org")
	used := w.tokens("ada").Refresh.Reveal()
	_, err := w.refresh(used)
	w.must(err)
	w.clock.Advance(time.Minute)
	_, err = w.refresh(used)
	w.want(err, auth.ErrInvalidGrant)
	if l := w.letter("ada@example.org"); l.Subject != "A session at hallpass was ended" {
		t.Errorf("got a mail about %q", l.Subject)
	}
	email := "new@example.org"
	_, err = w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Email: &email})
	w.must(err)
	for _, to := range []string{"ada@example.org", email} {
		if l := w.letter(to); l.Subject != "The address of your account at hallpass has changed" ||
			l.Code+l.Token != "" {
			t.Errorf("%s got %q", to, l.Text)
		}
	}
}

// noMailForWhatRolledBack checks that a change that a hook refuses or the host rolls back sends
// no mail.
func noMailForWhatRolledBack(t *testing.T, open Open) {
	w := setupMail(t, open, func(c *auth.Config) {
		c.Hooks.UserUpdated = func(context.Context, auth.Tx, auth.User, auth.User) error { return auth.ErrRefused }
		c.Hooks.UserCreated = func(_ context.Context, _ auth.Tx, u auth.User) error {
			if u.Username == "refused" {
				return auth.ErrRefused
			}
			return nil
		}
	})
	u := w.member("ada@example.org")
	email := "new@example.org"
	_, err := w.UpdateUser(w.ctx, w.op, u.ID, auth.UserPatch{Email: &email})
	w.want(err, auth.ErrRefused)
	_, err = w.SignUp(w.ctx, w.op, auth.UserInput{Username: "refused", Email: "refused@example.org"}, home)
	w.want(err, auth.ErrRefused)
	rolled := errors.New("rolled back by the host")
	w.want(w.st.Auth().Tx(w.ctx, func(st auth.Store) error {
		inner := w.WithStore(st)
		if err := inner.MailPasswordReset(w.ctx, w.op, u.ID, home); err != nil {
			return err
		}
		return rolled
	}), rolled)
	n, err := w.Outbox.Deliver(w.ctx)
	w.must(err)
	if n != 0 || len(w.box.All()) != 0 {
		t.Errorf("%d mails were sent, want none", n)
	}
	w.must(w.st.Auth().Tx(
		w.ctx, func(st auth.Store) error { return w.WithStore(st).MailPasswordReset(w.ctx, w.op, u.ID, home) },
	))
	n, err = w.Outbox.Deliver(w.ctx)
	w.must(err)
	if n != 1 {
		t.Errorf("%d mails were sent after the commit, want 1", n)
	}
}

// runSendsMail checks that Run sends new mail at once, and each mail only once although several
// senders and replicas are at work. Run must also end with its context while a mailer hangs.
func runSendsMail(t *testing.T, open Open) {
	w := setupMail(t, open, passwordless)
	var slow atomic.Bool
	stuck := make(chan struct{}, 64)
	w.box.FailWith(nil)
	w.cfg.Mailer = mailerFunc(func(ctx context.Context, m mail.Message) error {
		if slow.Load() {
			stuck <- struct{}{}
			<-ctx.Done() // a server that never answers
			return ctx.Err()
		}
		return w.box.Send(ctx, m)
	})
	replicas := []*auth.Service{w.replica(), w.replica()}
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	var running sync.WaitGroup
	for _, s := range replicas {
		running.Go(func() { _ = s.Run(ctx) })
	}
	const mails = 20
	begin := func(i int) {
		_, err := replicas[i%2].BeginEmailCode(w.ctx, string(rune('a'+i))+"@example.org", emailcode.SignIn, home)
		w.must(err)
	}
	for i := range mails {
		begin(i)
	}
	for deadline := time.Now().Add(time.Minute); len(w.box.All()) < mails && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond) // Run works in real time
	}
	if n := len(w.box.All()); n != mails {
		t.Errorf("%d of %d mails were sent", n, mails)
	}
	for i := range mails {
		if n := len(w.box.To(string(rune('a'+i)) + "@example.org")); n != 1 {
			t.Errorf("%d mails were sent to one address, want 1", n)
		}
	}
	slow.Store(true)
	begin(0)
	<-stuck
	cancel()
	running.Wait()
	slow.Store(false)
	w.clock.Advance(time.Minute)
	n, err := replicas[0].Outbox.Deliver(w.ctx)
	w.must(err)
	if n != 1 {
		t.Errorf("%d mails were sent after the restart, want 1", n)
	}
}

// mailerFunc is a function as a mail.Mailer.
type mailerFunc func(ctx context.Context, m mail.Message) error

// Send calls f.
func (f mailerFunc) Send(ctx context.Context, m mail.Message) error { return f(ctx, m) }
