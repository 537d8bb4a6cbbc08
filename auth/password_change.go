package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/mail"
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
	// A sign-in at the same time may replace an old hash of the same password: the second round
	// decides.
	for range 2 {
		if err = s.changePassword(ctx, p, id, in, settings, c); !errors.Is(err, ErrStale) {
			return err
		}
	}
	return ErrBadCredentials // the current password is not the current one any more
}

func (s *Service) changePassword(
	ctx context.Context, p *Principal, id UserID, in PasswordChange, settings policy.Settings, c Client,
) error {
	a, err := s.account(ctx, s.st, id)
	if err != nil {
		return err
	}
	if err := s.checkCeiling(p, a.User); err != nil {
		return err
	}
	if err := s.checkNew(ctx, settings, "new", in.New, a); err != nil {
		return err
	}
	own := p.User.ID == id
	if own {
		if err := s.proveOwner(ctx, p, a, in.Current, c); err != nil {
			return err
		}
	}
	hash, err := s.hashNew(ctx, settings, "new", in.New, a)
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
		return &FieldsError{
			Fields: []FieldError{{Field: "current", Code: CodeRequired, Detail: "The current password is required."}},
		}
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
