package emailcode_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/token"
)

// world is Flows on an empty store, with a clock that is set by hand and budgets that never run
// out unless a test says so.
type world struct {
	emailcode.Flows
	t      *testing.T
	st     *memory
	budget *budget
	now    time.Time
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, st: &memory{flows: map[emailcode.FlowID]emailcode.Flow{}}, budget: &budget{},
		now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
	}
	w.Flows = emailcode.NewFlows(w.st, emailcode.NewMarker([]byte("key")), func() time.Time { return w.now })
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) want(err, want error) {
	w.t.Helper()
	if !errors.Is(err, want) {
		w.t.Errorf("got error %v, want %v", err, want)
	}
}

// request is a request of Ada.
func request(p emailcode.Purpose) emailcode.Request {
	return emailcode.Request{Purpose: p, Email: "Ada@example.org", EmailKey: "ada@example.org", User: "ada"}
}

// begin begins a flow and stores it.
func (w *world) begin(in emailcode.Request) emailcode.Issue {
	w.t.Helper()
	i, err := w.Begin(w.t.Context(), w.budget, in)
	w.must(err)
	w.must(w.Add(w.t.Context(), i))
	return i
}

// resend makes another code of a flow and stores it if it may be mailed.
func (w *world) resend(started emailcode.Started) emailcode.Issue {
	w.t.Helper()
	i, err := w.Resend(w.t.Context(), w.budget, started.ID, started.Secret.Reveal())
	w.must(err)
	if i.MayMail {
		won, err := w.Renew(w.t.Context(), i)
		w.must(err)
		if !won {
			w.t.Fatal("the renewal lost")
		}
	}
	return i
}

// typed is what somebody types who asked for the code and got it.
func typed(i emailcode.Issue) emailcode.Evidence {
	return emailcode.Evidence{Flow: i.Started.ID, Secret: i.Started.Secret.Reveal(), Code: i.Code}
}

// link is the opened link.
func link(i emailcode.Issue) emailcode.Evidence { return emailcode.Evidence{Token: i.Link.Reveal()} }

// opens checks that the evidence opens a flow.
func (w *world) opens(in emailcode.Evidence, id emailcode.FlowID, p emailcode.Purpose) emailcode.Proven {
	w.t.Helper()
	got, err := w.Prove(w.t.Context(), w.budget, in, p)
	w.must(err)
	if got.Flow.ID != id || got.Typed != (in.Token == "") {
		w.t.Errorf("opened %v, typed %v", got.Flow.ID, got.Typed)
	}
	return got
}

// refuses checks that the evidence opens nothing.
func (w *world) refuses(in emailcode.Evidence, purposes ...emailcode.Purpose) {
	w.t.Helper()
	_, err := w.Prove(w.t.Context(), w.budget, in, purposes...)
	w.want(err, emailcode.ErrWrong)
}

// budget counts. What is set in it refuses.
type budget struct {
	mu                           sync.Mutex
	requests, mails, codes, back int
	noRequest, noCode, mailError error
	noMail                       bool
}

func (b *budget) TakeRequest(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests++
	return b.noRequest
}

func (b *budget) TakeMail(context.Context, emailcode.Flow) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails++
	return !b.noMail && b.mailError == nil, b.mailError
}

func (b *budget) TakeCode(context.Context, emailcode.Flow) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.codes++
	return b.noCode
}

func (b *budget) GiveBackCode(context.Context, emailcode.Flow) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.back++
}

// memory is a Store. Where broken is set, every method returns it.
type memory struct {
	mu     sync.Mutex
	flows  map[emailcode.FlowID]emailcode.Flow
	broken error
}

// change runs fn on a flow, under the lock. ErrNotFound without such a flow.
func (m *memory) change(id emailcode.FlowID, fn func(*emailcode.Flow) error) (emailcode.Flow, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return emailcode.Flow{}, m.broken
	}
	f, ok := m.flows[id]
	if !ok {
		return emailcode.Flow{}, emailcode.ErrNotFound
	}
	if err := fn(&f); err != nil {
		return emailcode.Flow{}, err
	}
	m.flows[id] = f
	f.SignUp = bytes.Clone(f.SignUp)
	return f, nil
}

func (m *memory) AddFlow(_ context.Context, f emailcode.Flow) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.flows[f.ID]; ok {
		return fmt.Errorf("flow %s exists already", f.ID)
	}
	f.SignUp = bytes.Clone(f.SignUp)
	m.flows[f.ID] = f
	return m.broken
}

func (m *memory) Flow(_ context.Context, id emailcode.FlowID) (emailcode.Flow, error) {
	return m.change(id, func(*emailcode.Flow) error { return nil })
}

func (m *memory) FlowByLink(_ context.Context, link token.Hash) (emailcode.Flow, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.flows {
		if f.Link == link && !link.IsZero() {
			return f, m.broken
		}
	}
	return emailcode.Flow{}, emailcode.ErrNotFound
}

func (m *memory) TryFlow(_ context.Context, t emailcode.Try) (emailcode.Flow, error) {
	return m.change(t.ID, func(f *emailcode.Flow) error {
		if f.Secret != t.Secret || !t.Now.Before(f.ExpiresAt) || f.Tries >= t.Most {
			return emailcode.ErrNotFound
		}
		f.Tries++
		return nil
	})
}

func (m *memory) RenewFlow(_ context.Context, r emailcode.Renewal) (bool, error) {
	_, err := m.change(r.ID, func(f *emailcode.Flow) error {
		if f.Sends != r.Sends {
			return emailcode.ErrNotFound
		}
		f.Code, f.Link, f.SentAt, f.ExpiresAt, f.Sends = r.Code, r.Link, r.SentAt, r.ExpiresAt, f.Sends+1
		return nil
	})
	if errors.Is(err, emailcode.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (m *memory) UseFlow(_ context.Context, id emailcode.FlowID, now time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, ok := m.flows[id]
	if ok = ok && now.Before(f.ExpiresAt); ok {
		delete(m.flows, id)
	}
	return ok, m.broken
}

func (m *memory) EndFlows(_ context.Context, user string, p emailcode.Purpose) (int, error) {
	return m.remove(func(f emailcode.Flow) bool { return user != "" && f.User == user && f.Purpose == p }, len(m.flows))
}

func (m *memory) DeleteExpiredFlows(_ context.Context, t time.Time, limit int) (int, error) {
	return m.remove(func(f emailcode.Flow) bool { return !f.ExpiresAt.After(t) }, limit)
}

func (m *memory) remove(which func(emailcode.Flow) bool, limit int) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, f := range m.flows {
		if n < limit && which(f) {
			delete(m.flows, id)
			n++
		}
	}
	return n, m.broken
}
