package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	senders     = 4               // messages that Run sends at once
	sendTimeout = time.Minute     // of one attempt
	lease       = 2 * sendTimeout // after this, another sender takes over an attempt
	poll        = 5 * time.Second // how often Run looks for letters of other replicas, and for late ones
)

// pauses are the pauses after failed attempts. The last one also holds for all further
// attempts.
var pauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}

// Config configures an Outbox.
type Config struct {
	// Mailer sends messages. nil means that nothing is posted and nothing is sent.
	Mailer Mailer
	// From is the address that messages come from.
	From string
	// URL is where people find the host. Templates get it.
	URL string
	// Templates replace the default wording, by kind.
	Templates map[Kind]Template
	// Key seals letters. It must be the same on every replica. See token.DeriveKey.
	Key []byte
	// Report is told why a letter could not be sent. nil drops that.
	Report func(error)
	// Now is the clock. Required.
	Now func() time.Time
}

// Outbox keeps letters until they are sent. It is safe for concurrent use, and any number of
// outboxes may share a store.
type Outbox struct {
	st        Store
	cfg       Config
	composers map[Kind]composer
	wake      chan struct{} // tells senders that there is mail
}

// NewOutbox makes an Outbox, or returns an error that joins every problem in cfg.
func NewOutbox(st Store, cfg Config) (*Outbox, error) {
	if cfg.Report == nil {
		cfg.Report = func(error) {}
	}
	all, err := composers(cfg.Templates)
	if cfg.Now == nil {
		err = errors.Join(err, errors.New("clock is nil"))
	}
	return &Outbox{st: st, cfg: cfg, composers: all, wake: make(chan struct{}, senders)}, err
}

// now returns the time, as precise as stores keep it.
func (o *Outbox) now() time.Time { return o.cfg.Now().UTC().Truncate(time.Microsecond) }

// Post adds a letter to st, which is the store of the outbox inside the transaction that the
// letter is about. If that rolls back, nothing is sent. Call Wake after the commit. Without a
// Mailer, or without an address, Post does nothing.
func (o *Outbox) Post(ctx context.Context, st Store, l Letter) error {
	if o.cfg.Mailer == nil || l.To == "" {
		return nil
	}
	if _, known := o.composers[l.Kind]; !known {
		return fmt.Errorf("post mail: unknown kind %q", l.Kind)
	}
	e, err := seal(o.cfg.Key, l, o.now())
	if err == nil {
		err = st.AddMail(ctx, e)
	}
	if err != nil {
		return fmt.Errorf("post mail: %w", err)
	}
	return nil
}

// Wake makes Run look for letters now.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default: // enough senders are being woken
	}
}

// Run sends letters when they are due, until ctx ends. The goroutines that it starts end before
// it returns.
func (o *Outbox) Run(ctx context.Context) {
	if o.cfg.Mailer == nil {
		return
	}
	var running sync.WaitGroup
	for range senders {
		running.Go(func() { o.send(ctx) })
	}
	running.Wait()
}

// send is one sender of Run.
func (o *Outbox) send(ctx context.Context) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		if _, err := o.Deliver(ctx); err != nil && ctx.Err() == nil {
			o.cfg.Report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		case <-tick.C:
		}
	}
}

// Deliver sends the letters that are due, one after the other, and returns how many were sent.
// Run does this by itself; hosts without Run, and tests, call it. If a letter can't be sent, it
// stays in the store and Config.Report is told. An error is one of the store or of ctx.
func (o *Outbox) Deliver(ctx context.Context) (sent int, err error) {
	if o.cfg.Mailer == nil {
		return 0, nil
	}
	for {
		now := o.now()
		list, err := o.st.ClaimMail(ctx, now, now.Add(lease), 1)
		if err != nil {
			return sent, fmt.Errorf("deliver mail: %w", err)
		}
		if len(list) == 0 {
			return sent, nil
		}
		ok, err := o.deliver(ctx, list[0])
		if err != nil {
			return sent, fmt.Errorf("deliver mail: %w", err)
		}
		if ok {
			sent++
		}
	}
}

// deliver makes one attempt.
func (o *Outbox) deliver(ctx context.Context, e Envelope) (sent bool, err error) {
	l, err := e.open(o.cfg.Key)
	switch {
	case err != nil: // sealed with another key
		o.cfg.Report(fmt.Errorf("mail %s was dropped: %w", e.ID, err))
		return false, o.st.DeleteMail(ctx, e.ID)
	case l.Decoy:
		return false, o.st.DeleteMail(ctx, e.ID)
	case !o.now().Before(e.ExpiresAt):
		o.cfg.Report(fmt.Errorf("mail %s (%s) was dropped: it could not be sent in time", e.ID, l.Kind))
		return false, o.st.DeleteMail(ctx, e.ID)
	}
	err = o.attempt(ctx, e, l)
	after := context.WithoutCancel(ctx) // what has happened is stored even if the host stops
	var permanent *PermanentError
	switch {
	case err == nil:
		return true, o.st.DeleteMail(after, e.ID)
	case errors.As(err, &permanent):
		o.cfg.Report(fmt.Errorf("mail %s (%s) was refused: %w", e.ID, l.Kind, err))
		return false, o.st.DeleteMail(after, e.ID)
	case ctx.Err() == nil:
		o.cfg.Report(fmt.Errorf("mail %s (%s), attempt %d: %w", e.ID, l.Kind, e.Attempts, err))
	}
	pause := pauses[min(max(e.Attempts, 1), len(pauses))-1]
	return false, o.st.PutOffMail(after, e.ID, o.now().Add(pause))
}

// attempt gives a letter to the mailer. If that panics, the panic is the error.
func (o *Outbox) attempt(ctx context.Context, e Envelope, l Letter) (err error) {
	c, known := o.composers[l.Kind]
	if !known { // a replica with newer code posted it, and will send it
		return fmt.Errorf("no template for kind %q", l.Kind)
	}
	m, err := c.compose(l.data(o.cfg.URL))
	if err != nil {
		return err
	}
	m.ID, m.From, m.To, m.At = string(e.ID), o.cfg.From, l.To, e.CreatedAt
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("mailer panicked: %s", OneLine(strings.ReplaceAll(fmt.Sprint(r), l.To, "…")))
		}
	}()
	return o.cfg.Mailer.Send(ctx, m)
}
