package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// SignedUp is what a sign-up comes to.
type SignedUp struct {
	User User // zero while Flow is set
	// Flow proves the address first: VerifyEmail then makes the account.
	Flow *emailcode.Started
	// InvitationURL takes the account over, where a manager made one without a password and no
	// mail could be sent. Shown once, it is the manager's to pass on.
	InvitationURL string
}

// SignUp makes an account as CreateUser does, and sees to it that the person gets in: where the
// policy wants the address proven, the answer to every valid sign-up is a flow, and who has the
// address already is told by mail; where a manager makes an account without a password, an
// invitation to it is mailed, or given to the manager if there is no mailer or no address.
//
// Errors as of CreateUser, but ErrEmailTaken only while the policy wants no proof; and
// ErrSessionRequired for a service that would be given an invitation.
func (s *Service) SignUp(ctx context.Context, p *Principal, in UserInput, c Client) (SignedUp, error) {
	n, err := s.newcomer(ctx, p, in, c)
	switch {
	case err != nil:
		return SignedUp{}, err
	case n.manager && in.Password == "":
		return s.createInvited(ctx, p, n)
	case !n.manager && n.settings.ProvesAddresses():
		return s.beginSignUp(ctx, n, c)
	}
	u, err := s.createNewcomer(ctx, p, n)
	return SignedUp{User: u}, err
}

// newcomer is a valid account that is to be made. Its password has been judged.
type newcomer struct {
	manager  bool // somebody who may manage users makes it
	settings policy.Settings
	account  Account
	password string
}

// pendingSignUp is what a flow keeps of an account until its address is proven.
type pendingSignUp struct {
	Username     string          `json:"username"`
	Name         string          `json:"name"`
	Attributes   json.RawMessage `json:"attributes"`
	PasswordHash string          `json:"password_hash"`
}

// beginSignUp mails a code to a new address, or a notice to one that has an account.
func (s *Service) beginSignUp(ctx context.Context, n newcomer, c Client) (SignedUp, error) {
	a := n.account
	if err := s.usernameConflict(ctx, a); err != nil {
		return SignedUp{}, err
	}
	hash, err := s.hash(ctx, "password", n.password)
	if err != nil {
		return SignedUp{}, err
	}
	doc, err := json.Marshal(pendingSignUp{a.Username, a.Name, a.Attributes, hash})
	if err != nil {
		return SignedUp{}, fmt.Errorf("sign up: %w", err)
	}
	start := flowStart{client: c, settings: n.settings, Request: emailcode.Request{
		Purpose: emailcode.VerifyEmail, Email: a.Email, EmailKey: a.EmailKey, SignUp: doc,
	}}
	read, _, err := s.readAddress(ctx, a.EmailKey)
	if err != nil {
		return SignedUp{}, err
	}
	if read.Found {
		start.Decoy, start.owner = true, read.Account.Email
	}
	f, err := s.beginFlow(ctx, start)
	return SignedUp{Flow: &f}, err
}

// finishSignUp makes the account of a flow, as the policy is now. The password stays only if
// the code was typed in the flow that set it.
func (s *Service) finishSignUp(ctx context.Context, p emailcode.Proven) (Account, error) {
	var doc pendingSignUp
	if err := json.Unmarshal(p.Flow.SignUp, &doc); err != nil {
		return Account{}, fmt.Errorf("read sign-up: %w", err)
	}
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return Account{}, err
	}
	in := UserInput{
		Username: doc.Username, Email: p.Flow.Email, Name: doc.Name, Attributes: doc.Attributes, Password: "set",
	}
	status, err := s.signUpStatus(settings, in)
	if err == nil && !settings.Admits(p.Flow.EmailKey) {
		err = ErrSignUpClosed
	}
	if err != nil {
		return Account{}, err
	}
	a, err := s.newAccount(ctx, s.st, settings, in, false)
	if err != nil {
		return Account{}, err
	}
	a.Status, a.EmailVerified = status, true
	if p.Typed {
		a.PasswordHash = doc.PasswordHash
	}
	err = s.Tx(ctx, func(tx Tx) error {
		if err := s.useFlow(ctx, tx, p); err != nil {
			return err
		}
		if err := s.insertAccount(ctx, tx, &a); err != nil {
			return err
		}
		return s.Audit(ctx, tx, nil, "user.create", string(a.ID), map[string]any{"roles": a.RoleNames()})
	})
	return a, err
}

// createInvited makes an account that nobody has a credential for, and the invitation to it.
// Who gets the invitation to pass on could use it, so the account may hold no more than they
// do.
func (s *Service) createInvited(ctx context.Context, p *Principal, n newcomer) (SignedUp, error) {
	mailed := s.HasMailer() && n.account.Email != ""
	if !mailed {
		if p.Kind != PrincipalUser && p.Kind != PrincipalOperator {
			// the link counts as long as its giver may, and nobody could tell that of a service
			return SignedUp{}, ErrSessionRequired
		}
		if err := s.checkCeiling(p, n.account.User); err != nil {
			return SignedUp{}, err
		}
	}
	if err := s.findConflict(ctx, n.account); err != nil {
		return SignedUp{}, err
	}
	var out SignedUp
	err := s.Tx(ctx, func(tx Tx) error {
		if err := s.insertNewcomer(ctx, tx, p, &n.account); err != nil {
			return err
		}
		i, link := s.Invitations.begin(p, inviteDays*day)
		i.User, i.Email, i.EmailKey, i.Mailed = n.account.ID, n.account.Email, n.account.EmailKey, mailed
		out = SignedUp{User: n.account.User}
		if !mailed {
			out.InvitationURL = s.Invitations.url(link)
		}
		return s.Invitations.send(ctx, tx, p, i, link, n.settings)
	})
	if err != nil {
		return SignedUp{}, fmt.Errorf("create user: %w", err)
	}
	return out, nil
}

// usernameConflict tells early that a username is taken.
func (s *Service) usernameConflict(ctx context.Context, a Account) error {
	if a.UsernameKey == "" {
		return nil
	}
	if _, err := s.st.AccountByLogin(ctx, a.UsernameKey); !errors.Is(err, ErrNotFound) {
		return orElse(err, ErrUsernameTaken)
	}
	return s.checkReserved(ctx, s.st, a)
}
