package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/auth/token"
)

// SignInByCode starts a session for a cookie by a proof of an address, and makes the account if
// there is none and the policy lets it. Login and Password of in do not count. It is a proof of
// the address: the first one ends the password and the sessions set before.
//
// ErrBadCredentials for whatever is wrong with the proof. Only after a right one:
// ErrAccountDisabled, ErrApprovalPending, ErrInvalidScope. A LimitError, ErrMethodOff, a
// FieldsError.
func (s *Service) SignInByCode(ctx context.Context, p Proof, in SignInRequest) (SignedIn, error) {
	return s.signInForCookie(ctx, in, s.byCode(p))
}

// CodeGrant is SignInByCode for a session that carries refresh tokens.
func (s *Service) CodeGrant(ctx context.Context, p Proof, in SignInRequest) (Tokens, error) {
	return s.signInForTokens(ctx, in, s.byCode(p))
}

// byCode is the way to sign in with a proof.
func (s *Service) byCode(in Proof) signInWay {
	return func(ctx context.Context, req SignInRequest, carry func(*Session)) (Session, User, error) {
		p, err := s.prove(ctx, in, req.Client, PurposeSignIn)
		at := &attempt{s: s, method: MethodEmailCode, client: req.Client, read: SignInRead{
			Account: Account{User: User{ID: p.flow.User}},
		}}
		if p.flow.ID != "" && errors.Is(err, ErrBadCredentials) {
			if at.settings, err = s.settings(ctx, s.st); err != nil {
				return Session{}, User{}, err
			}
			return Session{}, User{}, at.fail(ctx, ReasonWrongCode, ErrBadCredentials)
		}
		if err != nil {
			return Session{}, User{}, err
		}
		// The account may change between reading and completing; the second round decides.
		for range 2 {
			x, err := at.completeCode(ctx, p, req, carry)
			if !errors.Is(err, ErrStale) {
				return x, at.read.Account.User, err
			}
		}
		return Session{}, User{}, ErrBadCredentials
	}
}

// completeCode makes a session of a proof.
func (at *attempt) completeCode(
	ctx context.Context, p proven, req SignInRequest, carry func(*Session),
) (Session, error) {
	s := at.s
	read, now, err := s.readAddress(ctx, p.flow.EmailKey)
	if err != nil {
		return Session{}, err
	}
	at.read, at.settings = read, now
	if !slices.Contains(now.SignInMethods, MethodEmailCode) {
		return Session{}, ErrMethodOff
	}
	if p.flow.User != "" && p.flow.User != read.Account.ID {
		return Session{}, ErrBadCredentials // the address went to another account
	}
	if !read.Found {
		if at.read.Account, err = s.accountByCode(ctx, now, p.flow); err != nil {
			return Session{}, err
		}
	}
	if err := at.checkStatus(ctx); err != nil {
		if used := at.spend(ctx, p); used != nil {
			return Session{}, used
		}
		return Session{}, err
	}
	at.newHash = at.read.Account.PasswordHash
	x := at.newSession(req)
	if err := at.checkScopes(req.Scopes); err != nil {
		return Session{}, at.fail(ctx, ReasonInvalidScope, err)
	}
	carry(&x)
	at.before = func(ctx context.Context, tx Tx) error { return at.useCode(ctx, tx, p) }
	return x, at.complete(ctx, x)
}

// accountByCode is the account that a proof of an unknown address makes, as the policy is now.
func (s *Service) accountByCode(ctx context.Context, now Settings, f Flow) (Account, error) {
	if !s.makesAccounts(now, f.EmailKey) {
		return Account{}, ErrBadCredentials
	}
	status, err := s.signUpStatus(now, NewUser{})
	if err != nil {
		return Account{}, err
	}
	a, err := s.newAccount(ctx, s.st, now, NewUser{Email: f.Email}, true)
	a.Status, a.EmailVerified = status, true
	return a, err
}

// useCode uses a proof up, with what it means for the account.
func (at *attempt) useCode(ctx context.Context, tx Tx, p proven) (err error) {
	if err := p.use(ctx, at.s, tx.st); err != nil {
		return err
	}
	a := &at.read.Account
	if at.read.Found { // the account is locked from here on: its address stays the one that the code went to
		*a, err = at.s.proveAddress(ctx, tx, addressProof{user: a.ID, key: p.flow.EmailKey})
		at.newHash = a.PasswordHash
		return err
	}
	if err := at.s.insertAccount(ctx, tx, a); err != nil {
		if errors.Is(err, ErrEmailTaken) {
			err = ErrStale // somebody else's code was faster
		}
		return err
	}
	return at.s.Audit(ctx, tx, nil, "user.create", string(a.ID), map[string]any{"roles": a.RoleNames()})
}

// spend uses up a proof of somebody who may not sign in, and makes the account that waits for
// approval.
func (at *attempt) spend(ctx context.Context, p proven) error {
	err := at.s.Tx(ctx, func(tx Tx) error {
		if at.read.Found {
			return p.use(ctx, at.s, tx.st)
		}
		return at.useCode(ctx, tx, p)
	})
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

// ReauthenticateByCode is Reauthenticate by a proof of the caller's own address, of purpose
// sign_in.
func (s *Service) ReauthenticateByCode(ctx context.Context, p *Principal, in Proof, c Client) (token.Secret, error) {
	if p == nil {
		return token.Secret{}, ErrUnauthenticated
	}
	if p.Session.ID == "" {
		return token.Secret{}, ErrSessionRequired
	}
	pr, err := s.prove(ctx, in, c, PurposeSignIn)
	if err != nil {
		return token.Secret{}, err
	}
	if pr.flow.User != p.User.ID {
		return token.Secret{}, ErrBadCredentials
	}
	var secret token.Secret
	err = s.Tx(ctx, func(tx Tx) error {
		if err := pr.use(ctx, s, tx.st); err != nil {
			return err
		}
		if _, err := s.proveAddress(
			ctx, tx, addressProof{user: p.User.ID, key: pr.flow.EmailKey, keep: pr.typed, session: p.Session.ID},
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
