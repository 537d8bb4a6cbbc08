package main

import (
	"context"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// patience is how long a client waits for another one without a word.
const patience = time.Second

// lock keeps other clients from the file until unlock is called: of two that start at once the
// second finds what the first one got, and a refresh token is used once. A lock of a client
// that was killed is free.
func (s store) lock(ctx context.Context) (unlock func(), err error) {
	if err := s.check(); err != nil {
		return nil, err // before a lock is made beside it
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
			go func() { // the lock comes when it comes, and goes at once
				if h := <-got; h.err == nil {
					h.unlock()
				}
			}()
			return nil, ctx.Err()
		}
	}
}
