package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/emailcode"
)

// prove finds the flow that the evidence opens, if the flow has one of the purposes. It returns
// ErrBadCredentials if anything is wrong. In that case Flow is set if a wrong code was typed.
// The flow is not used up yet.
func (s *Service) prove(
	ctx context.Context, in emailcode.Evidence, c Client, purposes ...emailcode.Purpose,
) (p emailcode.Proven, err error) {
	if err := checkEvidence(in); err != nil {
		return p, err
	}
	p, err = s.flows(s.st).Prove(ctx, flowBudgets{s, c}, in, purposes...)
	return p, flowError(err)
}

// checkEvidence returns a FieldsError if a part of the evidence is missing.
func checkEvidence(in emailcode.Evidence) error {
	var f FieldsError
	if in.Token == "" {
		for _, p := range []struct{ field, value string }{
			{"flow_id", string(in.Flow)}, {"flow_secret", in.Secret}, {"code", in.Code},
		} {
			if p.value == "" {
				f.Add(p.field, CodeRequired, "Give flow_id, flow_secret and code, or the token of a mailed link.")
			}
		}
	}
	return f.Err()
}

// flowError returns an error of package emailcode as one of this package.
func flowError(err error) error {
	switch {
	case errors.Is(err, emailcode.ErrWrong):
		return ErrBadCredentials
	case errors.Is(err, emailcode.ErrNotFound):
		return ErrNotFound
	}
	return err
}

// useFlow uses a flow up, in the transaction of what it is for. Of several concurrent callers
// one wins; the others get ErrBadCredentials.
func (s *Service) useFlow(ctx context.Context, tx Tx, p emailcode.Proven) error {
	return flowError(s.flows(tx.st).Use(ctx, p))
}

// holder returns the account of a flow. It returns ErrBadCredentials if the account is gone or
// has another address by now, because the code was mailed elsewhere.
func (s *Service) holder(ctx context.Context, st Store, f emailcode.Flow) (Account, error) {
	a, err := s.account(ctx, st, UserID(f.User))
	if errors.Is(err, ErrNotFound) || err == nil && f.EmailKey != "" && a.EmailKey != f.EmailKey {
		err = ErrBadCredentials
	}
	return a, err
}

// addressProof is a proof of the address of an account.
type addressProof struct {
	user    UserID
	key     string    // the address
	keep    bool      // the password was set by whoever gives the proof, in the very flow or session
	session SessionID // that gives it and goes on; empty for none
}

// proveAddress marks an address as proven. The first proof takes an account away from somebody
// who set it up without one: its password and sessions end, except for what the proof keeps.
func (s *Service) proveAddress(ctx context.Context, tx Tx, in addressProof) (Account, error) {
	var before Account
	a, err := tx.st.UpdateAccount(ctx, in.user, func(a *Account) error {
		if a.EmailKey != in.key {
			return ErrBadCredentials
		}
		before = *a
		if a.EmailVerified {
			return nil
		}
		a.EmailVerified, a.UpdatedAt = true, s.now()
		if !in.keep {
			a.PasswordHash = ""
		}
		return nil
	})
	if err != nil || before.EmailVerified {
		return a, err
	}
	if _, err := tx.st.DeleteSessions(ctx, a.ID, in.session); err != nil {
		return a, err
	}
	if !in.keep { // whoever set the password may have made tokens, too
		if _, err := tx.st.DeleteAPITokens(ctx, Holder{User: a.ID}, ""); err != nil {
			return a, err
		}
	}
	if err := s.Audit(
		ctx, tx, nil, "email.verify", string(a.ID), map[string]any{"password_kept": in.keep && a.PasswordHash != ""},
	); err != nil {
		return a, err
	}
	return a, s.cfg.Hooks.userUpdated(ctx, tx, before.User, a.User)
}

// VerifyEmail proves the address of an account, completes a sign-up, or completes a change of
// address. If the code is typed where it was asked for, a password that was set there stays. A
// mailed link does not keep it, because the person who opens the link need not be the one who
// chose the password.
//
// It returns ErrBadCredentials if anything is wrong with the proof, a FieldsError for bad
// input, or a LimitError. For a sign-up it can also return the errors of CreateUser, and for a
// change of address ErrEmailTaken.
func (s *Service) VerifyEmail(ctx context.Context, in emailcode.Evidence, c Client) (User, error) {
	p, err := s.prove(ctx, in, c, emailcode.VerifyEmail, emailcode.ChangeEmail)
	if err != nil {
		return User{}, err
	}
	var out Account
	switch {
	case p.Flow.SignUp != nil:
		out, err = s.finishSignUp(ctx, p)
	case p.Flow.Purpose == emailcode.ChangeEmail:
		out, err = s.finishEmailChange(ctx, p)
	default:
		err = s.Tx(ctx, func(tx Tx) (err error) {
			if err := s.useFlow(ctx, tx, p); err != nil {
				return err
			}
			if _, err := s.holder(ctx, tx.st, p.Flow); err != nil {
				return err
			}
			proof := addressProof{user: UserID(p.Flow.User), key: p.Flow.EmailKey}
			if p.Typed { // in the session that asked, if one did; a link may be opened by anybody who reads the mail
				proof.keep, proof.session = p.Flow.Session != "", SessionID(p.Flow.Session)
			}
			out, err = s.proveAddress(ctx, tx, proof)
			return err
		})
	}
	if err != nil {
		return User{}, fmt.Errorf("verify email: %w", err)
	}
	return out.User, nil
}
