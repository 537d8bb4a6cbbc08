package auth_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// tracingStore writes down what a start may ask of the store.
type tracingStore struct {
	auth.Store
	calls *[]string
}

func (s tracingStore) note(name string) { *s.calls = append(*s.calls, name) }

func (s tracingStore) Tx(ctx context.Context, fn func(auth.Store) error) error {
	s.note("Tx")
	return s.Store.Tx(ctx, func(st auth.Store) error { return fn(tracingStore{st, s.calls}) })
}

func (s tracingStore) ReadSignIn(ctx context.Context, key string) (auth.SignInRead, error) {
	s.note("ReadSignIn")
	return s.Store.ReadSignIn(ctx, key)
}

func (s tracingStore) AccountByLogin(ctx context.Context, key string) (auth.Account, error) {
	s.note("AccountByLogin")
	return s.Store.AccountByLogin(ctx, key)
}

func (s tracingStore) Account(ctx context.Context, id auth.UserID) (auth.Account, error) {
	s.note("Account")
	return s.Store.Account(ctx, id)
}

func (s tracingStore) Limits() limit.Store { return tracingLimits{s.Store.Limits(), s} }

// tracingLimits is the part of a tracingStore that counts tries.
type tracingLimits struct {
	limit.Store
	of tracingStore
}

func (l tracingLimits) TakeTries(ctx context.Context, now time.Time, takes []limit.Take) (time.Duration, error) {
	l.of.note(fmt.Sprint("TakeTries of ", len(takes)))
	return l.Store.TakeTries(ctx, now, takes)
}

func (s tracingStore) Flows() emailcode.Store { return tracingFlows{s.Store.Flows(), s} }

// tracingFlows is the part of a tracingStore that keeps flows.
type tracingFlows struct {
	emailcode.Store
	of tracingStore
}

func (s tracingFlows) Flow(ctx context.Context, id emailcode.FlowID) (emailcode.Flow, error) {
	s.of.note("Flow")
	return s.Store.Flow(ctx, id)
}

func (s tracingFlows) AddFlow(ctx context.Context, f emailcode.Flow) error {
	s.of.note(fmt.Sprintf("AddFlow with link %v and sign-up %v", !f.Link.IsZero(), f.SignUp != nil))
	return s.Store.AddFlow(ctx, f)
}

func (s tracingFlows) RenewFlow(ctx context.Context, r emailcode.Renewal) (bool, error) {
	s.of.note("RenewFlow")
	return s.Store.RenewFlow(ctx, r)
}

func (s tracingStore) Outbox() mail.Store { return tracingOutbox{s.Store.Outbox(), s} }

type tracingOutbox struct {
	mail.Store
	by tracingStore
}

func (s tracingOutbox) AddMail(ctx context.Context, e mail.Envelope) error {
	s.by.note("AddMail")
	return s.Store.AddMail(ctx, e)
}

func (s tracingStore) AddLogin(ctx context.Context, l auth.Login) error {
	s.note("AddLogin")
	return s.Store.AddLogin(ctx, l)
}

// What beginning a flow asks of the store, step by step, is the same for every address, and so
// is a wrong code afterwards: what takes no other steps can't take another time.
func TestSec_EN05_StartsDoTheSameWork(t *testing.T) {
	t.Parallel()
	var calls []string
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	box := mail.NewMemory()
	s, err := auth.New(tracingStore{memstore.New().Auth(), &calls}, auth.Config{
		Secret: []byte("32 bytes or more from a key file"), BaseURL: "https://app.example", Mailer: box, Now: func() time.Time { return now },
		Settings: policy.Settings{SignUp: policy.SignUpOpen, EmailProof: policy.EmailProofRequired},
		Hashing: password.Config{
			Params: password.Params{MemoryKiB: 64, Iterations: 1, Parallelism: 1}, AllowWeakParams: true,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, op := t.Context(), s.Operator("test")
	people := []string{"ada", "off", "root", "busy", "nobody"}
	for _, name := range people[:4] {
		in := auth.UserInput{Username: name, Email: name + "@example.org", Password: "tiny horse 42 staple"}
		if name == "root" {
			in.Roles = []string{"admin"}
		}
		u, err := s.CreateUser(ctx, op, in, auth.Client{})
		if err != nil {
			t.Fatal(err)
		}
		if disabled := auth.StatusDisabled; name == "off" {
			if _, err := s.UpdateUser(ctx, op, u.ID, auth.UserPatch{Status: &disabled}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 10 {
		if _, err := s.BeginEmailCode(
			ctx, "busy@example.org", emailcode.SignIn, auth.Client{},
		); err != nil {
			t.Fatal(err)
		}
	}
	same := map[string]string{}
	for n, name := range people {
		for _, p := range []emailcode.Purpose{
			emailcode.SignIn, emailcode.VerifyEmail, emailcode.ResetPassword, "sign-up",
		} {
			calls = nil
			f, err := emailcode.Started{}, error(nil)
			if p == "sign-up" {
				var out auth.SignedUp
				out, err = s.SignUp(ctx, nil, auth.UserInput{
					Username: fmt.Sprint("new", n), Email: name + "@example.org", Password: "tiny horse 42 staple",
				}, auth.Client{})
				if err == nil {
					f = *out.Flow
				}
			} else {
				f, err = s.BeginEmailCode(ctx, name+"@example.org", p, auth.Client{})
			}
			if err != nil {
				t.Fatal(err)
			}
			calls = append(calls, "; wrong code:")
			if _, err := s.SignInByCode(
				ctx, emailcode.Evidence{Flow: f.ID, Secret: f.Secret.Reveal(), Code: "x"}, auth.SignInRequest{},
			); err == nil {
				t.Fatal("signed in")
			}
			got := strings.Join(calls, ", ")
			if same[string(p)] == "" {
				same[string(p)] = got
			}
			if got != same[string(p)] {
				t.Errorf("%s for %s:\n%s\nand for ada:\n%s", p, name, got, same[string(p)])
			}
		}
	}
}
