package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hallpass-go/hallpass/auth/mail"
)

// ShareAddressee finds the active user whose proven address this is, to share with; empty for
// nobody. Only for an answer that does not tell which: finish with MailShare either way. It
// takes a try as CountShareTry does, and one of the network's at mail. A FieldsError for what
// is no address; ErrNoMailer.
func (s *Service) ShareAddressee(ctx context.Context, p *Principal, email string, c Client) (UserID, error) {
	if !s.HasMailer() {
		return "", ErrNoMailer
	}
	var f FieldErrors
	key := checkEmail(&f, email)
	if err := f.Err(); err != nil {
		return "", err
	}
	if err := s.CountShareTry(ctx, p, c); err != nil {
		return "", err
	}
	if err := s.limits.Take(ctx, s.limits.MailNetwork(c.Network())); err != nil {
		return "", err
	}
	a, err := s.st.AccountByLogin(ctx, key)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", fmt.Errorf("find addressee: %w", err)
	}
	if err != nil || !a.EmailVerified || a.Status != StatusActive {
		return "", nil
	}
	return a.ID, nil
}

// ShareMail is the mail that tells somebody of a share code.
type ShareMail struct {
	Email string
	// a page of the host with the code in its fragment; empty after sharing with an account,
	// when nothing is mailed after all
	Link      string
	ExpiresIn time.Duration
}

// MailShare puts the mail into the outbox; more than an address may get are dropped without a
// word.
func (s *Service) MailShare(ctx context.Context, p *Principal, m ShareMail, c Client) error {
	key, _ := emailKey(m.Email)
	mailed, err := s.mayMail(ctx, key, "", Client{IP: c.IP})
	if err != nil {
		return err
	}
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return err
	}
	l := mail.Letter{
		Kind: mail.ShareOffered, To: m.Email, Link: m.Link, Inviter: p.User.Username, Site: settings.SiteName,
		Life: m.ExpiresIn, Decoy: m.Link == "" || !mailed,
	}
	if err := s.Tx(ctx, func(tx Tx) error { return s.Post(ctx, tx, l) }); err != nil {
		return fmt.Errorf("mail share: %w", err)
	}
	return nil
}
