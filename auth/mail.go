package auth

import (
	"context"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// HasMailer reports whether Config.Mailer is set, so that mail can be sent.
func (s *Service) HasMailer() bool { return s.cfg.Mailer != nil }

// Post puts a letter into the outbox as part of tx. It is sent after the commit, and never if
// tx rolls back. If letter.Site is empty, Post sets it to the site name in the settings. Post
// does nothing if there is no mailer or letter.To is empty.
func (s *Service) Post(ctx context.Context, tx Tx, letter mail.Letter) error {
	if !s.HasMailer() || letter.To == "" {
		return nil
	}
	if letter.Site == "" {
		settings, err := s.settings(ctx, tx.st)
		if err != nil {
			return err
		}
		letter.Site = settings.SiteName
	}
	if err := s.Outbox.Post(ctx, tx.st.Outbox(), letter); err != nil {
		return err
	}
	tx.AfterCommit(func(context.Context) { s.Outbox.Wake() })
	return nil
}

// notice posts a letter without a code or link.
func (s *Service) notice(ctx context.Context, tx Tx, kind mail.Kind, to string, settings policy.Settings) error {
	return s.Post(ctx, tx, mail.Letter{Kind: kind, To: to, Site: settings.SiteName})
}

// pageFor returns the page for a purpose. A change of address has none: its code is typed on
// the page that asked for it.
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

// tokenLink returns the URL of a page with a token in the fragment.
func tokenLink(page, secret, purpose string) string {
	return page + "#token=" + secret + "&for=" + purpose
}
