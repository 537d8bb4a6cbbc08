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

// PasswordChange is the input of ChangePassword. Current is empty if the account has no
// password yet, or if somebody else changes it.
type PasswordChange struct {
	Current string
	New     string
}

// ChangePassword sets a user's password and ends all their sessions except the caller's own. It
// needs a session.
//
// People with the scope account change their own password. They must give the current one. If
// they have none yet, they need a fresh proof of identity instead. People with the scope users
// may change the password of others only if Config.AllowManagerPasswords is set; the host
// itself always may. Current is then not used.
//
// It returns ErrBadCredentials if the current password is wrong; this counts as a failed
// sign-in. It returns an error that matches ErrFieldForbidden if the caller may not choose
// passwords for others. It can also return ErrSessionRequired, a ReauthError, a FieldsError, a
// CeilingError, a LimitError or password.ErrBusy.
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
	// A sign-in at the same time may have replaced the hash although the password stays the
	// same.
	if a, err = s.account(ctx, s.st, id); err != nil {
		return err
	}
	err = s.changePassword(ctx, p, a, in, settings, c)
	if errors.Is(err, ErrStale) {
		return ErrBadCredentials // the password was changed in the meantime
	}
	return err
}

// changePassword replaces the password of a by a new one that checkPassword has allowed. It
// returns ErrStale if the stored hash is not a.PasswordHash any more.
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

// proveOwner asks the account's owner for the proof that a change of password takes.
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

// newPassword is a password to store.
type newPassword struct {
	hash     string
	proven   bool // whether the owner proved the current password
	settings policy.Settings
}

// setPassword stores a hash, ends the user's sessions except the caller's own and all password
// resets that are under way, and tells the user by mail. If to.proven is set and the stored
// hash is not a.PasswordHash any more, it returns ErrStale.
func (s *Service) setPassword(ctx context.Context, p *Principal, a Account, to newPassword) error {
	err := s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		// Hashing took time. If the user was given more rights meanwhile, the caller may not do
		// this.
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

// ResetPassword sets a new password if in proves the account's email address. It ends all
// sessions of the user and does not sign them in. A mailed code or link also marks the address
// as proven.
//
// It returns ErrBadCredentials if anything is wrong with the proof. It can also return a
// FieldsError, a LimitError or password.ErrBusy.
func (s *Service) ResetPassword(ctx context.Context, in emailcode.Evidence, pw string, c Client) error {
	if err := checkEvidence(in); err != nil {
		return err
	}
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return err
	}
	// A password that nobody may have is refused before the code is tried, so that it costs no
	// try. The rules that depend on the user, and the lookup of breached passwords, come only
	// after a right proof.
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
	if p.Flow.EmailKey != "" { // a link that was not mailed proves no address
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

// MailPasswordReset mails a user a link to set a new password. The caller does not see the
// link. It needs the scope users for that user, and a session.
//
// It returns ErrNoMailer if there is no mailer, ErrNoEmail if the user has no address, a
// CeilingError if the user holds more than the caller, and ErrSessionRequired or a LimitError.
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

// PasswordResetLink returns a link to set a user's password, for the host to hand over where
// mail does not work. Whoever has the link can take over the account. It works once, within a
// day, and making it leaves an audit record. It returns ErrInsufficientScope unless p comes
// from Service.Operator.
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

// resetTarget finds a user whose password the caller may reset.
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

// resetLink returns the link that opens a flow to reset a password.
func (s *Service) resetLink(i emailcode.Issue) string {
	return tokenLink(s.cfg.Links.Reset, i.Link.Reveal(), string(emailcode.ResetPassword))
}

// hashNew checks and hashes a password that somebody chose for a.
func (s *Service) hashNew(ctx context.Context, settings policy.Settings, field, pw string, a Account) (string, error) {
	if err := s.checkPassword(ctx, settings, field, pw, a); err != nil {
		return "", err
	}
	return s.hash(ctx, field, pw)
}

// hash hashes a password that checkPassword has allowed.
func (s *Service) hash(ctx context.Context, field, pw string) (string, error) {
	hash, err := s.hasher.Hash(ctx, pw)
	if err != nil {
		return "", passwordError(field, err)
	}
	return hash, nil
}

// checkPassword checks a password that somebody chose for a. It returns a FieldsError if the
// rules refuse it. It calls Rules.Breached, which may ask a service elsewhere, so each change
// of a password calls it only once.
func (s *Service) checkPassword(
	ctx context.Context, settings policy.Settings, field, pw string, a Account,
) error {
	words := []string{a.Username, a.Email, a.Name, settings.SiteName}
	if err := s.rules(settings).Check(ctx, pw, words...); err != nil {
		return passwordError(field, err)
	}
	return nil
}

// rules returns the password rules with the lengths in the settings.
func (s *Service) rules(settings policy.Settings) password.Rules {
	rules := s.cfg.PasswordRules
	rules.Min, rules.Max = settings.PasswordMin, settings.PasswordMax
	return rules
}
