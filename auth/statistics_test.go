package auth_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/store/memstore"
)

// countingStore counts calls of what a sign-in may ask of the store.
type countingStore struct {
	auth.Store
	reads int
}

func (c *countingStore) ReadSignIn(ctx context.Context, key string) (auth.SignInRead, error) {
	c.reads++
	return c.Store.ReadSignIn(ctx, key)
}

func (c *countingStore) AccountByLogin(ctx context.Context, key string) (auth.Account, error) {
	c.reads++
	return c.Store.AccountByLogin(ctx, key)
}

// slotless fails a verification that reaches the hasher.
type slotless struct{ asked int }

func (s *slotless) Recognises(hash string) bool { return hash == "counted" }

func (s *slotless) Verify(context.Context, string, string) (bool, error) {
	s.asked++
	return false, nil
}

func TestSec_RL07_ThrottledHashesNothing(t *testing.T) {
	t.Parallel()
	hashes := &slotless{}
	st := &countingStore{Store: memstore.New().Auth()}
	s, err := auth.New(st, auth.Config{
		Secret: []byte("32 bytes or more from a key file"), BaseURL: "https://app.example",
		Hashing: password.Config{Params: password.Params{
			MemoryKiB: 64, Iterations: 1, Parallelism: 1,
		}, AllowWeakParams: true, LegacyVerifier: hashes},
		Limits: limit.Limits{Pair: limit.Limit{Burst: 3, Interval: 1e9}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	u, err := s.CreateUser(ctx, s.Operator("test"), auth.UserInput{Username: "ada"}, auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = st.UpdateAccount(ctx, u.ID, func(a *auth.Account) error { a.PasswordHash = "counted"; return nil })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		st.reads = 0
		_, err := s.SignIn(ctx, auth.SignInRequest{Login: "ada", Password: "a wrong password"})
		want := auth.ErrBadCredentials
		if i >= 3 {
			want = auth.ErrTooManyAttempts
		}
		if !errors.Is(err, want) || st.reads != 1 {
			t.Fatalf("try %d: %v after %d reads", i, err, st.reads)
		}
	}
	if hashes.asked != 3 {
		t.Errorf("%d hashes for 3 tries", hashes.asked)
	}
}

func TestSec_PW03_TooLongTakesNoTry(t *testing.T) {
	t.Parallel()
	s := newService()
	for i := range 100 {
		_, err := s.SignIn(t.Context(), auth.SignInRequest{Login: "nobody", Password: fmt.Sprintf("%01025d", i)})
		var fields *auth.FieldsError
		if !errors.As(err, &fields) || fields.Fields[0].Code != password.CodeTooLong {
			t.Fatalf("try %d: %v", i, err)
		}
	}
}
