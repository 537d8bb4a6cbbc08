package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/auth/policy"
)

// SignedUp is the result of a sign-up.
type SignedUp struct {
	User User // the new account; zero if Flow is set
	// Flow is set if the address must be proven first. VerifyEmail then makes the account.
	Flow *emailcode.Started
	// InvitationURL is set if a manager made an account without a password and no mail could be
	// sent. Whoever opens it takes over the account. It is shown once, for the manager to pass
	// on.
	InvitationURL string
}

// SignUp makes an account as CreateUser does, and gives the person a way in.
//
//   - If people sign up themselves and the policy wants addresses proven, SignUp mails a code
//     and returns a flow. The answer is the same if the address already has an account; its
//     owner then gets a notice instead of a code.
//   - If a manager makes an account without a password, SignUp mails an invitation to it. If
//     there is no mailer or no address, it returns the link in InvitationURL.
//   - Otherwise it makes the account at once.
//
// The errors are those of CreateUser except ErrEmailUnverified. People who sign up themselves
// get ErrEmailTaken only if the policy does not want addresses proven. A service that would get
// an invitation to pass on gets ErrSessionRequired instead.
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

// newcomer is a valid account to be made. Its password has been checked.
type newcomer struct {
	manager  bool // whether somebody with the right to manage users makes it
	settings policy.Settings
	account  Account
	input    UserInput // what the account was made from
}

// pendingSignUp is what a flow keeps of a sign-up until the address is proven.
type pendingSignUp struct {
	Input        UserInput // without the password
	PasswordHash string
}

// beginSignUp mails a code to a new address, or a notice to one that already has an account.
func (s *Service) beginSignUp(ctx context.Context, n newcomer, c Client) (SignedUp, error) {
	a := n.account
	if err := s.usernameConflict(ctx, a); err != nil {
		return SignedUp{}, err
	}
	hash, err := s.hash(ctx, "password", n.input.Password)
	if err != nil {
		return SignedUp{}, err
	}
	in := n.input
	in.Password, in.Attributes = "", a.Attributes
	doc, err := json.Marshal(pendingSignUp{in, hash})
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

// finishSignUp makes the account of a flow, as the policy is now. It keeps the password only if
// the code was typed in this flow: whoever opens the mailed link may not be who chose the
// password.
func (s *Service) finishSignUp(ctx context.Context, p emailcode.Proven) (Account, error) {
	var doc pendingSignUp
	if err := json.Unmarshal(p.Flow.SignUp, &doc); err != nil {
		return Account{}, fmt.Errorf("read sign-up: %w", err)
	}
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return Account{}, err
	}
	in := doc.Input
	in.Email, in.Password = p.Flow.Email, "set"
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

// createInvited makes an account without a credential, and an invitation to it. A caller who
// gets the link to pass on could use it themselves. So they must hold everything that the
// account holds.
func (s *Service) createInvited(ctx context.Context, p *Principal, n newcomer) (SignedUp, error) {
	mailed := s.HasMailer() && n.account.Email != ""
	if !mailed {
		if p.Kind != PrincipalUser && p.Kind != PrincipalOperator {
			// The link works only as long as its inviter may give it, and an inviter is a user.
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

// usernameConflict returns ErrUsernameTaken if a's username is taken, before more work is done.
func (s *Service) usernameConflict(ctx context.Context, a Account) error {
	if a.UsernameKey == "" {
		return nil
	}
	if _, err := s.st.AccountByLogin(ctx, a.UsernameKey); !errors.Is(err, ErrNotFound) {
		return orElse(err, ErrUsernameTaken)
	}
	return s.checkReserved(ctx, s.st, a)
}
