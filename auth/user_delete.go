package auth

import (
	"context"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/policy"
)

// DeleteUser deletes an account and everything that belongs to it. Its username stays reserved
// for Config.UsernameRest. Logins are deleted too, or kept without personal data if the setting
// Retention.KeepAnonymous is on.
//
// It needs the scope account and a fresh proof of identity for the caller's own account, or
// delete:users and a session for others. It returns ErrLastAdmin if nobody else holds admin, a
// CeilingError if the user holds more than the caller, ErrSessionRequired, a ReauthError, or
// ErrNotFound.
func (s *Service) DeleteUser(ctx context.Context, p *Principal, id UserID) error {
	if err := s.authorizeUser(ctx, s.st, p, ActDeleteUser, id); err != nil {
		return err
	}
	if err := s.needSessionOrFresh(p, id); err != nil {
		return err
	}
	err := s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		settings, err := s.settings(ctx, st)
		if err != nil {
			return err
		}
		a, err := s.account(ctx, st, id)
		if err != nil {
			return err
		}
		if err := s.checkCeiling(p, a.User); err != nil {
			return err
		}
		if err := keepAdmin(ctx, st, a.User); err != nil {
			return err
		}
		return s.deleteAccount(ctx, tx, p, a, settings)
	})
	if err != nil {
		return fmt.Errorf("delete user: %w", err)
	}
	return nil
}

// needSessionOrFresh requires a fresh proof if the account is the caller's own, and otherwise
// only a session.
func (s *Service) needSessionOrFresh(p *Principal, id UserID) error {
	if p.User.ID == id {
		return s.needFresh(p)
	}
	return p.needSession()
}

func (s *Service) deleteAccount(ctx context.Context, tx Tx, p *Principal, a Account, settings policy.Settings) error {
	st := tx.st
	if err := s.cfg.Hooks.userDeleting(ctx, tx, a.User); err != nil {
		return err
	}
	forget := st.DeleteLogins
	if settings.Retention.KeepAnonymous {
		forget = st.AnonymizeLogins
	}
	if err := forget(ctx, a.ID); err != nil {
		return err
	}
	if err := st.DeleteAccount(ctx, a.ID); err != nil {
		return err
	}
	if err := s.reserveUsername(ctx, st, a); err != nil {
		return err
	}
	return s.Audit(ctx, tx, p, "user.delete", string(a.ID), nil)
}
