package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// BeginEmailChange begins to change the caller's own email address. It mails a code to the new
// address and a notice to the old one. VerifyEmail with the code makes the change. It needs the
// scope account and a fresh proof of identity.
//
// If email is the address that the account has already, the code proves that address. If it
// belongs to somebody else, the answer is the same, but its owner gets a notice instead of a
// code.
//
// BeginEmailChange returns ErrUnauthenticated if the caller is not a user, ErrSessionRequired
// or a ReauthError without a fresh proof, and a CeilingError if the credential in use has fewer
// rights than the account. It returns ErrNoMailer without a mailer, a FieldsError for a bad
// address, and a LimitError after too many tries.
func (s *Service) BeginEmailChange(
	ctx context.Context, p *Principal, email string, c Client,
) (emailcode.Started, error) {
	if p == nil || p.Kind != PrincipalUser {
		return emailcode.Started{}, ErrUnauthenticated
	}
	if err := s.authorizeUser(ctx, s.st, p, ActChangeEmail, p.User.ID); err != nil {
		return emailcode.Started{}, err
	}
	if err := s.needFresh(p); err != nil {
		return emailcode.Started{}, err
	}
	// An address leads to the rest of the rights, so a narrow credential can't change it.
	if err := s.checkCeiling(p, p.User); err != nil {
		return emailcode.Started{}, err
	}
	if !s.HasMailer() {
		return emailcode.Started{}, ErrNoMailer
	}
	var f FieldsError
	key := checkEmail(&f, email)
	if s.cfg.Identifiers.Email == policy.Off {
		f.Add("email", CodeOff, "Accounts here have no email address.")
	}
	if err := f.Err(); err != nil {
		return emailcode.Started{}, err
	}
	read, settings, err := s.readAddress(ctx, key)
	if err != nil {
		return emailcode.Started{}, err
	}
	start := flowStart{client: c, settings: settings, Request: emailcode.Request{
		Purpose: emailcode.ChangeEmail, Email: email, EmailKey: key, User: string(p.User.ID),
		Session: string(p.Session.ID),
	}}
	switch {
	case read.Found && read.Account.ID == p.User.ID:
		start.Purpose, start.Email = emailcode.VerifyEmail, read.Account.Email
		if read.Account.Email != email { // the same address, in another spelling
			start.Purpose, start.Email = emailcode.ChangeEmail, email
		}
	case read.Found:
		start.Decoy, start.owner = true, read.Account.Email
	}
	if start.Purpose == emailcode.ChangeEmail {
		start.also = func(ctx context.Context, tx Tx) error {
			return s.notice(ctx, tx, mail.EmailChanging, p.User.Email, settings)
		}
	}
	return s.beginFlow(ctx, start)
}

// finishEmailChange gives the account of a flow its new address. All sessions of the account
// end, except the one that began the change.
func (s *Service) finishEmailChange(ctx context.Context, p emailcode.Proven) (Account, error) {
	var before, out Account
	err := s.Tx(ctx, func(tx Tx) error {
		settings, err := s.settings(ctx, tx.st)
		if err != nil {
			return err
		}
		if err := s.useFlow(ctx, tx, p); err != nil {
			return err
		}
		out, err = tx.st.UpdateAccount(ctx, UserID(p.Flow.User), func(a *Account) error {
			if a.Status != StatusActive {
				return ErrBadCredentials
			}
			before = *a
			a.Roles = slices.Clone(a.Roles)
			a.Email, a.EmailKey, a.EmailVerified, a.UpdatedAt = p.Flow.Email, p.Flow.EmailKey, true, s.now()
			return nil
		})
		if errors.Is(err, ErrNotFound) {
			err = ErrBadCredentials
		}
		if err != nil {
			return err
		}
		if _, err := tx.st.DeleteSessions(ctx, out.ID, SessionID(p.Flow.Session)); err != nil {
			return err
		}
		if err := s.tellOfEmail(ctx, tx, before.User, out.User, settings); err != nil {
			return err
		}
		if err := s.Audit(
			ctx, tx, &Principal{Kind: PrincipalUser, User: out.User}, "email.change", string(out.ID), nil,
		); err != nil {
			return err
		}
		return s.cfg.Hooks.userUpdated(ctx, tx, before.User, out.User)
	})
	if err != nil {
		return Account{}, fmt.Errorf("change email: %w", err)
	}
	return out, nil
}

// tellOfEmail mails a notice to the old and the new address of an account, unless they are the
// same.
func (s *Service) tellOfEmail(ctx context.Context, tx Tx, before, after User, settings policy.Settings) error {
	if before.Email == after.Email {
		return nil
	}
	return errors.Join(
		s.notice(ctx, tx, mail.EmailChanged, before.Email, settings),
		s.notice(ctx, tx, mail.EmailChanged, after.Email, settings),
	)
}
