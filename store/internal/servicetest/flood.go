package servicetest

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/password"
)

// FloodMemory: 200 sign-ins at once, with the hashing of production, all succeed, and take no
// more memory than the slots hold, plus 50 MB.
func FloodMemory(t *testing.T, open Open) {
	const users, extra = 200, 50 << 20
	w := setup(t, open, func(c *auth.Config) { c.Limits = unlimited() })
	for i := range users {
		w.signUp(fmt.Sprintf("user%d", i))
	}
	w.cfg.Hashing = password.Config{Params: password.DefaultParams(), Queue: users}
	s := w.replica()
	slots := uint64(runtime.GOMAXPROCS(0)) * uint64(password.DefaultParams().MemoryKiB) << 10
	// What the users hold at first is below today's parameters, so the first flood hashes twice
	// for each. When the collector comes to run varies on a busy machine; memory that is not
	// bounded is above the limit each time.
	var used uint64
	for range 3 {
		peak, stop := watchMemory()
		start := peak.Load()
		errs := race(users, func(i int) error {
			_, err := s.PasswordGrant(
				w.ctx, auth.SignInRequest{Login: fmt.Sprintf("user%d", i), Password: pass, Client: home},
			)
			return err
		})
		stop()
		if n := count(errs, nil); n != users {
			t.Fatalf("%d of %d sign-ins succeeded: %v", n, users, errs)
		}
		used = peak.Load() - start
		t.Logf("200 parallel sign-ins: %d MB on top of %d MB, allowed %d MB", used>>20, start>>20, (slots+extra)>>20)
		if used <= slots+extra {
			return
		}
	}
	t.Errorf("%d MB used, %d MB allowed", used>>20, (slots+extra)>>20)
}

// watchMemory follows the memory that the program holds and does not use for its heap in vain,
// until stop.
func watchMemory() (peak *atomic.Uint64, stop func()) {
	runtime.GC()
	peak = &atomic.Uint64{}
	read := func() {
		held := []metrics.Sample{
			{
				Name: "/memory/classes/heap/objects:bytes",
			}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"},
		}
		metrics.Read(held)
		var sum uint64
		for _, h := range held {
			sum += h.Value.Uint64()
		}
		peak.Store(max(peak.Load(), sum))
	}
	read()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				read()
			}
		}
	}()
	return peak, func() { close(done); <-ended }
}
