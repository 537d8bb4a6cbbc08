package servicetest

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/store"
)

// bench is a service with the hashing of production on a store with some users.
type bench struct {
	*auth.Service
	ctx context.Context
	op  *auth.Principal
}

const benchUsers = 64

func newBench(b *testing.B, open func(testing.TB) store.Store) *bench {
	b.Helper()
	s, err := auth.New(open(b).Auth(), auth.Config{
		Secret: []byte("a secret for tests only, 32 bytes"), BaseURL: "https://app.example",
		Limits: unlimited(),
	})
	if err != nil {
		b.Fatal(err)
	}
	x := &bench{Service: s, ctx: b.Context(), op: s.Operator("bench")}
	for i := range benchUsers {
		if _, err := s.CreateUser(
			x.ctx, x.op, auth.UserInput{Username: fmt.Sprintf("user%d", i), Password: pass}, home,
		); err != nil {
			b.Fatal(err)
		}
	}
	return x
}

// unlimited buckets cost what others cost and never run empty.
func unlimited() limit.Limits {
	l := limit.Limit{Burst: 1_000_000, Interval: 1e6}
	return limit.Limits{Account: l, AccountLong: l, Pair: l, Network: l, Device: l, Rename: l, SignUp: l}
}

func (x *bench) signIn(i int) (auth.TokenAnswer, error) {
	return x.PasswordGrant(
		x.ctx, auth.SignInRequest{Login: fmt.Sprintf("user%d", i%benchUsers), Password: pass, Client: home},
	)
}

// BenchmarkPasswordSignIn measures the rate of sign-ins with a password beside that of bare
// hashes. Some callers wait at all times, as in a busy server, so that what the store takes
// overlaps with hashing.
func BenchmarkPasswordSignIn(b *testing.B, open func(testing.TB) store.Store) {
	x := newBench(b, open)
	h, err := password.NewHasher(password.Config{})
	if err != nil {
		b.Fatal(err)
	}
	busy := func(name string, do func(i int) error) {
		b.Run(name, func(b *testing.B) {
			var n atomic.Int64
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := do(int(n.Add(1))); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
	busy("hash", func(int) error { _, err := h.Hash(x.ctx, pass); return err })
	busy("sign-in", func(i int) error { _, err := x.signIn(i); return err })
}

// BenchmarkAuthenticate measures an access token that was never seen before, beside the bare
// signature check.
func BenchmarkAuthenticate(b *testing.B, open func(testing.TB) store.Store) {
	x := newBench(b, open)
	t, err := x.signIn(0)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("ed25519", func(b *testing.B) {
		public, private, err := ed25519.GenerateKey(nil)
		if err != nil {
			b.Fatal(err)
		}
		text := []byte(t.Access)
		sig := ed25519.Sign(private, text)
		b.ReportAllocs()
		for b.Loop() {
			if !ed25519.Verify(public, text, sig) {
				b.Fatal("bad signature")
			}
		}
	})
	b.Run("first-seen", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := x.Authenticate(x.ctx, t.Access); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRefresh measures one rotation of a refresh token.
func BenchmarkRefresh(b *testing.B, open func(testing.TB) store.Store) {
	x := newBench(b, open)
	t, err := x.signIn(0)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if t, err = x.Refresh(x.ctx, auth.RefreshRequest{Token: t.Refresh.Reveal(), Client: home}); err != nil {
			b.Fatal(err)
		}
	}
}
