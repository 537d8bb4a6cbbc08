package servicetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

var errHost = errors.New("the host changed its mind")

// hostTransactionRollsBack checks that what a service does in a transaction of the host is
// rolled back with it.
func hostTransactionRollsBack(t *testing.T, open Open) {
	w := setup(t, open)
	make := func(name string, end error) error {
		return w.st.Tx(w.ctx, func(st store.Store) error {
			s := w.WithStore(st.Auth())
			if _, err := s.CreateUser(w.ctx, w.op, auth.UserInput{Username: name}, home); err != nil {
				return err
			}
			if _, err := s.CreateUser(
				w.ctx, w.op, auth.UserInput{Username: name}, home,
			); !errors.Is(err, auth.ErrUsernameTaken) {
				return fmt.Errorf("a conflict inside: %w", err)
			}
			return end
		})
	}
	w.want(make("ada", errHost), errHost)
	w.must(make("ada", nil))
	w.want(make("ada", nil), auth.ErrUsernameTaken)
}

// committedRunsAfterHost checks that work for after the commit runs only after the host has
// committed its transaction.
func committedRunsAfterHost(t *testing.T, open Open) {
	ran := 0
	w := setup(t, open, func(c *auth.Config) {
		c.Hooks.UserCreated = func(_ context.Context, tx auth.Tx, _ auth.User) error {
			tx.AfterCommit(func(context.Context) { ran++ })
			return nil
		}
	})
	var s *auth.Service
	w.must(w.st.Tx(w.ctx, func(st store.Store) error {
		s = w.WithStore(st.Auth())
		_, err := s.CreateUser(w.ctx, w.op, auth.UserInput{Username: "ada"}, home)
		return err
	}))
	if ran != 0 {
		t.Fatal("the function ran before the host committed")
	}
	s.Committed(w.ctx)
	s.Committed(w.ctx)
	if ran != 1 {
		t.Fatalf("the function ran %d times, want 1", ran)
	}
}

// errRefused is the error of a store or a transaction that fails on purpose.
var errRefused = errors.New("refused by the test")

// setupMailedShares is setupShares with a mailer. ada has note n1, and bob@example.org is the
// proven address of bob.
func setupMailedShares(t *testing.T, open Open) (w *shareWorld, ada *auth.Principal, r auth.ResourceRef) {
	t.Helper()
	w = setupShares(t, open)
	w.cfg.Mailer = mail.NewMemory()
	w.Service = w.replica()
	w.shares = w.shareReplica(w.Service)
	ada = w.persons("ada")[0]
	_, err := w.CreateUser(
		w.ctx, w.op, auth.UserInput{Username: "bob", Email: "bob@example.org", Password: pass}, auth.Client{},
	)
	w.must(err)
	w.must((&mailWorld{world: w.world}).proven("bob@example.org"))
	return w, ada, w.note(ada, "n1")
}

// traces counts the shares and share codes of a resource, all letters, and all audit records.
func (w *shareWorld) traces(p *auth.Principal, r auth.ResourceRef) (n [4]int) {
	w.t.Helper()
	shares, err := w.shares.Shares(w.ctx, p, r, auth.PageQuery{})
	w.must(err)
	codes, err := w.shares.ShareCodes(w.ctx, p, r, auth.PageQuery{})
	w.must(err)
	records, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{PageQuery: auth.PageQuery{Limit: 200}})
	w.must(err)
	var letters []mail.Envelope
	w.want(w.st.Auth().Tx(w.ctx, func(st auth.Store) (err error) { // rolled back, so that nothing stays claimed
		letters, err = st.Outbox().ClaimMail(w.ctx, w.clock.Now().AddDate(1, 0, 0), w.clock.Now(), 1000)
		return errors.Join(err, errRefused)
	}), errRefused)
	return [4]int{len(shares.Items), len(codes.Items), len(letters), len(records.Items)}
}

// sharesJoinTheTransaction checks that a share made inside a transaction of the accounts counts
// inside it at once, and is committed or rolled back with it.
func sharesJoinTheTransaction(t *testing.T, open Open) {
	w := setupShares(t, open)
	p := w.persons("ada", "bob")
	r := w.note(p[0], "n1")
	before := w.traces(p[0], r)
	share := func(result error) error {
		return w.Tx(w.ctx, func(tx auth.Tx) error {
			in := w.shares.WithStore(w.WithStore(tx.Store()), w.st.Sharing().In(tx))
			if _, err := in.Create(w.ctx, p[0], r, sharing.ShareInput{User: idOf(p[1])}); err != nil {
				return err
			}
			if _, _, err := in.CreateShareCode(w.ctx, p[0], r, sharing.ShareCodeInput{}); err != nil {
				return err
			}
			if v, err := in.Decide(w.ctx, p[1], "read:items", r); err != nil || v != scopes.Allowed {
				t.Errorf("inside the transaction the verdict is %v, error %v", v, err)
			}
			return result
		})
	}
	w.want(share(errRefused), errRefused)
	if got := w.traces(p[0], r); got != before {
		t.Errorf("after a rollback the traces are %[2]v, want %[1]v", before, got)
	}
	w.readers("rolled back", r, p, "ada")
	w.must(share(nil))
	w.readers("committed", r, p, "ada", "bob")
}

// refusing is a store that refuses one kind of write, also in its transactions.
type refusing struct {
	auth.Store
	what string
}

func (s refusing) Tx(ctx context.Context, fn func(auth.Store) error) error {
	return s.Store.Tx(ctx, func(st auth.Store) error { return fn(refusing{st, s.what}) })
}

func (s refusing) AddAudit(ctx context.Context, r auth.AuditRecord) error {
	if s.what == "audit" {
		return errRefused
	}
	return s.Store.AddAudit(ctx, r)
}

func (s refusing) Outbox() mail.Store { return refusingOutbox{s.Store.Outbox(), s.what} }

type refusingOutbox struct {
	mail.Store
	what string
}

// AddMail refuses the letter before or after adding it.
func (s refusingOutbox) AddMail(ctx context.Context, e mail.Envelope) error {
	if s.what == "letter" {
		return errRefused
	}
	if err := s.Store.AddMail(ctx, e); err != nil || s.what == "" {
		return err
	}
	return errRefused
}

// sharingByEmailIsWhole checks that sharing with an address leaves no share, code, letter or
// audit record if any of its writes fails, whether or not a user has the address.
func sharingByEmailIsWhole(t *testing.T, open Open) {
	w, ada, r := setupMailedShares(t, open)
	access := w.tokens("ada").Access
	before := w.traces(ada, r)
	for email, want := range map[string][4]int{
		"bob@example.org":   {1, 0, 1, 1}, // the letter is a decoy
		"eve-x@example.org": {0, 1, 1, 1},
	} {
		in := sharing.EmailShareInput{Email: email, From: home}
		for _, what := range []string{"audit", "letter", "what follows the letter"} {
			accounts, err := auth.New(refusing{w.st.Auth(), what}, w.cfg)
			w.must(err)
			p, err := accounts.Authenticate(w.ctx, access)
			w.must(err)
			w.want(w.shareReplica(accounts).CreateByEmail(w.ctx, p, r, in), errRefused)
			if got := w.traces(ada, r); got != before {
				t.Errorf("%s, %s refused: the traces changed from %v to %v", email, what, before, got)
			}
		}
		w.must(w.shares.CreateByEmail(w.ctx, ada, r, in))
		after := w.traces(ada, r)
		for i := range want {
			if after[i] != before[i]+want[i] {
				t.Errorf("%s: the traces changed from %v to %v, want %v more", email, before, after, want)
				break
			}
		}
		before = after
	}
}
