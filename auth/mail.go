package auth

import (
	"context"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// HasMailer tells whether mail can be sent.
func (s *Service) HasMailer() bool { return s.cfg.Mailer != nil }

// Post puts a letter into the outbox, in tx. It is sent after the commit, and never if tx rolls
// back. A letter without Site gets the name in the settings. Without a mailer, or without an
// address, there is nothing to do.
func (s *Service) Post(ctx context.Context, tx Tx, l mail.Letter) error {
	if !s.HasMailer() || l.To == "" {
		return nil
	}
	if l.Site == "" {
		now, err := s.settings(ctx, tx.st)
		if err != nil {
			return err
		}
		l.Site = now.SiteName
	}
	if err := s.Outbox.Post(ctx, tx.st.Outbox(), l); err != nil {
		return err
	}
	tx.AfterCommit(func(context.Context) { s.Outbox.Wake() })
	return nil
}

// notice posts a letter without a code to the address of an account.
func (s *Service) notice(ctx context.Context, tx Tx, kind mail.Kind, to string, now policy.Settings) error {
	return s.Post(ctx, tx, mail.Letter{Kind: kind, To: to, Site: now.SiteName})
}

// pageFor is the page for a purpose; none for a change of address, whose code is typed where it
// was asked for.
func pageFor(l mail.Links, p emailcode.Purpose) string {
	switch p {
	case emailcode.SignIn:
		return l.SignIn
	case emailcode.VerifyEmail:
		return l.Verify
	case emailcode.ResetPassword:
		return l.Reset
	}
	return ""
}

// tokenLink is the page with a token for it.
func tokenLink(page, secret, purpose string) string {
	return page + "#token=" + secret + "&for=" + purpose
}
