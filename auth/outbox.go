package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/auth/token"
)

const (
	mailSenders = 4               // mails that Run sends at once
	mailTimeout = time.Minute     // of one attempt
	mailLease   = 2 * mailTimeout // after which an attempt that was not heard of is taken for lost
	mailPoll    = 5 * time.Second // between looks for mails that other replicas left, or that are due again
	noticeLife  = 3 * day         // how long a mail without a code is tried
)

// mailPauses are how long after each failed attempt the next one comes; the last one holds for
// all further ones.
var mailPauses = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}

// letter is what the outbox keeps of a mail, sealed. It becomes a mail when it is sent.
type letter struct {
	Kind    MailKind  `json:"kind"`
	To      string    `json:"to"`
	Code    string    `json:"code"`
	Link    string    `json:"link"`
	IP      string    `json:"ip"`
	Inviter string    `json:"inviter"`
	Site    string    `json:"site"`
	Expires string    `json:"expires"`
	Decoy   bool      `json:"decoy"` // is never sent: it is there because its absence would take less time
	Until   time.Time `json:"until"`
}

// post puts a letter into the outbox, in the transaction of what it is about. Without a mailer,
// or without an address, there is nothing to do.
func (s *Service) post(ctx context.Context, tx Tx, l letter) error {
	if !s.HasMailer() || l.To == "" {
		return nil
	}
	now := s.now()
	m := OutboxMail{ID: MailID(newID(now)), DueAt: now, ExpiresAt: l.Until, CreatedAt: now}
	plain, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("post mail: %w", err)
	}
	if m.Sealed, err = token.Seal(s.keys.mail, plain, string(m.ID)); err != nil {
		return fmt.Errorf("post mail: %w", err)
	}
	if err := tx.st.AddMail(ctx, m); err != nil {
		return fmt.Errorf("post mail: %w", err)
	}
	tx.AfterCommit(func(context.Context) { s.wakeSender() })
	return nil
}

// notice posts a mail without a code to the address of an account.
func (s *Service) notice(ctx context.Context, tx Tx, kind MailKind, to string, settings policy.Settings) error {
	return s.post(ctx, tx, letter{Kind: kind, To: to, Site: settings.SiteName, Until: s.now().Add(noticeLife)})
}

// wakeSender lets Run look at the outbox at once.
func (s *Service) wakeSender() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

// sendMail sends what is due, and what becomes due, until ctx ends. Any number of senders may
// work on one store.
func (s *Service) sendMail(ctx context.Context) {
	tick := time.NewTicker(mailPoll)
	defer tick.Stop()
	for {
		if _, err := s.DeliverMail(ctx); err != nil && ctx.Err() == nil {
			s.report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-tick.C:
		}
	}
}

// DeliverMail sends the mails that are due, one after the other, and says how many were sent.
// Run does so by itself; hosts without Run, and tests, call it. A mail that can't be sent stays
// in the outbox and goes to Config.Report; the error is one of the store or of ctx.
func (s *Service) DeliverMail(ctx context.Context) (sent int, err error) {
	if !s.HasMailer() {
		return 0, nil
	}
	for {
		now := s.now()
		list, err := s.st.ClaimMail(ctx, now, now.Add(mailLease), 1)
		if err != nil {
			return sent, fmt.Errorf("deliver mail: %w", err)
		}
		if len(list) == 0 {
			return sent, nil
		}
		ok, err := s.deliver(ctx, list[0])
		if err != nil {
			return sent, fmt.Errorf("deliver mail: %w", err)
		}
		if ok {
			sent++
		}
	}
}

// deliver makes one attempt.
func (s *Service) deliver(ctx context.Context, m OutboxMail) (sent bool, err error) {
	l, err := s.openLetter(m)
	switch {
	case err != nil: // sealed with a secret that is not ours any more
		s.report(fmt.Errorf("mail %s was dropped: %w", m.ID, err))
		return false, s.st.DeleteMail(ctx, m.ID)
	case l.Decoy:
		return false, s.st.DeleteMail(ctx, m.ID)
	case !s.now().Before(m.ExpiresAt):
		s.report(fmt.Errorf("mail %s (%s) was dropped: it could not be sent in time", m.ID, l.Kind))
		return false, s.st.DeleteMail(ctx, m.ID)
	}
	err = s.attemptMail(ctx, m, l)
	after := context.WithoutCancel(ctx) // what has happened is written down although the host stops
	var permanent *PermanentMailError
	switch {
	case err == nil:
		return true, s.st.DeleteMail(after, m.ID)
	case errors.As(err, &permanent):
		s.report(fmt.Errorf("mail %s (%s) was refused: %w", m.ID, l.Kind, err))
		return false, s.st.DeleteMail(after, m.ID)
	case ctx.Err() == nil:
		s.report(fmt.Errorf("mail %s (%s), attempt %d: %w", m.ID, l.Kind, m.Attempts, err))
	}
	pause := mailPauses[min(max(m.Attempts, 1), len(mailPauses))-1]
	return false, s.st.PutOffMail(after, m.ID, s.now().Add(pause))
}

func (s *Service) openLetter(m OutboxMail) (l letter, err error) {
	plain, err := token.Open(s.keys.mail, m.Sealed, string(m.ID))
	if err != nil {
		return l, err
	}
	return l, json.Unmarshal(plain, &l)
}

// attemptMail hands a mail to the mailer, whose panic is an error.
func (s *Service) attemptMail(ctx context.Context, m OutboxMail, l letter) (err error) {
	mail, err := s.composers[l.Kind].compose(MailData{
		Site: l.Site, URL: s.cfg.BaseURL, To: l.To, Code: l.Code, Link: l.Link, Expires: l.Expires, IP: l.IP,
		Inviter: l.Inviter,
	})
	if err != nil {
		return err
	}
	mail.ID, mail.From, mail.To, mail.At = string(m.ID), s.cfg.MailFrom, l.To, m.CreatedAt
	ctx, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("mailer panicked: %s", clipText(strings.ReplaceAll(fmt.Sprint(r), l.To, "…")))
		}
	}()
	return s.cfg.Mailer.SendMail(ctx, mail)
}

// report hands an error of work in the background to the host.
func (s *Service) report(err error) {
	if s.cfg.Report != nil {
		s.cfg.Report(err)
	}
}
