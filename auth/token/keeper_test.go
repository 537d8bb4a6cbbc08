package token_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
	"github.com/hallpass-go/hallpass/store/memstore"
)

const day = 24 * time.Hour

// keyBench is a store of keys that counts how often all are read, and a clock.
type keyBench struct {
	t     *testing.T
	st    auth.Store
	now   time.Time
	reads *atomic.Int64
	check error
}

// countingKeys is a KeyStore that counts reads.
type countingKeys struct {
	token.KeyStore
	reads *atomic.Int64
}

func (c countingKeys) Keys(ctx context.Context) ([]token.StoredKey, error) {
	c.reads.Add(1)
	return c.KeyStore.Keys(ctx)
}

func setupKeys(t *testing.T) *keyBench {
	t.Helper()
	return &keyBench{t: t, st: memstore.New().Auth(), now: start, reads: new(atomic.Int64)}
}

// keeper is a Keeper as each replica has one.
func (b *keyBench) keeper() *token.Keeper {
	return token.NewKeeper(b.source(b.st), kek(1), func() time.Time { return b.now }, config)
}

func (b *keyBench) source(st auth.Store) token.KeySource {
	return token.KeySource{
		Store: countingKeys{st.KeyStore(), b.reads},
		Tx: func(ctx context.Context, fn func(token.KeyStore) error) error {
			return st.Tx(ctx, func(st auth.Store) error { return fn(st.KeyStore()) })
		},
		Check: func(context.Context) error { return b.check },
	}
}

