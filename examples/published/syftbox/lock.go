package main

import (
	"context"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// patience is how long a client waits for another one before it says so.
const patience = time.Second

// lock keeps other clients from the file until unlock is called. If two start at once, the
// second finds the tokens of the first, so a refresh token is used only once. The lock of a
// killed client is free.
func (s store) lock(ctx context.Context) (unlock func(), err error) {
	if err := s.check(); err != nil {
		return nil, err // before a lock file is made
	}
	type held struct {
		unlock func()
		err    error
	}
	got := make(chan held, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(s.path + ".lock").Lock()
		got <- held{unlock, err}
	}()
	word := time.NewTimer(patience)
	defer word.Stop()
	for {
		select {
		case h := <-got:
			return h.unlock, h.err
		case <-word.C:
			s.say("Another syftbox works with %s; waiting for it.", s.path)
		case <-ctx.Done():
			go func() { // release the lock whenever it comes
				if h := <-got; h.err == nil {
					h.unlock()
				}
			}()
			return nil, ctx.Err()
		}
	}
}
