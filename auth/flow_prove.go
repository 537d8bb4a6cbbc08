package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/limit"
	"github.com/hallpass-go/hallpass/auth/token"
)

// Proof shows that somebody reads the mail of an address: a code typed beside the secret of its
// flow, or the token of a mailed link.
type CodeProof struct {
	Flow   FlowID
	Secret string // of the flow
	Code   string
	Token  string // of the link, in place of the other three
}

// proven is a flow that a proof has opened.
type proven struct {
	flow  Flow
	typed bool // by whoever began the flow
}

// check says which part is missing.
func (in CodeProof) check() error {
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

// prove finds the flow that a proof opens, if it has one of the purposes. Everything that is
// wrong is ErrBadCredentials; flow is set then if it was a code that was wrong. The flow is not
// used up yet.
func (s *Service) prove(ctx context.Context, in CodeProof, c Client, purposes ...Purpose) (p proven, err error) {
	if err := in.check(); err != nil {
		return p, err
	}
	if in.Token != "" {
		p.flow, err = s.openLink(ctx, in.Token)
	} else {
		p.typed = true
		p.flow, err = s.tryCode(ctx, in, c, purposes)
	}
	if errors.Is(err, ErrNotFound) {
		err = ErrBadCredentials
	}
	if err == nil && (p.flow.Decoy || !slices.Contains(purposes, p.flow.Purpose)) {
		err = ErrBadCredentials
	}
	return p, err
}

// openLink finds the flow of a link. The token can't be guessed, so nothing is counted.
func (s *Service) openLink(ctx context.Context, text string) (Flow, error) {
	t, err := token.Parse(token.Flow, text)
	if err != nil {
		return Flow{}, ErrBadCredentials
	}
	f, err := s.st.FlowByLink(ctx, t.Hash())
	if err == nil && !s.now().Before(f.ExpiresAt) {
		err = ErrNotFound
	}
	return f, err
}

// tryCode counts a try of the flow, and one of the address, before it compares: a try that is
// cut off is not given back. The code must be for one of the purposes, which is part of what is
// compared.
func (s *Service) tryCode(ctx context.Context, in CodeProof, c Client, purposes []Purpose) (Flow, error) {
	secret, err := token.Parse(token.Flow, in.Secret)
	if err != nil || !IsID(string(in.Flow)) {
		return Flow{}, ErrBadCredentials
	}
	f, err := s.st.TryFlow(ctx, FlowTry{ID: in.Flow, Secret: secret.Hash(), Now: s.now(), Most: CodeTries})
	if err != nil {
		return Flow{}, err
	}
	try := s.codeTry(f, c)
	if err := s.limits.Take(ctx, try); err != nil {
		return Flow{}, err
	}
	code := emailcode.Typed(in.Code)
	for _, p := range purposes {
		as := f
		as.Purpose = p
		if sameHash(s.flowCode(code, as), f.Code) && !f.Decoy {
			s.limits.GiveBack(ctx, try)
			return f, nil
		}
	}
	return f, ErrBadCredentials
}

// codeTry is the try that a typed code takes: one of the address over all flows. Flows of a
// signed-in person, and devices that signed in to the account before, have buckets of their own,
// which strangers do not use up. Where they are empty the mailed link still works.
func (s *Service) codeTry(f Flow, c Client) limit.Take {
	switch {
	case f.Session != "":
		return s.limits.CodesOfSessions(string(f.User))
	case s.knownDevice(f.User, c.Device):
		return s.limits.CodesOfDevices(string(f.User))
	}
	return s.limits.Codes(f.EmailKey)
}

// use uses a flow up, in the transaction of what it is for. Of several at once one wins; the
// others have ErrBadCredentials.
func (p proven) use(ctx context.Context, s *Service, st Store) error {
	won, err := st.UseFlow(ctx, p.flow.ID, s.now())
	if err == nil && !won {
		err = ErrBadCredentials
	}
	return err
}

// holder finds the account of a flow. One whose address is another by now, or that is gone, is
// ErrBadCredentials: the code was mailed elsewhere.
func (p proven) holder(ctx context.Context, s *Service, st Store) (Account, error) {
	a, err := s.account(ctx, st, p.flow.User)
	if errors.Is(err, ErrNotFound) || err == nil && p.flow.EmailKey != "" && a.EmailKey != p.flow.EmailKey {
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

// proveAddress marks an address as proven. The first proof takes an account from whoever set it
// up without one: the password and the sessions set before end, except for what the proof
// keeps.
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

// VerifyEmail proves an address: of an account, of a sign-up, which makes its account, or of a
// change of address, which ends with it. Typing the code where it was asked for keeps the
// password that was set there; a mailed link does not, since whoever opens it need not be who
// chose the password.
//
// ErrBadCredentials, a FieldsError, a LimitError; for a sign-up those of CreateUser, for a
// change ErrEmailTaken.
func (s *Service) VerifyEmail(ctx context.Context, in CodeProof, c Client) (User, error) {
	p, err := s.prove(ctx, in, c, PurposeVerifyEmail, PurposeChangeEmail)
	if err != nil {
		return User{}, err
	}
	var out Account
	switch {
	case p.flow.SignUp != nil:
		out, err = s.finishSignUp(ctx, p)
	case p.flow.Purpose == PurposeChangeEmail:
		out, err = s.finishEmailChange(ctx, p)
	default:
		err = s.Tx(ctx, func(tx Tx) (err error) {
			if err := p.use(ctx, s, tx.st); err != nil {
				return err
			}
			if _, err := p.holder(ctx, s, tx.st); err != nil {
				return err
			}
			proof := addressProof{user: p.flow.User, key: p.flow.EmailKey}
			if p.typed { // in the session that asked, if one did; a link may be opened by anybody who reads the mail
				proof.keep, proof.session = p.flow.Session != "", p.flow.Session
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
