package password_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hallpass-go/hallpass/auth/password"
)

var errPlain = errors.New("verifier failed")

// plain verifies "plain:" + password.
type plain struct{}

func (plain) Recognises(hash string) bool { return strings.HasPrefix(hash, "plain:") }

func (plain) Verify(_ context.Context, hash, pw string) (bool, error) {
	if pw == "fail" {
		return false, errPlain
	}
	return hash == "plain:"+pw, nil
}

// blocking holds its slot until release is closed or receives a value.
type blocking struct {
	plain
	release chan struct{}
}

func (b blocking) Verify(ctx context.Context, hash, pw string) (bool, error) {
	<-b.release
	return b.plain.Verify(ctx, hash, pw)
}

// crowd is a Hasher whose verifications of "plain:" block until released.
type crowd struct {
	*password.Hasher
	release chan struct{}
	done    chan error
}

func newCrowd(t *testing.T, slots, queue int) crowd {
	t.Helper()
	c := crowd{release: make(chan struct{}), done: make(chan error, 1000)}
	cfg := cheap
	cfg.Slots, cfg.Queue, cfg.LegacyVerifier = slots, queue, blocking{release: c.release}
	c.Hasher = newHasher(t, cfg)
	return c
}

// start begins n verifications and returns once all of them block.
func (c crowd) start(ctx context.Context, n int) {
	for range n {
		go func() {
			_, err := c.Verify(ctx, "plain:x", "x")
			c.done <- err
		}()
	}
	synctest.Wait()
}

func (c crowd) finish(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := <-c.done; err != nil {
			t.Error(err)
		}
	}
}

func TestSec_PW11_OverflowAnswersBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 2, 3)
		c.start(t.Context(), 5)
		_, errVerify := c.Verify(t.Context(), "plain:x", "x")
		_, errHash := c.Hash(t.Context(), "x")
		for _, err := range []error{errVerify, errHash, c.VerifyDummy(t.Context(), "x")} {
			var busy *password.BusyError
			if !errors.Is(err, password.ErrBusy) || !errors.As(err, &busy) || busy.RetryAfter < time.Second ||
				busy.RetryAfter > 30*time.Second {
				t.Errorf("error %v", err)
			}
		}
		close(c.release)
		c.finish(t, 5)
		if _, err := c.Hash(t.Context(), "x"); err != nil {
			t.Errorf("after the crowd: %v", err)
		}
	})
}

func TestSec_PW11_CancelLeavesTheQueueAndFreesItsPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 1, 2)
		c.start(t.Context(), 1)
		ctx, cancel := context.WithCancel(t.Context())
		c.start(ctx, 2)
		if _, err := c.Hash(t.Context(), "x"); !errors.Is(err, password.ErrBusy) {
			t.Errorf("full queue: %v", err)
		}
		cancel()
		for range 2 {
			if err := <-c.done; !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
		}
		if _, err := c.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
			t.Errorf("context that had ended: %v", err)
		}
		late, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		c.start(late, 2) // the places of the earlier ones are free again
		<-late.Done()
		for range 2 {
			if err := <-c.done; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("deadline: %v", err)
			}
		}
		close(c.release)
		c.finish(t, 1)
		if err := c.VerifyDummy(t.Context(), "x"); err != nil {
			t.Errorf("slot was not given back: %v", err)
		}
	})
}

func TestSec_PW11_DefaultQueueHoldsTwoHundredSignIns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 2, 0)
		c.start(t.Context(), 200)
		close(c.release)
		c.finish(t, 200)
	})
}

func TestSec_PW03_TooLongIsRefusedWithoutAPlaceInTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(t, 1, 1)
		c.start(t.Context(), 2)
		_, err := c.Hash(t.Context(), strings.Repeat("x", 1025))
		wantCode(t, err, password.CodeTooLong)
		wantCode(t, password.Rules{}.Check(t.Context(), strings.Repeat("x", 1025)), password.CodeTooLong)
		close(c.release)
		c.finish(t, 2)
	})
}

// TestSec_PW11_MemoryOfTwoHundredParallelSignIns measures memory, so it is not parallel.
func TestSec_PW11_MemoryOfTwoHundredParallelSignIns(t *testing.T) {
	const slots = 2
	h := newHasher(t, password.Config{Slots: slots})
	stored := hash(t, h, "x")
	runtime.GC()
	before := resident()
	peak, stop := before, make(chan struct{})
	var sampler, signIns sync.WaitGroup
	sampler.Go(func() {
		for tick := time.NewTicker(time.Millisecond); ; {
			select {
			case <-stop:
				return
			case <-tick.C:
				peak = max(peak, resident())
			}
		}
	})
	for range 200 {
		signIns.Go(func() {
			if r, err := h.Verify(t.Context(), stored, "x"); err != nil || !r.Match {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	signIns.Wait()
	close(stop)
	sampler.Wait()
	got, bar := (peak-before)/1e6, uint64(slots*19456<<10+50e6)/1e6
	t.Logf("%d MB above the %d MB before; bar %d MB", got, before/1e6, bar)
	if got > bar {
		t.Errorf("200 parallel sign-ins took %d MB, more than %d MB", got, bar)
	}
}

// resident returns the number of bytes that the Go runtime has mapped and not returned.
func resident() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}
