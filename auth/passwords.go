package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/password"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// PasswordChange is a new password, with the current one if there is one.
type PasswordChange struct {
	Current string
	New     string
}

// ChangePassword sets a user's password and ends their other sessions. The person themselves
// (account) gives the current one; without one yet, a fresh session does. Others (users) may
// only with Config.AllowManagerPasswords, else it is ErrFieldForbidden; then Current is not
// used and all sessions end.
//
// A wrong current password is ErrBadCredentials and counts as a failed try to sign in. Beside
// those: ErrSessionRequired, a ReauthError, a FieldsError, a CeilingError, a LimitError or
// password.ErrBusy.
func (s *Service) ChangePassword(ctx context.Context, p *Principal, id UserID, in PasswordChange, c Client) error {
	if err := s.authorizeUser(ctx, s.st, p, ActChangePassword, id); err != nil {
		return err
	}
	if err := p.needSession(); err != nil {
		return err
	}
	own := p.User.ID == id
	if !own && !s.cfg.AllowManagerPasswords && p.Kind != PrincipalOperator {
		return forbidden("new")
	}
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return err
	}
	a, err := s.account(ctx, s.st, id)
	if err != nil {
		return err
	}
	if err := s.checkCeiling(p, a.User); err != nil {
		return err
	}
	if err := s.checkPassword(ctx, settings, "new", in.New, a); err != nil {
		return err
	}
	err = s.changePassword(ctx, p, a, in, settings, c)
	if !errors.Is(err, ErrStale) {
		return err
	}
	// A sign-in at the same time may have replaced an old hash of the same password.
	if a, err = s.account(ctx, s.st, id); err != nil {
		return err
	}
	err = s.changePassword(ctx, p, a, in, settings, c)
	if errors.Is(err, ErrStale) {
		return ErrBadCredentials // the current password is not the current one any more
	}
	return err
}

// changePassword replaces the password of a, as it was read, by one that has been judged.
// ErrStale if the account has another password by now.
func (s *Service) changePassword(
	ctx context.Context, p *Principal, a Account, in PasswordChange, settings policy.Settings, c Client,
) error {
	own := p.User.ID == a.ID
	if own {
		if err := s.proveOwner(ctx, p, a, in.Current, c); err != nil {
			return err
		}
	}
	hash, err := s.hash(ctx, "new", in.New)
	if err != nil {
		return err
	}
	return s.setPassword(ctx, p, a, newPassword{hash: hash, proven: own, settings: settings})
}

// proveOwner asks the person themselves for the proof that changing the password takes.
func (s *Service) proveOwner(ctx context.Context, p *Principal, a Account, current string, c Client) error {
	switch {
	case a.PasswordHash == "":
		return s.needFresh(p)
	case current == "":
		return FieldError{Field: "current", Code: CodeRequired, Detail: "The current password is required."}.Err()
	default:
		return s.provePassword(ctx, p, a, current, c)
	}
}

// newPassword is what a password is replaced by.
type newPassword struct {
	hash     string
	proven   bool // with the one before
	settings policy.Settings
}

// setPassword writes a hash, ends the user's sessions but the caller's own and all resets under
// way, and tells the user. What was proven with the hash in a counts only while that is the
// stored one, else it is ErrStale.
func (s *Service) setPassword(ctx context.Context, p *Principal, a Account, to newPassword) error {
	err := s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		// Hashing took its time: who was promoted meanwhile is out of the caller's reach.
		current, err := st.Account(ctx, a.ID)
		if err != nil {
			return err
		}
		if err := s.checkCeiling(p, current.User); err != nil {
			return err
		}
		_, err = st.UpdateAccount(ctx, a.ID, func(current *Account) error {
			if to.proven && current.PasswordHash != a.PasswordHash {
				return ErrStale
			}
			current.PasswordHash, current.UpdatedAt = to.hash, s.now()
			return nil
		})
		if err != nil {
			return err
		}
		if err := s.stillCounts(ctx, st, p); err != nil {
			return err
		}
		if _, err := st.DeleteSessions(ctx, a.ID, p.Session.ID); err != nil {
			return err
		}
		if err := s.flows(st).End(ctx, string(a.ID), emailcode.ResetPassword); err != nil {
			return err
		}
		if err := s.notice(ctx, tx, mail.PasswordChanged, current.Email, to.settings); err != nil {
			return err
		}
		return s.Audit(ctx, tx, p, "password.set", string(a.ID), nil)
	})
	if err != nil {
		return fmt.Errorf("set password: %w", err)
	}
	return nil
}

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

// hashNew judges and hashes a password that somebody chose for a.
func (s *Service) hashNew(ctx context.Context, settings policy.Settings, field, pw string, a Account) (string, error) {
	if err := s.checkPassword(ctx, settings, field, pw, a); err != nil {
		return "", err
	}
	return s.hash(ctx, field, pw)
}

// hash hashes a password that has been judged.
func (s *Service) hash(ctx context.Context, field, pw string) (string, error) {
	hash, err := s.hasher.Hash(ctx, pw)
	if err != nil {
		return "", passwordError(field, err)
	}
	return hash, nil
}

// checkPassword judges a password that somebody chose for a. It asks Rules.Breached, which may
// be a service elsewhere, so each change of a password calls it once.
func (s *Service) checkPassword(
	ctx context.Context, settings policy.Settings, field, pw string, a Account,
) error {
	words := []string{a.Username, a.Email, a.Name, settings.SiteName}
	if err := s.rules(settings).Check(ctx, pw, words...); err != nil {
		return passwordError(field, err)
	}
	return nil
}

// rules returns the rules for passwords that are in force.
func (s *Service) rules(settings policy.Settings) password.Rules {
	rules := s.cfg.PasswordRules
	rules.Min, rules.Max = settings.PasswordMin, settings.PasswordMax
	return rules
}
