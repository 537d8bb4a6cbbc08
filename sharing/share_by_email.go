package sharing

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/token"
)

// EmailShareInput is the input of CreateByEmail.
type EmailShareInput struct {
	Email  string
	Scopes []string    // as in ShareInput
	From   auth.Client // of the caller
}

// mailedCodeLife is how long people can accept a share code that was mailed.
const mailedCodeLife = 7 * day

// CreateByEmail shares with whoever has an email address. If a user has proven the address,
// they get the share at once. Otherwise it makes a code that only a user with that address can
// accept, once, and mails it. Share or code, letter and audit record are stored in one
// transaction. The caller is not told which of the two happened, and can't tell by the time it
// takes.
//
// The share lasts as long as its kind says. Rights and errors are those of Create. Other errors
// are auth.ErrNoMailer without a mailer or without Config.AcceptURL, and an auth.LimitError if
// the caller or their network shares by email too often. An address that has had many letters
// lately gets no more of them; that is no error.
func (s *Service) CreateByEmail(
	ctx context.Context, p *auth.Principal, r auth.ResourceRef, in EmailShareInput,
) error {
	a, err := s.authorize(ctx, p, r, "shares")
	if err != nil {
		return err
	}
	if s.cfg.AcceptURL == "" {
		return auth.ErrNoMailer // there is no page that a mail could link to
	}
	to, err := s.accounts.People.Addressee(ctx, p, in.Email, in.From)
	if err != nil {
		return err
	}
	letter := auth.ShareLetter{To: to, ExpiresIn: mailedCodeLife}
	var share Share
	var code ShareCode
	if to.User != "" {
		share, err = s.newShare(a, ShareInput{User: to.User, Scopes: in.Scopes})
	} else {
		var secret token.Secret
		code, secret, err = s.newShareCode(a, ShareCodeInput{
			Scopes: in.Scopes, ExpiresIn: mailedCodeLife, MaxUses: 1,
			Audience: Audience{Type: ForEmail, Value: to.Email},
		})
		letter.Link = s.AcceptURL(secret)
	}
	if err != nil {
		return err
	}
	err = s.tx(ctx, func(tx auth.Tx, st Store) (err error) {
		if to.User != "" {
			err = s.addShare(ctx, tx, st, p, share)
		} else {
			err = s.addShareCode(ctx, tx, st, p, code)
		}
		if err != nil {
			return err
		}
		return s.accounts.People.PostShare(ctx, tx, p, letter)
	})
	if err != nil {
		return fmt.Errorf("share by email: %w", err)
	}
	return nil
}
