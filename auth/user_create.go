package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
)

// UserInput is the input of CreateUser and SignUp.
type UserInput struct {
	Username   string
	Email      string
	Name       string
	Password   string // chosen by the person; empty if a manager makes the account
	Attributes json.RawMessage
	// Roles are the roles of the account, by name or id. nil means the default roles. Only
	// those who may manage users can set it.
	Roles []string
	// ExternalID is the user's id in another system. Only those who may manage users can set
	// it.
	ExternalID string
}

// CreateUser makes an account. It does not sign the person in and sends no mail; most
// applications call SignUp instead.
//
// A caller with the scope users for everybody makes accounts for others. They can give roles up
// to what they hold. They can set a password only if Config.AllowManagerPasswords is set; the
// host itself always can. Every other caller, including a nil one, makes their own account, as
// the policy allows.
//
// It returns ErrSignUpClosed if the policy does not let the caller make an account, and
// ErrNoMailer or ErrEmailUnverified if the policy wants the address proven first. It returns
// ErrUsernameTaken, ErrEmailTaken or ErrExternalIDTaken if another account has the name. It can
// also return a FieldsError, a CeilingError, a LimitError or password.ErrBusy.
func (s *Service) CreateUser(ctx context.Context, p *Principal, in UserInput, c Client) (User, error) {
	n, err := s.newcomer(ctx, p, in, c)
	if err != nil {
		return User{}, err
	}
	if !n.manager && n.settings.ProvesAddresses() {
		return User{}, ErrEmailUnverified
	}
	return s.createNewcomer(ctx, p, n)
}

// newcomer checks whether the caller may make the account, and whether its fields are valid. It
// does not look for conflicts with other accounts.
func (s *Service) newcomer(ctx context.Context, p *Principal, in UserInput, c Client) (newcomer, error) {
	n := newcomer{manager: p != nil && s.Authorize(p, ActCreateUser, scopes.Target{}) == nil, input: in}
	var err error
	if n.settings, err = s.settings(ctx, s.st); err != nil {
		return n, err
	}
	status := StatusActive
	if !n.manager {
		if status, err = s.signUpStatus(n.settings, in); err != nil {
			return n, err
		}
	} else if in.Password != "" && !s.cfg.AllowManagerPasswords && p.Kind != PrincipalOperator {
		return n, forbidden("password")
	}
	if n.account, err = s.newAccount(ctx, s.st, n.settings, in, n.manager); err != nil {
		return n, err
	}
	n.account.Status = status
	if !n.manager {
		return n, s.admit(ctx, n, c)
	}
	// Default roles are given by the settings, so the caller need not hold them. But a caller
	// who sets the password could sign in to the account.
	if in.Roles != nil || in.Password != "" {
		if err := s.checkCeiling(p, n.account.User); err != nil {
			return n, err
		}
	}
	if in.Password != "" {
		return n, s.checkPassword(ctx, n.settings, "password", in.Password, n.account)
	}
	return n, nil
}

// admit makes the checks that are only for people who sign up themselves.
func (s *Service) admit(ctx context.Context, n newcomer, c Client) error {
	if n.settings.ProvesAddresses() && n.account.EmailKey == "" {
		return FieldError{Field: "email", Code: CodeRequired, Detail: "An email address is required."}.Err()
	}
	if n.account.EmailKey != "" && !n.settings.Admits(n.account.EmailKey) {
		return ErrSignUpClosed
	}
	if err := s.limits.Take(ctx, s.limits.SignUp(c.Network())); err != nil {
		return err
	}
	return s.checkPassword(ctx, n.settings, "password", n.input.Password, n.account)
}

// createNewcomer hashes the password and stores the account.
func (s *Service) createNewcomer(ctx context.Context, p *Principal, n newcomer) (User, error) {
	a := n.account
	if n.input.Password != "" {
		// Look for conflicts first, because hashing is expensive.
		err := s.findConflict(ctx, a)
		if err == nil {
			a.PasswordHash, err = s.hash(ctx, "password", n.input.Password)
		}
		if err != nil {
			return User{}, err
		}
	}
	err := s.Tx(ctx, func(tx Tx) error { return s.insertNewcomer(ctx, tx, p, &a) })
	if err != nil {
		return User{}, fmt.Errorf("create user: %w", err)
	}
	return a.User, nil
}

// insertNewcomer stores an account and the audit record.
func (s *Service) insertNewcomer(ctx context.Context, tx Tx, p *Principal, a *Account) error {
	if err := s.insertAccount(ctx, tx, a); err != nil {
		return err
	}
	return s.Audit(ctx, tx, p, "user.create", string(a.ID), map[string]any{"roles": a.RoleNames()})
}

// AuthorizeSignUp checks whether the caller may make an account at all. An adapter calls it
// before it reports problems with fields. p may be nil. It returns ErrSignUpClosed or
// ErrNoMailer if CreateUser would return that for any input.
func (s *Service) AuthorizeSignUp(ctx context.Context, p *Principal) error {
	if p != nil && s.Authorize(p, ActCreateUser, scopes.Target{}) == nil {
		return nil
	}
	settings, err := s.settings(ctx, s.st)
	if err != nil {
		return err
	}
	_, err = s.signUpStatus(settings, UserInput{})
	return err
}

