package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/scopes"
)

// NewUser is what an account is made from.
type NewUser struct {
	Username   string
	Email      string
	Name       string
	Password   string // chosen by the person; empty when a manager makes the account
	Attributes json.RawMessage
	// Roles, by name or id, in place of the default ones; only for those who may manage users. nil means the default ones.
	Roles []string
	// ExternalID is only for those who may manage users.
	ExternalID string
}

// CreateUser makes an account: for the caller themselves as the policy allows (p may be nil), or for somebody
// else when the caller holds users for everybody. A manager gives no password, unless Config.AllowManagerPasswords
// is on, and roles up to their own ceiling.
//
// ErrSignupClosed, ErrNoMailer (the policy asks for a proven address), a FieldsError, ErrUsernameTaken,
// ErrEmailTaken, ErrExternalIDTaken, a CeilingError, a LimitError or password.ErrBusy. Signing up does not sign in.
func (s *Service) CreateUser(ctx context.Context, p *Principal, in NewUser, c Client) (User, error) {
	manager := p != nil && s.Authorize(p, ActCreateUser, scopes.Target{}) == nil
	now, err := s.settings(ctx, s.st)
	if err != nil {
		return User{}, err
	}
	status := StatusActive
	if !manager {
		if status, err = s.signUpStatus(now, in); err != nil {
			return User{}, err
		}
	} else if in.Password != "" && !s.cfg.AllowManagerPasswords && p.Kind != KindOperator {
		return User{}, forbidden("password")
	}
	a, err := s.newAccount(ctx, s.st, now, in, manager)
	if err != nil {
		return User{}, err
	}
	a.Status = status
	// The default roles are the settings' to give, but not with a password that the giver knows.
	if manager && (in.Roles != nil || in.Password != "") {
		if err := s.checkCeiling(p, a.User); err != nil {
			return User{}, err
		}
	}
	if !manager {
		if err := s.take(ctx, tries{all: []Take{s.bucket(s.cfg.Limits.SignUp, "signup", c.network())}}); err != nil {
			return User{}, err
		}
	}
	if in.Password != "" || !manager {
		// Judged first, so that a bad password is told before a conflict and without a hash; and a conflict before hashing.
		if err := s.checkNew(ctx, now, "password", in.Password, a); err != nil {
			return User{}, err
		}
		if err := s.findConflict(ctx, a); err != nil {
			return User{}, err
		}
		if a.PasswordHash, err = s.hashNew(ctx, now, "password", in.Password, a); err != nil {
			return User{}, err
		}
	}
	err = s.tx(ctx, func(tx Tx) error {
		if err := s.keepRoles(ctx, tx.st, &a); err != nil {
			return err
		}
		if err := s.insertAccount(ctx, tx, a); err != nil {
			return err
		}
		return s.audit(ctx, tx.st, p, "user.create", string(a.ID), map[string]any{"roles": a.RoleNames()})
	})
	if err != nil {
		return User{}, fmt.Errorf("create user: %w", err)
	}
	return a.User, nil
}

// AuthorizeSignUp says whether the caller may make an account at all, before anything about the account is known: nil, or what
// CreateUser answers whatever it is given (ErrSignupClosed, ErrNoMailer). p may be nil. An adapter asks it before it tells what is wrong
// with the fields.
func (s *Service) AuthorizeSignUp(ctx context.Context, p *Principal) error {
	if p != nil && s.Authorize(p, ActCreateUser, scopes.Target{}) == nil {
		return nil
	}
	now, err := s.settings(ctx, s.st)
	if err != nil {
		return err
	}
	_, err = s.signUpStatus(now, NewUser{})
	return err
}

// signUpStatus is the status that a self-made account starts with, or why there can be none.
func (s *Service) signUpStatus(now Settings, in NewUser) (Status, error) {
	switch {
	case now.Signup == SignupClosed || now.Signup == SignupInvite:
		return "", ErrSignupClosed
	case now.Signup == SignupDomains || now.EmailProof == EmailProofRequired:
		return "", ErrNoMailer
	case in.Roles != nil:
		return "", forbidden("roles")
	case in.ExternalID != "":
		return "", forbidden("external_id")
	case now.Signup == SignupApproval:
		return StatusPending, nil
	default:
		return StatusActive, nil
	}
}

// newAccount validates the fields of in.
func (s *Service) newAccount(ctx context.Context, st Store, now Settings, in NewUser, manager bool) (Account, error) {
	at := s.now()
	a := Account{User: User{ID: UserID(newID(at)), Status: StatusActive, CreatedAt: at, UpdatedAt: at}}
	var f fieldErrors
	s.setUsername(&f, &a, in.Username, manager)
	s.setEmail(&f, &a, in.Email)
	requireLogin(&f, a)
	setName(&f, &a, in.Name)
	setAttributes(&f, &a, in.Attributes)
	setExternalID(&f, &a, in.ExternalID)
	roles, err := s.rolesOfNew(ctx, st, now, in)
	if errors.Is(err, ErrNotFound) {
		f.add("roles", CodeUnknown, "There is no such role.")
	} else if err != nil {
		return a, err
	}
	a.give(roles)
	if !manager && in.Password == "" {
		f.add("password", CodeRequired, "A password is required.")
	}
	return a, f.err()
}

// rolesOfNew finds the roles of a new account. A default role that code has stopped defining is left out: sign-up goes on without it.
func (s *Service) rolesOfNew(ctx context.Context, st Store, now Settings, in NewUser) ([]Role, error) {
	if in.Roles != nil {
		return s.findRoles(ctx, st, in.Roles)
	}
	var known []string
	for _, name := range now.DefaultRoles {
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

// keepRoles leaves a new account, of its roles that were made at run time, those that are still there, and keeps these there until the commit.
func (s *Service) keepRoles(ctx context.Context, st Store, a *Account) error {
	if len(a.Grants) == 0 {
		return nil
	}
	if err := st.Lock(ctx, rightsLock); err != nil {
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

// insertAccount adds a, with the hooks around it. The reservation of its name is checked afterwards: what was
// committed while the insert waited for another transaction is visible only then.
func (s *Service) insertAccount(ctx context.Context, tx Tx, a Account) error {
	if err := s.cfg.Hooks.userCreating(ctx, tx, a.User); err != nil {
		return err
	}
	if err := tx.st.CreateAccount(ctx, a); err != nil {
		return err
	}
	if err := s.checkReserved(ctx, tx.st, a); err != nil {
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
