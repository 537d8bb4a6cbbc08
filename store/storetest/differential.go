package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/device"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/sharing"
	"github.com/hallpass-go/hallpass/store"
)

// SeedVariable names the environment variable that makes Differential repeat one seed.
const SeedVariable = "HALLPASS_STORETEST_SEED"

// steps is the number of calls in a run. A transaction counts as one.
const steps = 600

// Differential makes the same random calls to two stores and compares every answer. The name of
// each subtest holds its seed: two fixed ones and a new one each time, or only the one in
// SeedVariable.
func Differential(t *testing.T, openA, openB Open) {
	seeds := []uint64{1, 2, uint64(time.Now().UnixNano())}
	if text := os.Getenv(SeedVariable); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", SeedVariable, err)
		}
		seeds = []uint64{seed}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			compare(t, seed, setup(t, openA), setup(t, openB))
		})
	}
}

// compare stops at the first answer that differs.
func compare(t *testing.T, seed uint64, a, b *world) {
	t.Helper()
	p := &player{world: a, r: rand.New(rand.NewPCG(seed, 0))}
	kinds := map[string]int{}
	for i := range steps {
		c := p.next(0)
		got, want := c.play(a.ctx, stores{a.st, a.db}), c.play(b.ctx, stores{b.st, b.db})
		if d := differ("answer", reflect.ValueOf(got), reflect.ValueOf(want)); d != "" {
			t.Fatalf("seed %d, step %d, %s: %s", seed, i, c.name, d)
		}
		if i%20 == 0 {
			a.same(fmt.Sprintf("seed %d, step %d: everything", seed, i), p.everything(a), p.everything(b))
		}
		kinds[c.name+" "+got.Error]++
	}
	a.same(fmt.Sprintf("seed %d: everything", seed), p.everything(a), p.everything(b))
	t.Logf("calls by outcome: %v", kinds)
}

// stores is what calls are made on: the store of package auth, and the whole database behind
// it.
type stores struct {
	auth.Store
	db store.Store
}

// ofSharing makes a call to the store of package sharing.
func ofSharing(name string, run func(ctx context.Context, st sharing.Store) (any, error)) call {
	return call{
		name, func(ctx context.Context, st auth.Store) (any, error) { return run(ctx, st.(stores).db.Sharing()) },
	}
}

// ofDevices makes a call of the store of package device.
func ofDevices(name string, run func(ctx context.Context, st device.Store) (any, error)) call {
	return call{
		name, func(ctx context.Context, st auth.Store) (any, error) { return run(ctx, st.(stores).db.Devices()) },
	}
}

// call is one call with its arguments, to be made on any store.
type call struct {
	name string
	run  func(ctx context.Context, st auth.Store) (any, error)
}

// answer is what a call returns.
type answer struct {
	Result any
	Error  string
}

func (c call) play(ctx context.Context, st auth.Store) answer {
	result, err := c.run(ctx, st)
	a := answer{Result: result, Error: class(err)}
	if err != nil {
		if _, tx := result.([]answer); !tx {
			a.Result = nil // has no meaning beside an error
		}
	}
	return a
}

// class returns the class of an error as far as the contract defines it. The contract does not
// say which of several conflicts is reported.
func class(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, auth.ErrUsernameTaken), errors.Is(err, auth.ErrEmailTaken),
		errors.Is(err, auth.ErrExternalIDTaken):
		return "taken"
	case errors.Is(err, auth.ErrNotFound):
		return "sharing: not found"
	}
	for _, known := range []error{emailcode.ErrNotFound, auth.ErrStale, errRefused} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "unexpected: " + err.Error()
}

// transaction makes a few calls that are committed or rolled back together.
func (p *player) transaction(depth int) call {
	var calls []call
	for range 1 + p.r.IntN(5) {
		calls = append(calls, p.next(depth+1))
	}
	var result error
	if p.r.IntN(3) == 0 {
		result = errRefused
	}
	return call{"Tx", func(ctx context.Context, st auth.Store) (any, error) {
		var answers []answer
		err := st.(stores).db.Tx(ctx, func(db store.Store) error {
			answers = nil // the function may run again
			st := stores{db.Auth(), db}
			if err := st.Lock(ctx, "lock"); err != nil {
				return err
			}
			for _, c := range calls {
				answers = append(answers, c.play(ctx, st))
			}
			return result
		})
		return answers, err
	}}
}

// state is everything that can be read.
type state struct {
	Lists  snapshot
	Reads  []answer
	Actors []answer
}

// everything reads all that the calls may have changed.
func (p *player) everything(w *world) (s state) {
	w.t.Helper()
	s.Lists = w.snapshot()
	for _, id := range p.users {
		s.Reads = append(s.Reads,
			call{
				"", func(ctx context.Context, st auth.Store) (any, error) { return st.Account(ctx, id) },
			}.play(w.ctx, w.st),
			call{"", func(ctx context.Context, st auth.Store) (any, error) {
				return st.Sessions(ctx, auth.SessionQuery{User: id, Now: start, Limit: 1000})
			}}.play(w.ctx, w.st))
	}
	for _, id := range p.flows {
		s.Reads = append(s.Reads,
			call{
				"", func(ctx context.Context, st auth.Store) (any, error) { return st.Flows().Flow(ctx, id) },
			}.play(w.ctx, w.st))
	}
	for _, h := range p.tokens {
		s.Actors = append(s.Actors,
			call{
				"", func(ctx context.Context, st auth.Store) (any, error) { return st.RefreshToken(ctx, h) },
			}.play(w.ctx, w.st))
	}
	for _, name := range words {
		s.Reads = append(s.Reads,
			call{
				"", func(ctx context.Context, st auth.Store) (any, error) { return st.Value(ctx, name) },
			}.play(w.ctx, w.st))
	}
	return s
}
