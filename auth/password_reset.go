package auth

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// ResetPassword sets a new password by a proof of the account's address, and ends all sessions.
// It signs nobody in. A link that was mailed also proves the address.
//
// ErrBadCredentials for whatever is wrong with the proof, a FieldsError, a LimitError,
// password.ErrBusy.
func (s *Service) ResetPassword(ctx context.Context, in emailcode.Evidence, pw string, c Client) error {
	if err := checkEvidence(in); err != nil {
		return err
	}
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return err
	}
	// What is wrong with the password whoever it is for costs no try; nobody else is asked
	// about it before the proof is right.
	rules := s.rules(settings)
	rules.Breached = nil
	if err := rules.Check(ctx, pw); err != nil {
		return passwordError("password", err)
	}
	p, err := s.prove(ctx, in, c, emailcode.ResetPassword)
	if err != nil {
		return err
	}
	a, err := s.holder(ctx, s.st, p.Flow)
	if err != nil {
		return err
	}
	hash, err := s.hashNew(ctx, settings, "password", pw, a)
	if err != nil {
		return err
	}
	err = s.Tx(ctx, func(tx Tx) error { return s.resetPassword(ctx, tx, p, hash, settings) })
	if err != nil {
		return fmt.Errorf("reset password: %w", err)
	}
	return nil
}

func (s *Service) resetPassword(
	ctx context.Context, tx Tx, p emailcode.Proven, hash string, settings policy.Settings,
) error {
	if err := s.useFlow(ctx, tx, p); err != nil {
		return err
	}
	a, err := s.holder(ctx, tx.st, p.Flow)
	if err != nil {
		return err
	}
	if p.Flow.EmailKey != "" { // a link that was handed over proves no address
		if _, err := s.proveAddress(ctx, tx, addressProof{user: a.ID, key: p.Flow.EmailKey}); err != nil {
			return err
		}
	}
	_, err = tx.st.UpdateAccount(ctx, a.ID, func(a *Account) error {
		a.PasswordHash, a.UpdatedAt = hash, s.now()
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := tx.st.DeleteSessions(ctx, a.ID, ""); err != nil {
		return err
	}
	if err := s.flows(tx.st).End(ctx, string(a.ID), emailcode.ResetPassword); err != nil {
		return err
	}
	if err := s.notice(ctx, tx, mail.PasswordChanged, a.Email, settings); err != nil {
		return err
	}
	return s.Audit(ctx, tx, &Principal{Kind: PrincipalUser, User: a.User}, "password.reset", string(a.ID), nil)
}

// MailPasswordReset mails a user a link to set a new password. The caller never sees it. It
// needs users for that user.
//
// ErrNoMailer, ErrNoEmail, a CeilingError, ErrSessionRequired or a LimitError.
func (s *Service) MailPasswordReset(ctx context.Context, p *Principal, id UserID, c Client) error {
	if err := s.AuthorizeUser(ctx, p, ActResetPassword, id); err != nil {
		return err
	}
	if !s.HasMailer() {
		return ErrNoMailer
	}
	a, settings, err := s.resetTarget(ctx, p, id)
	if err != nil {
		return err
	}
	if a.Email == "" {
		return ErrNoEmail
	}
	if err := s.limits.Take(ctx, s.limits.MailNetwork(c.Network()), s.limits.MailByManager(string(id))); err != nil {
		return err
	}
	i := s.flows(s.st).BeginLink(emailcode.Request{
		Purpose: emailcode.ResetPassword, User: string(a.ID), Email: a.Email, EmailKey: a.EmailKey,
	})
	l := mail.Letter{
		Kind: mail.ResetPassword, To: a.Email, Site: settings.SiteName, Life: emailcode.LinkLife,
		Link: s.resetLink(i),
	}
	err = s.Tx(ctx, func(tx Tx) error {
		if err := s.flows(tx.st).Add(ctx, i); err != nil {
			return flowError(err)
		}
		if err := s.Audit(ctx, tx, p, "password.mail_reset", string(id), nil); err != nil {
			return err
		}
		return s.Post(ctx, tx, l)
	})
	if err != nil {
		return fmt.Errorf("mail password reset: %w", err)
	}
	return nil
}

// PasswordResetLink makes a link to set a user's password, for the host itself to hand over
// where no mail goes: whoever has it takes the account. It counts for a day, once, and making
// it is recorded. Only an operator may: ErrInsufficientScope.
func (s *Service) PasswordResetLink(ctx context.Context, p *Principal, id UserID) (string, error) {
	if p == nil || p.Kind != PrincipalOperator {
		return "", ErrInsufficientScope
	}
	a, _, err := s.resetTarget(ctx, p, id)
	if err != nil {
		return "", err
	}
	i := s.flows(s.st).BeginLink(emailcode.Request{Purpose: emailcode.ResetPassword, User: string(a.ID)})
	err = s.Tx(ctx, func(tx Tx) error {
		if err := s.flows(tx.st).Add(ctx, i); err != nil {
			return flowError(err)
		}
		return s.Audit(ctx, tx, p, "password.reset_link", string(id), nil)
	})
	if err != nil {
		return "", fmt.Errorf("make reset link: %w", err)
	}
	return s.resetLink(i), nil
}

// resetTarget finds a user whom the caller may reset.
func (s *Service) resetTarget(ctx context.Context, p *Principal, id UserID) (Account, policy.Settings, error) {
	if err := p.needSession(); err != nil {
		return Account{}, policy.Settings{}, err
	}
	a, err := s.account(ctx, s.st, id)
	if err != nil {
		return a, policy.Settings{}, err
	}
	if err := s.checkCeiling(p, a.User); err != nil {
		return a, policy.Settings{}, err
	}
	settings, err := s.settings(ctx, s.st)
	return a, settings, err
}

// resetLink is the link that opens a flow to reset a password.
func (s *Service) resetLink(i emailcode.Issue) string {
	return tokenLink(s.cfg.Links.Reset, i.Link.Reveal(), string(emailcode.ResetPassword))
}