// signUpStatus returns the first status of an account that a person makes themselves, or an
// error if the policy does not allow it.
func (s *Service) signUpStatus(settings policy.Settings, in UserInput) (Status, error) {
	switch {
	case settings.SignUp == policy.SignUpClosed || settings.SignUp == policy.SignUpInvite:
		return "", ErrSignUpClosed
	case settings.ProvesAddresses() && !s.HasMailer():
		return "", ErrNoMailer
	case in.Roles != nil:
		return "", forbidden("roles")
	case in.ExternalID != "":
		return "", forbidden("external_id")
	case settings.SignUp == policy.SignUpApproval:
		return StatusPending, nil
	default:
		return StatusActive, nil
	}
}

// newAccount checks the fields of in and makes an account from them, without storing it.
func (s *Service) newAccount(
	ctx context.Context, st Store, settings policy.Settings, in UserInput, manager bool,
) (Account, error) {
	at := s.now()
	a := Account{User: User{ID: UserID(newID(at)), Status: StatusActive, CreatedAt: at, UpdatedAt: at}}
	var f FieldsError
	s.setUsername(&f, &a, in.Username, manager)
	s.setEmail(&f, &a, in.Email)
	requireLogin(&f, a)
	setName(&f, &a, in.Name)
	setAttributes(&f, &a, in.Attributes)
	setExternalID(&f, &a, in.ExternalID)
	roles, err := s.rolesOfNew(ctx, st, settings, in)
	if errors.Is(err, ErrNotFound) {
		f.Add("roles", CodeUnknown, "There is no such role.")
	} else if err != nil {
		return a, err
	}
	a.give(roles)
	if !manager && in.Password == "" {
		f.Add("password", CodeRequired, "A password is required.")
	}
	return a, f.Err()
}

// rolesOfNew finds the roles of a new account. It leaves out default roles that no longer
// exist, so that sign-up goes on without them.
func (s *Service) rolesOfNew(ctx context.Context, st Store, settings policy.Settings, in UserInput) ([]Role, error) {
	if in.Roles != nil {
		return s.findRoles(ctx, st, in.Roles)
	}
	var known []string
	for _, name := range settings.DefaultRoles {
		_, err := s.findRole(ctx, st, name)
		switch {
		case err == nil:
			known = append(known, name)
		case !errors.Is(err, ErrNotFound):
			return nil, err
		}
	}
	return s.findRoles(ctx, st, known)
}

// keepRoles removes from a new account the roles made at run time that no longer exist. It
// makes sure that the others are not deleted before the commit.
func (s *Service) keepRoles(ctx context.Context, st Store, a *Account) error {
	if len(a.Grants) == 0 {
		return nil
	}
	if err := lockRights(ctx, st); err != nil {
		return err
	}
	for _, g := range slices.Clone(a.Grants) {
		_, err := st.Role(ctx, string(g.Role))
		if errors.Is(err, ErrNotFound) {
			a.Roles = slices.DeleteFunc(a.Roles, func(r RoleID) bool { return r == g.Role })
			a.Grants = slices.DeleteFunc(a.Grants, func(x Grant) bool { return x.Role == g.Role })
		} else if err != nil {
			return err
		}
	}
	return nil
}

// findConflict looks for accounts with the same names before expensive work. The insert
// decides.
func (s *Service) findConflict(ctx context.Context, a Account) error {
	for _, c := range []struct {
		key   string
		taken error
	}{{a.UsernameKey, ErrUsernameTaken}, {a.EmailKey, ErrEmailTaken}} {
		if c.key == "" {
			continue
		}
		if _, err := s.st.AccountByLogin(ctx, c.key); err == nil {
			return c.taken
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return s.checkReserved(ctx, s.st, a)
}

// insertAccount stores a and runs the hooks around that. It checks reserved usernames after the
// insert: the insert may wait for another transaction, and only then can it see what that one
// committed.
func (s *Service) insertAccount(ctx context.Context, tx Tx, a *Account) error {
	if err := s.keepRoles(ctx, tx.st, a); err != nil {
		return err
	}
	if err := s.cfg.Hooks.userCreating(ctx, tx, a.User); err != nil {
		return err
	}
	if err := tx.st.CreateAccount(ctx, *a); err != nil {
		return err
	}
	if err := s.checkReserved(ctx, tx.st, *a); err != nil {
		return err
	}
	return s.cfg.Hooks.userCreated(ctx, tx, a.User)
}

// checkReserved returns ErrUsernameTaken if a's username is reserved for somebody else.
func (s *Service) checkReserved(ctx context.Context, st Store, a Account) error {
	if a.UsernameKey == "" || s.cfg.AllowUsernameReuse {
		return nil
	}
	held, err := st.UsernameReserved(ctx, a.UsernameKey, a.ID, s.now())
	if err == nil && held {
		err = ErrUsernameTaken
	}
	return err
}