func (b *keyBench) ring(k *token.Keeper) *token.Ring {
	b.t.Helper()
	r, err := k.Ring(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func (b *keyBench) ids() (ids []string) {
	b.t.Helper()
	keys, err := b.st.KeyStore().Keys(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, k := range keys {
		ids = append(ids, k.ID)
	}
	return ids
}

// access makes a token that lives for a day, by the keys of one replica.
func (b *keyBench) access(k *token.Keeper) string {
	c := claims()
	c.IssuedAt, c.ExpiresAt = b.now, b.now.Add(token.MaxTTL)
	return sign(b.t, b.ring(k), c, b.now)
}

func TestKeeperReadsKeysEveryFiveMinutes(t *testing.T) {
	t.Parallel()
	b := setupKeys(t)
	k := b.keeper()
	b.ring(k)
	for _, c := range []struct {
		after time.Duration
		reads int64
	}{{0, 0}, {5*time.Minute - 1, 0}, {1, 1}, {time.Minute, 0}, {-time.Hour, 1}} {
		b.now = b.now.Add(c.after)
		before := b.reads.Load()
		b.ring(k)
		if got := b.reads.Load() - before; got != c.reads {
			t.Errorf("%d reads %v later, want %d", got, c.after, c.reads)
		}
	}
	if n := len(b.ids()); n != 1 {
		t.Errorf("%d keys", n)
	}
}

func TestManyReplicasMakeOneKey(t *testing.T) {
	t.Parallel()
	b := setupKeys(t)
	var all sync.WaitGroup
	for range 4 {
		k := b.keeper()
		for range 8 {
			all.Go(func() {
				if _, err := k.Ring(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if n := len(b.ids()); n != 1 {
		t.Errorf("%d keys", n)
	}
}

// A key that has served its time is replaced, and stays until the last token that it can have
// signed is past.
func TestKeeperTurnsKeysOver(t *testing.T) {
	t.Parallel()
	b := setupKeys(t)
	k, other := b.keeper(), b.keeper()
	b.ring(k)
	old := b.ids()[0]
	b.now = start.Add(90*day - 5*time.Minute)
	b.ring(k)
	if n := len(b.ids()); n != 1 {
		t.Fatalf("%d keys", n)
	}
	b.now = start.Add(90 * day)
	text := b.access(k)
	if n := len(b.ids()); n != 2 {
		t.Fatalf("%d keys", n)
	}
	if _, err := other.Verify(t.Context(), text); err != nil {
		t.Error(err)
	}
	b.now = b.now.Add(token.MaxTTL)
	if _, err := k.Verify(t.Context(), text); err != nil {
		t.Error(err)
	}
	b.ring(k)
	if n := len(b.ids()); n != 2 {
		t.Errorf("%d keys: the old one is gone too early", n)
	}
	b.now = b.now.Add(day)
	b.ring(k)
	if ids := b.ids(); len(ids) != 1 || ids[0] == old {
		t.Errorf("keys %v, the old one is %s", ids, old)
	}
}

func TestUnknownKeysAreReadAtMostEveryTenSeconds(t *testing.T) {
	t.Parallel()
	b := setupKeys(t)
	k := b.keeper()
	b.ring(k)
	strange := setupKeys(t)
	text := strange.access(strange.keeper())
	before := b.reads.Load()
	for range 5 {
		if _, err := k.Verify(t.Context(), text); !errors.Is(err, token.ErrUnknownKey) {
			t.Fatal(err)
		}
	}
	if n := b.reads.Load() - before; n != 0 {
		t.Errorf("%d reads just after one", n)
	}
	b.now = b.now.Add(10 * time.Second)
	for range 5 {
		if _, err := k.Verify(t.Context(), text); !errors.Is(err, token.ErrUnknownKey) {
			t.Fatal(err)
		}
	}
	if n := b.reads.Load() - before; n != 1 {
		t.Errorf("%d reads, want 1", n)
	}
	// A key that another replica has made is found that way.
	next := newKey(t, b.now.Add(-time.Hour))
	if err := b.st.KeyStore().AddKey(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	c := claims()
	c.IssuedAt, c.ExpiresAt = b.now, b.now.Add(time.Hour)
	made := sign(t, newRing(t, next), c, b.now)
	if _, err := k.Verify(t.Context(), made); !errors.Is(err, token.ErrUnknownKey) {
		t.Fatal(err)
	}
	b.now = b.now.Add(10 * time.Second)
	if _, err := k.Verify(t.Context(), made); err != nil {
		t.Fatal(err)
	}
}

// What a transaction reads may roll back, so nothing of it is kept.
func TestKeeperWithinATransactionKeepsNothing(t *testing.T) {
	t.Parallel()
	b := setupKeys(t)
	k := b.keeper()
	back := errors.New("roll back")
	err := b.st.Tx(t.Context(), func(st auth.Store) error {
		in := k.Within(b.source(st))
		text := b.access(in)
		if _, err := in.Verify(t.Context(), text); err != nil {
			t.Error(err)
		}
		return back
	})
	if !errors.Is(err, back) || len(b.ids()) != 0 {
		t.Fatalf("%v, keys %v", err, b.ids())
	}
	text := b.access(k)
	if len(b.ids()) != 1 {
		t.Fatal("the key of the transaction was kept")
	}
	before := b.reads.Load()
	if _, err := k.Within(b.source(b.st)).Verify(t.Context(), text); err != nil {
		t.Error(err)
	}
	if n := b.reads.Load() - before; n != 0 {
		t.Errorf("%d reads of keys that are known", n)
	}
}

func TestKeeperReadsNothingAgainstItsCheck(t *testing.T) {
	t.Parallel()
	b := setupKeys(t)
	b.check = errors.New("another secret")
	k := b.keeper()
	if _, err := k.Ring(t.Context()); !errors.Is(err, b.check) {
		t.Errorf("got %v", err)
	}
	if _, err := k.Verify(t.Context(), "a.b.c"); !errors.Is(err, b.check) || errors.Is(err, token.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	if b.reads.Load() != 0 || len(b.ids()) != 0 {
		t.Error("keys were read or made")
	}
	b.check = nil
	b.ring(k)
}

func TestKeeperWaitsNoLongerThanItsCaller(t *testing.T) {
	t.Parallel()
	b := setupKeys(t)
	in, out := make(chan struct{}), make(chan struct{})
	src := b.source(b.st)
	src.Check = func(context.Context) error { close(in); <-out; return nil }
	k := token.NewKeeper(src, kek(1), func() time.Time { return b.now }, config)
	done := make(chan error)
	go func() { _, err := k.Ring(t.Context()); done <- err }()
	<-in
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.Ring(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(out)
	if err := <-done; err != nil {
		t.Error(err)
	}
	b.ring(k)
}
