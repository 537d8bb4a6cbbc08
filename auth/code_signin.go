package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/auth/token"
)

// SignInByCode starts a cookie session for somebody who proved an address by a mailed code or
// link. If there is no account and the policy allows one, it makes it. It ignores in.Login and
// in.Password. If this is the first proof of the address, the old password and older sessions
// end.
//
// It returns ErrBadCredentials if anything is wrong with the proof. Only after a right proof
// does it return ErrAccountDisabled, ErrApprovalPending or ErrInvalidScope. It also returns a
// LimitError, ErrMethodOff, or a FieldsError for bad input.
func (s *Service) SignInByCode(ctx context.Context, p emailcode.Evidence, in SignInRequest) (SignedIn, error) {
	return s.signInByCode(ctx, p, in.Client, in.want(false))
}

// CodeGrant is SignInByCode for a session that carries refresh tokens. It also returns
// ErrWrongSecret, as Ready does.
func (s *Service) CodeGrant(ctx context.Context, p emailcode.Evidence, in SignInRequest) (TokenAnswer, error) {
	if err := s.Ready(ctx); err != nil {
		return TokenAnswer{}, err
	}
	v, err := s.signInByCode(ctx, p, in.Client, in.want(true))
	if err != nil {
		return TokenAnswer{}, err
	}
	return s.Answer(ctx, v)
}

// signInByCode opens the flow, finds the account or prepares a new one, and starts the session.
func (s *Service) signInByCode(
	ctx context.Context, in emailcode.Evidence, c Client, want SessionWant,
) (SignedIn, error) {
	if err := want.Check(); err != nil {
		return SignedIn{}, err
	}
	p, err := s.prove(ctx, in, c, emailcode.SignIn)
	if p.Flow.ID != "" && errors.Is(err, ErrBadCredentials) {
		err = s.failCode(ctx, p.Flow, c)
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("sign in: %w", err)
	}
	// The account may change between reading and starting. Then a second round decides.
	for range 2 {
		v, err := s.startByCode(ctx, p, c, want)
		if err == nil {
			return v, nil
		}
		if !errors.Is(err, ErrStale) {
			return SignedIn{}, fmt.Errorf("sign in: %w", err)
		}
	}
	return SignedIn{}, fmt.Errorf("sign in: %w", ErrBadCredentials)
}

// attemptByCode returns an attempt whose tries prove has counted.
func (s *Service) attemptByCode(c Client) *Attempt {
	return &Attempt{s: s, method: ByEmailCode, client: c}
}

// failCode records that a wrong code was typed for the account of a flow.
func (s *Service) failCode(ctx context.Context, f emailcode.Flow, c Client) (err error) {
	at := s.attemptByCode(c)
	at.read.Account.ID = UserID(f.User)
	if at.settings, err = s.settings(ctx, s.st); err != nil {
		return err
	}
	return at.Fail(ctx, ReasonWrongCode)
}

// startByCode starts a session with a flow that was opened.
func (s *Service) startByCode(ctx context.Context, p emailcode.Proven, c Client, want SessionWant) (SignedIn, error) {
	at := s.attemptByCode(c)
	var err error
	if at.read, at.settings, err = s.readAddress(ctx, p.Flow.EmailKey); err != nil {
		return SignedIn{}, err
	}
	if !s.allows(at.settings, at.method) {
		return SignedIn{}, ErrMethodOff
	}
	if p.Flow.User != "" && UserID(p.Flow.User) != at.read.Account.ID {
		return SignedIn{}, ErrBadCredentials // the address went to another account
	}
	account := at.read.Account
	if !at.read.Found {
		if account, err = s.accountByCode(ctx, at.settings, p.Flow); err != nil {
			return SignedIn{}, err
		}
	}
	found := at.read.Found
	return at.Start(ctx, Proof{
		User: account.ID, At: s.now(), account: &account,
		settle: func(ctx context.Context, tx Tx, refused bool) error {
			if err := s.useFlow(ctx, tx, p); err != nil {
				return err
			}
			switch {
			case !found:
				return s.createByCode(ctx, tx, &account)
			case refused:
				return nil
			}
			// The account is locked from here on: its address stays the one that the code went
			// to.
			var err error
			account, err = s.proveAddress(ctx, tx, addressProof{user: account.ID, key: p.Flow.EmailKey})
			return err
		},
	}, want)
}

// accountByCode returns the account that a proof of an unknown address makes, by the policy in
// force.
func (s *Service) accountByCode(ctx context.Context, settings policy.Settings, f emailcode.Flow) (Account, error) {
	if !s.makesAccounts(settings, f.EmailKey) {
		return Account{}, ErrBadCredentials
	}
	status, err := s.signUpStatus(settings, UserInput{})
	if err != nil {
		return Account{}, err
	}
	a, err := s.newAccount(ctx, s.st, settings, UserInput{Email: f.Email}, true)
	a.Status, a.EmailVerified = status, true
	return a, err
}

// createByCode adds the account that a proof of an unknown address makes.
func (s *Service) createByCode(ctx context.Context, tx Tx, a *Account) error {
	if err := s.insertAccount(ctx, tx, a); err != nil {
		if errors.Is(err, ErrEmailTaken) {
			err = ErrStale // somebody else's code was faster
		}
		return err
	}
	return s.Audit(ctx, tx, nil, "user.create", string(a.ID), map[string]any{"roles": a.RoleNames()})
}

// ReauthenticateByCode is Reauthenticate with a proof of the caller's own address, for the
// purpose emailcode.SignIn.
func (s *Service) ReauthenticateByCode(
	ctx context.Context, p *Principal, in emailcode.Evidence, c Client,
) (token.Secret, error) {
	if p == nil {
		return token.Secret{}, ErrUnauthenticated
	}
	if p.Session.ID == "" {
		return token.Secret{}, ErrSessionRequired
	}
	pr, err := s.prove(ctx, in, c, emailcode.SignIn)
	if err != nil {
		return token.Secret{}, err
	}
	if UserID(pr.Flow.User) != p.User.ID {
		return token.Secret{}, ErrBadCredentials
	}
	var secret token.Secret
	err = s.Tx(ctx, func(tx Tx) error {
		if err := s.useFlow(ctx, tx, pr); err != nil {
			return err
		}
		if _, err := s.proveAddress(
			ctx, tx, addressProof{user: p.User.ID, key: pr.Flow.EmailKey, keep: pr.Typed, session: p.Session.ID},
		); err != nil {
			return err
		}
		secret, err = s.refreshProof(ctx, tx.st, p)
		return err
	})
	if err != nil {
		return token.Secret{}, fmt.Errorf("reauthenticate: %w", err)
	}
	return secret, nil
}
