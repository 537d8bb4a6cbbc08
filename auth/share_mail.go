package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
)

// What sharing with an address takes of accounts: who has proven the address, whether a mail may
// go there, and the letter. sharing.Service.CreateByEmail is the whole of it.

// An Addressee is an email address that something is shared with.
type Addressee struct {
	Email string // canonical
	User  UserID // the active user who has proven the address; empty for nobody

	to      string // the address as it was typed
	dropped bool   // the address has had as many mails as it may get
}

// FindAddressee finds out who has proven an address, and takes the tries that sharing with it
// costs: one of the caller, one of the network at mail, and one of the address. Do not tell the
// caller what it found, and finish with PostShare either way. It returns a FieldsError for
// something that is no address, ErrNoMailer without a mailer, and a LimitError when the caller or
// the network has no tries left. An address that has none left is no error: PostShare drops the
// mail.
func (s *Service) FindAddressee(ctx context.Context, p *Principal, email string, c Client) (Addressee, error) {
	if !s.HasMailer() {
		return Addressee{}, ErrNoMailer
	}
	var f FieldErrors
	out := Addressee{Email: checkEmail(&f, email), to: email}
	if err := f.Err(); err != nil {
		return Addressee{}, err
	}
	if err := s.CountShareTry(ctx, p, c); err != nil {
		return Addressee{}, err
	}
	if err := s.limits.Take(ctx, s.limits.MailNetwork(c.Network())); err != nil {
		return Addressee{}, err
	}
	a, err := s.st.AccountByLogin(ctx, out.Email)
	switch {
	case err == nil && a.EmailVerified && a.Status == StatusActive:
		out.User = a.ID
	case err != nil && !errors.Is(err, ErrNotFound):
		return Addressee{}, fmt.Errorf("find addressee: %w", err)
	}
	mailed, err := s.mayMail(ctx, out.Email, "", Client{IP: c.IP})
	out.dropped = !mailed
	return out, err
}

// ShareLetter is the mail that brings somebody a share code.
type ShareLetter struct {
	To        Addressee
	Link      string // a page of the host, with the code in the fragment; unused if To.User is set
	ExpiresIn time.Duration
}

// PostShare puts the letter into the outbox, in the transaction that shares. An addressee who is
// a user has the share already and gets no mail, but the work is the same.
func (s *Service) PostShare(ctx context.Context, tx Tx, p *Principal, m ShareLetter) error {
	settings, err := s.settings(ctx, tx.st)
	if err != nil {
		return err
	}
	return s.Post(ctx, tx, mail.Letter{
		Kind: mail.ShareOffered, To: m.To.to, Link: m.Link, Inviter: p.User.Username, Site: settings.SiteName,
		Life: m.ExpiresIn, Decoy: m.To.User != "" || m.To.dropped,
	})
}
