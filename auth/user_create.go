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

// UserInput is what an account is made from.
type UserInput struct {
	Username   string
	Email      string
	Name       string
	Password   string // chosen by the person; empty when a manager makes the account
	Attributes json.RawMessage
	// Roles, by name or id, in place of the default ones; only for those who may manage users.
	// nil means the default ones.
	Roles []string
	// ExternalID is only for those who may manage users.
	ExternalID string
}

// CreateUser makes an account: for the caller themselves as the policy allows (p may be nil),
// or for somebody else when the caller holds users for everybody. A manager gives no password,
// unless Config.AllowManagerPasswords is on, and roles up to their own ceiling. It sends
// nothing: SignUp is what an application usually wants.
//
// ErrSignUpClosed, ErrNoMailer or ErrEmailUnverified (the policy asks for a proven address:
// SignUp), a FieldsError, ErrUsernameTaken, ErrEmailTaken, ErrExternalIDTaken, a CeilingError,
// a LimitError or password.ErrBusy. Signing up does not sign in.
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

// newcomer judges whether the caller may make the account, and the account, but not what it
// would run into.
func (s *Service) newcomer(ctx context.Context, p *Principal, in UserInput, c Client) (newcomer, error) {
	n := newcomer{manager: p != nil && s.Authorize(p, ActCreateUser, scopes.Target{}) == nil, password: in.Password}
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
	// The default roles are the settings' to give, but not with a password that the giver
	// knows.
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

// admit asks of people who sign up themselves what it does not ask of managers.
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
	return s.checkPassword(ctx, n.settings, "password", n.password, n.account)
}

// createNewcomer makes the account at once.
func (s *Service) createNewcomer(ctx context.Context, p *Principal, n newcomer) (User, error) {
	a := n.account
	if n.password != "" {
		// Conflicts are told before hashing.
		err := s.findConflict(ctx, a)
		if err == nil {
			a.PasswordHash, err = s.hash(ctx, "password", n.password)
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

// insertNewcomer adds an account that the caller made.
func (s *Service) insertNewcomer(ctx context.Context, tx Tx, p *Principal, a *Account) error {
	if err := s.insertAccount(ctx, tx, a); err != nil {
		return err
	}
	return s.Audit(ctx, tx, p, "user.create", string(a.ID), map[string]any{"roles": a.RoleNames()})
}

// AuthorizeSignUp says whether the caller may make an account at all, before anything about the
// account is known: nil, or what CreateUser answers whatever it is given (ErrSignUpClosed,
// ErrNoMailer). p may be nil. An adapter asks it before it tells what is wrong with the fields.
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

// signUpStatus is the status that a self-made account starts with, or why there can be none.
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

// newAccount validates the fields of in.
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

// rolesOfNew finds the roles of a new account. A default role that code has stopped defining is
// left out: sign-up goes on without it.
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

// keepRoles leaves a new account, of its roles that were made at run time, those that are still
// there, and keeps these there until the commit.
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

// findConflict tells early what inserting a would run into. Inserting decides.
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

// insertAccount adds a, with those of its roles that are still there and the hooks around it.
// The reservation of its name is checked afterwards: what was committed while the insert waited
// for another transaction is visible only then.
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

// checkReserved returns ErrUsernameTaken while a's username rests for somebody else.
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
