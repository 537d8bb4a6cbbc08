package servicetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/scopes"
	"github.com/hallpass-go/hallpass/sharing"
)

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

// traces counts what sharing has left behind: shares and codes of a resource, letters of any
// kind, and records of the audit.
func (w *shareWorld) traces(p *auth.Principal, r auth.ResourceRef) (n [4]int) {
	w.t.Helper()
	shares, err := w.shares.Shares(w.ctx, p, r, auth.PageQuery{})
	w.must(err)
	codes, err := w.shares.ShareCodes(w.ctx, p, r, auth.PageQuery{})
	w.must(err)
	records, err := w.History.Audits(w.ctx, w.op, auth.AuditFilter{PageQuery: auth.PageQuery{Limit: 200}})
	w.must(err)
	var letters []mail.Envelope
	w.want(w.st.Auth().Tx(w.ctx, func(st auth.Store) (err error) { // claims nothing, in the end
		letters, err = st.Outbox().ClaimMail(w.ctx, w.clock.Now().AddDate(1, 0, 0), w.clock.Now(), 1000)
		return errors.Join(err, errRefused)
	}), errRefused)
	return [4]int{len(shares.Items), len(codes.Items), len(letters), len(records.Items)}
}

// errRefused is the error of whatever refuses in these tests.
var errRefused = errors.New("refused by the test")

// sharesJoinTheTransaction: what is shared inside a transaction of the accounts commits or rolls
// back with it, and is seen inside of it at once.
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
				t.Errorf("inside, the verdict is %v, %v", v, err)
			}
			return result
		})
	}
	w.want(share(errRefused), errRefused)
	if got := w.traces(p[0], r); got != before {
		t.Errorf("rolled back, but the traces went from %v to %v", before, got)
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

// AddMail adds the letter before it refuses it, so that a failure after the letter is tried too.
func (s refusingOutbox) AddMail(ctx context.Context, e mail.Envelope) error {
	if s.what == "letter" {
		return errRefused
	}
	if err := s.Store.AddMail(ctx, e); err != nil || s.what == "" {
		return err
	}
	return errRefused
}

// sharingByEmailIsWhole: wherever sharing with an address fails, it leaves no share, code, letter
// or audit record; whether the address is a user's or nobody's.
func sharingByEmailIsWhole(t *testing.T, open Open) {
	w, ada, r := setupMailedShares(t, open)
	access := w.tokens("ada").Access
	before := w.traces(ada, r)
	for email, want := range map[string][4]int{
		"bob@example.org":   {1, 0, 1, 1}, // the letter is a decoy
		"eve-x@example.org": {0, 1, 1, 1},
	} {
		in := sharing.EmailShareInput{Email: email, From: home}
		for _, what := range []string{"audit", "letter", "whatever follows the letter"} {
			accounts, err := auth.New(refusing{w.st.Auth(), what}, w.cfg)
			w.must(err)
			p, err := accounts.Authenticate(w.ctx, access)
			w.must(err)
			w.want(w.shareReplica(accounts).CreateByEmail(w.ctx, p, r, in), errRefused)
			if got := w.traces(ada, r); got != before {
				t.Errorf("%s, %s refused: traces went from %v to %v", email, what, before, got)
			}
		}
		w.must(w.shares.CreateByEmail(w.ctx, ada, r, in))
		after := w.traces(ada, r)
		for i := range want {
			if after[i] != before[i]+want[i] {
				t.Errorf("%s: traces went from %v to %v, want %v more", email, before, after, want)
				break
			}
		}
		before = after
	}
}

// shareCodesAreTried: Accept and Preview take a try each, of the caller and of their network, and
// the try stays taken although the call fails. Without tries even the right code is refused.
func shareCodesAreTried(t *testing.T, open Open) {
	for name, budget := range map[string]func(*limit.Limits, limit.Limit){
		"caller":  func(l *limit.Limits, to limit.Limit) { l.ShareCode = to },
		"network": func(l *limit.Limits, to limit.Limit) { l.Network = to },
	} {
		w := setupShares(t, open)
		p := w.persons("ada", "bob", "cal")
		r := w.note(p[0], "n1")
		_, secret := w.code(p[0], r, sharing.ShareCodeInput{})
		_, wrong := w.code(p[0], w.note(p[0], "n2"), sharing.ShareCodeInput{
			Audience: sharing.Audience{Type: sharing.ForUser, Value: string(idOf(p[0]))},
		})
		budget(&w.cfg.Limits, limit.Limit{Burst: 3, Interval: time.Minute})
		shares := w.shareReplica(w.replica())
		try := func(p *auth.Principal, code string, from auth.Client) [2]error {
			_, accept := shares.Accept(w.ctx, p, code, from)
			_, preview := shares.Preview(w.ctx, p, code, from)
			return [2]error{accept, preview}
		}
		w.want(errOf(shares.Accept(w.ctx, p[1], "mistyped", home)), sharing.ErrShareCodeInvalid)
		for _, err := range try(p[1], wrong, home) {
			w.want(err, sharing.ErrShareCodeInvalid)
		}
		for _, err := range try(p[1], secret, home) {
			var over *auth.LimitError
			if !errors.As(err, &over) || over.RetryAfter <= 0 {
				t.Fatalf("%s: after three tries the error is %v, want a LimitError", name, err)
			}
		}
		other, elsewhere := p[2], client("198.51.100.7")
		if name == "network" {
			other = p[1]
			w.want(errOf(shares.Preview(w.ctx, p[2], secret, home)), auth.ErrTooManyAttempts)
		}
		for _, err := range try(other, secret, elsewhere) {
			w.must(err)
		}
		w.clock.Advance(time.Minute)
		w.must(errOf(shares.Accept(w.ctx, p[1], secret, home)))
		w.want(errOf(shares.Preview(w.ctx, p[1], secret, home)), auth.ErrTooManyAttempts)
	}
}
