package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/hallpass-go/hallpass/auth/policy"
)

// AcceptInput is the input of Invitations.Accept.
type AcceptInput struct {
	Token    string
	Username string // for an account that has no username yet
	Password string // optional
	Name     string
	Remember bool
	Client   Client
}

// Accept makes the account that an invitation is for, or takes over the one that a manager
// made. It starts a session for a cookie. If the token was mailed, the address counts as
// proven.
//
// It returns ErrInvitationInvalid if the token is not valid. It returns ErrAccountDisabled or
// ErrApprovalPending if the account may not sign in; the invitation then stays valid. It can
// also return a FieldsError, ErrUsernameTaken, ErrEmailTaken or password.ErrBusy.
func (m *Invitations) Accept(ctx context.Context, in AcceptInput) (SignedIn, error) {
	v, err := m.signIn(ctx, in)
	if errors.Is(err, ErrBadCredentials) || errors.Is(err, ErrStale) {
		err = ErrInvitationInvalid
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("accept invitation: %w", err)
	}
	return v, nil
}

// signIn prepares the account and starts the session. One transaction stores both.
func (m *Invitations) signIn(ctx context.Context, in AcceptInput) (SignedIn, error) {
	i, _, err := m.find(ctx, m.s.st, in.Token)
	if err != nil {
		return SignedIn{}, err
	}
	at := &Attempt{s: m.s, method: ByInvitation, client: in.Client}
	if at.settings, err = m.s.settings(ctx, m.s.st); err != nil {
		return SignedIn{}, err
	}
	account, err := m.account(ctx, at.settings, i, in)
	if err != nil {
		return SignedIn{}, err
	}
	// An account that may not sign in does not use up the invitation: it is valid again once
	// the account is enabled.
	at.read.Account = account
	if err := at.admit(ctx, Proof{account: &account}); err != nil {
		return SignedIn{}, err
	}
	hash := ""
	if in.Password != "" {
		if hash, err = m.s.hashNew(ctx, at.settings, "password", in.Password, account); err != nil {
			return SignedIn{}, err
		}
	}
	return at.Start(ctx, Proof{
		User: account.ID, At: m.s.now(), account: &account,
		settle: func(ctx context.Context, tx Tx, _ bool) error {
			return m.use(ctx, tx, in, &account, hash)
		},
	}, SessionWant{Remember: in.Remember})
}

// account returns the account that an invitation makes or takes over, with the fields that the
// person chose.
func (m *Invitations) account(
	ctx context.Context, settings policy.Settings, i Invitation, in AcceptInput,
) (Account, error) {
	if i.User == "" {
		a, err := m.s.newAccount(
			ctx, m.s.st, settings, UserInput{
				Username: in.Username, Email: i.Email, Name: in.Name, Password: "set",
			}, false,
		)
		if err == nil && i.Roles != nil {
			err = m.s.giveByID(ctx, m.s.st, &a.User, i.Roles)
		}
		return a, err
	}
	a, err := m.s.account(ctx, m.s.st, i.User)
	if errors.Is(err, ErrNotFound) || err == nil && !i.opens(a) {
		err = ErrInvitationInvalid
	}
	if err != nil {
		return a, err
	}
	return a, m.personalise(&a, in)
}

// opens reports whether an invitation still leads to its account. It does not if somebody has
// taken over the account in another way, or if the token was mailed and the account has another
// address now.
func (i Invitation) opens(a Account) bool {
	return a.PasswordHash == "" && a.LastLoginAt.IsZero() && (!i.Mailed || a.EmailKey == i.EmailKey)
}

// personalise puts the fields that the person chose into an account that a manager made. The
// name that the manager gave stays unless the person chose another.
func (m *Invitations) personalise(a *Account, in AcceptInput) error {
	var f FieldsError
	switch {
	case in.Username == "" || in.Username == a.Username:
	case a.UsernameKey != "":
		f.Add("username", "forbidden", "This account already has a username. You can change it after you accept.")
	default:
		m.s.setUsername(&f, a, in.Username, false)
	}
	if in.Name != "" {
		setName(&f, a, in.Name)
	}
	return f.Err()
}

// use uses up an invitation, in the transaction that stores the account and signs the person
// in. It checks there once more that the invitation is valid.
func (m *Invitations) use(ctx context.Context, tx Tx, in AcceptInput, a *Account, hash string) error {
	i, _, err := m.find(ctx, tx.st, in.Token)
	if err != nil {
		return err
	}
	if won, err := tx.st.UseInvitation(ctx, i.ID, m.s.now()); err != nil || !won {
		return orElse(err, ErrInvitationInvalid)
	}
	if i.User == "" {
		a.PasswordHash, a.EmailVerified = hash, i.Mailed
		if err := m.s.insertAccount(ctx, tx, a); err != nil {
			return err
		}
		if err := joinGroups(ctx, tx.st, a, i.Groups); err != nil {
			return err
		}
	} else if *a, err = m.takeOver(ctx, tx, i, in, hash); err != nil {
		return err
	}
	return m.s.Audit(ctx, tx, &Principal{Kind: PrincipalUser, User: a.User}, "invitation.accept", string(a.ID),
		map[string]any{
			"invitation": i.ID, "inviter": i.Inviter, "roles": a.RoleNames(),
		})
}

// joinGroups makes a new account a member of those groups that still exist.
func joinGroups(ctx context.Context, st Store, a *Account, ids []GroupID) error {
	groups, err := groupsByID(ctx, st, ids)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if _, err := st.AddMember(ctx, g.ID, a.ID); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		a.Groups = append(a.Groups, GroupRef{g.ID, g.Name})
	}
	return nil
}

// takeOver hands an account that a manager made over to the invited person.
func (m *Invitations) takeOver(ctx context.Context, tx Tx, i Invitation, in AcceptInput, hash string) (Account, error) {
	var before Account
	a, err := tx.st.UpdateAccount(ctx, i.User, func(a *Account) error {
		if !i.opens(*a) {
			return ErrInvitationInvalid
		}
		before = *a
		a.EmailVerified = a.EmailVerified || i.Mailed
		a.PasswordHash, a.UpdatedAt = hash, m.s.now()
		return m.personalise(a, in)
	})
	if err != nil {
		return a, err
	}
	if a.UsernameKey != before.UsernameKey {
		if err := m.s.checkReserved(ctx, tx.st, a); err != nil {
			return a, err
		}
	}
	if _, err := tx.st.DeleteSessions(ctx, a.ID, ""); err != nil {
		return a, err
	}
	// Whoever made the account may also have made tokens for it.
	if _, err := tx.st.DeleteAPITokens(ctx, Holder{User: a.ID}, ""); err != nil {
		return a, err
	}
	return a, m.s.cfg.Hooks.userUpdated(ctx, tx, before.User, a.User)
}
