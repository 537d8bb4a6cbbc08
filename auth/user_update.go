package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/auth/mail"
)

// UserPatch changes a user. Fields that are nil stay as they are. An empty Username or Email
// removes it, if Config.Identifiers allows that.
type UserPatch struct {
	Username   *string
	Name       *string
	Attributes *json.RawMessage
	// Only those who may manage the user can set the fields below.
	Email      *string
	ExternalID *string
	Status     *Status
	Roles      *[]string // by name or id; they replace all roles of the user
}

// manages returns the names of the set fields that only a manager may set, sorted.
func (up UserPatch) manages() []string {
	var out []string
	for name, set := range map[string]bool{
		"email": up.Email != nil, "external_id": up.ExternalID != nil,
		"status": up.Status != nil, "roles": up.Roles != nil,
	} {
		if set {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// UpdateUser changes a user. People with the scope account may change their own username, name
// and attributes. People with the scope users may change everything of users who hold no more
// than they do. A new email address counts as not proven. A user who is not active any more
// loses all sessions.
//
// It returns a FieldsError, which matches ErrFieldForbidden if the caller may not set a field.
// Conflicts are those of CreateUser. A change of the email needs a fresh proof of identity:
// otherwise it returns ErrSessionRequired or a ReauthError. It can also return ErrNotFound,
// ErrLastAdmin, a CeilingError, or a LimitError if people rename themselves too often.
func (s *Service) UpdateUser(ctx context.Context, p *Principal, id UserID, patch UserPatch) (User, error) {
	if err := s.authorizeUser(ctx, s.st, p, ActUpdateUser, id); err != nil {
		return User{}, err
	}
	manager, err := s.manages(ctx, s.st, p, id)
	if err != nil {
		return User{}, err
	}
	managed := patch.manages()
	if !manager && len(managed) > 0 {
		return User{}, forbidden(managed...)
	}
	if patch.Email != nil {
		if err := s.needFresh(p); err != nil {
			return User{}, err
		}
	}
	if err := s.countRename(ctx, p, patch, manager); err != nil {
		return User{}, err
	}
	var out Account
	err = s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		// The lock is the first statement because a SERIALIZABLE transaction sees the database
		// as it was at its first statement.
		if len(managed) > 0 {
			if err := lockRights(ctx, st); err != nil {
				return err
			}
		}
		before, err := s.account(ctx, st, id)
		if err != nil {
			return err
		}
		// With a new address somebody can get at all rights of the account. So a credential
		// with narrow scopes can't make such changes even to the caller's own account.
		if p.User.ID != id || len(managed) > 0 {
			if err := s.checkCeiling(p, before.User); err != nil {
				return err
			}
		}
		out, err = s.applyPatch(ctx, tx, p, before, patch, manager)
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("update user: %w", err)
	}
	return out.User, nil
}

// applyPatch writes a patch and everything that follows from it.
func (s *Service) applyPatch(
	ctx context.Context, tx Tx, p *Principal, before Account, patch UserPatch, manager bool,
) (Account, error) {
	st := tx.st
	out, err := st.UpdateAccount(ctx, before.ID, func(a *Account) error {
		before = *a // as it is under the lock
		return s.editAccount(a, patch, manager)
	})
	if err != nil {
		return out, err
	}
	if out.UsernameKey != before.UsernameKey {
		if err := s.checkReserved(ctx, st, out); err != nil {
			return out, err
		}
		if err := s.reserveUsername(ctx, st, before); err != nil {
			return out, err
		}
	}
	if patch.Roles != nil {
		if err := s.replaceRoles(ctx, tx, p, out.User, *patch.Roles); err != nil {
			return out, err
		}
		if out, err = st.Account(ctx, out.ID); err != nil {
			return out, err
		}
	}
	if out.Status != before.Status {
		if err := s.statusChanged(ctx, st, before, out); err != nil {
			return out, err
		}
	}
	detail := changes(before, out)
	if len(detail) == 0 {
		return out, nil
	}
	if err := s.tellOfUpdate(ctx, tx, before.User, out.User); err != nil {
		return out, err
	}
	if err := s.Audit(ctx, tx, p, "user.update", string(out.ID), detail); err != nil {
		return out, err
	}
	return out, s.cfg.Hooks.userUpdated(ctx, tx, before.User, out.User)
}

// tellOfUpdate mails the user about an approval or a new address.
func (s *Service) tellOfUpdate(ctx context.Context, tx Tx, before, after User) error {
	approved := before.Status == StatusPending && after.Status == StatusActive
	if !s.HasMailer() || before.Email == after.Email && !approved {
		return nil
	}
	settings, err := s.settings(ctx, tx.st)
	if err != nil {
		return err
	}
	if approved {
		if err := s.notice(ctx, tx, mail.Approved, after.Email, settings); err != nil {
			return err
		}
	}
	return s.tellOfEmail(ctx, tx, before, after, settings)
}

// editAccount applies a patch to a, except for roles.
func (s *Service) editAccount(a *Account, patch UserPatch, manager bool) error {
	var f FieldsError
	if patch.Username != nil {
		s.setUsername(&f, a, *patch.Username, manager)
	}
	if patch.Email != nil {
		s.setEmail(&f, a, *patch.Email)
	}
	if patch.Name != nil {
		setName(&f, a, *patch.Name)
	}
	if patch.Attributes != nil {
		setAttributes(&f, a, *patch.Attributes)
	}
	if patch.ExternalID != nil {
		setExternalID(&f, a, *patch.ExternalID)
	}
	if patch.Status != nil {
		oneOf(&f, "status", *patch.Status, StatusActive, StatusPending, StatusDisabled)
		a.Status = *patch.Status
	}
	requireLogin(&f, *a)
	a.UpdatedAt = s.now()
	return f.Err()
}

// statusChanged ends the sessions of a user who is not active any more. It returns ErrLastAdmin
// if that was the last admin.
func (s *Service) statusChanged(ctx context.Context, st Store, before, after Account) error {
	if after.Status == StatusActive {
		return nil
	}
	if err := keepAdmin(ctx, st, before.User); err != nil {
		return err
	}
	_, err := st.DeleteSessions(ctx, after.ID, "")
	return err
}

// countRename limits how often people rename themselves. Each name that they leave stays
// reserved for a while, and each name that they try tells them whether it is taken. So failed
// tries count too.
func (s *Service) countRename(ctx context.Context, p *Principal, patch UserPatch, manager bool) error {
	if manager || patch.Username == nil || *patch.Username == p.User.Username {
		return nil
	}
	return s.limits.Take(ctx, s.limits.Rename(string(p.User.ID)))
}

// reserveUsername reserves a username that a has given up.
func (s *Service) reserveUsername(ctx context.Context, st Store, a Account) error {
	if a.UsernameKey == "" || s.cfg.AllowUsernameReuse {
		return nil
	}
	return st.ReserveUsername(ctx, a.UsernameKey, a.ID, s.now().Add(s.cfg.UsernameRest))
}

// changes returns the detail of the audit record: the names of changed fields, and status and
// roles with their new values.
func changes(before, after Account) map[string]any {
	out := map[string]any{}
	var fields []string
	for name, changed := range map[string]bool{
		"username": before.Username != after.Username, "email": before.Email != after.Email,
		"name":        before.Name != after.Name,
		"external_id": before.ExternalID != after.ExternalID,
		"attributes":  string(before.Attributes) != string(after.Attributes),
	} {
		if changed {
			fields = append(fields, name)
		}
	}
	if len(fields) > 0 {
		slices.Sort(fields)
		out["fields"] = fields
	}
	if before.Status != after.Status {
		out["status"] = after.Status
	}
	if !slices.Equal(before.Roles, after.Roles) {
		out["roles"] = after.RoleNames()
	}
	return out
}

// AddRole gives a user a role, by name or id. It does nothing if the user already holds it. It
// needs the scope users for that user, and returns a CeilingError unless the caller holds
// everything that the role gives. It returns ErrNotFound if there is no such user or role.
func (s *Service) AddRole(ctx context.Context, p *Principal, id UserID, role RoleID) error {
	return s.changeRole(ctx, p, id, role, s.addRole)
}

// RemoveRole takes a role from a user, by name or id. It does nothing if the user does not hold
// it. It needs the scope users for that user, and returns a CeilingError unless the caller
// holds everything that the role gives. It returns ErrLastAdmin if nobody else holds admin, and
// ErrNotFound if there is no such user or role.
func (s *Service) RemoveRole(ctx context.Context, p *Principal, id UserID, role RoleID) error {
	return s.changeRole(ctx, p, id, role, s.removeRole)
}

type roleStep func(ctx context.Context, tx Tx, p *Principal, u User, r Role) error

func (s *Service) changeRole(ctx context.Context, p *Principal, id UserID, role RoleID, step roleStep) error {
	if err := s.authorizeUser(ctx, s.st, p, ActManageUser, id); err != nil {
		return err
	}
	err := s.changeRights(ctx, func(tx Tx) error {
		st := tx.st
		r, err := s.findRole(ctx, st, string(role))
		if err != nil {
			return err
		}
		a, err := s.account(ctx, st, id)
		if err != nil {
			return err
		}
		if err := step(ctx, tx, p, a.User, r); err != nil {
			return err
		}
		return s.rolesChanged(ctx, tx, a.User)
	})
	if err != nil {
		return fmt.Errorf("change role: %w", err)
	}
	return nil
}

// rolesChanged runs the hook UserUpdated if the user's roles differ from those of before.
func (s *Service) rolesChanged(ctx context.Context, tx Tx, before User) error {
	if s.cfg.Hooks.UserUpdated == nil {
		return nil
	}
	after, err := tx.st.Account(ctx, before.ID)
	if err != nil || slices.Equal(after.Roles, before.Roles) {
		return err
	}
	return s.cfg.Hooks.userUpdated(ctx, tx, before, after.User)
}

func (s *Service) addRole(ctx context.Context, tx Tx, p *Principal, u User, r Role) error {
	st := tx.st
	if err := s.checkGive(p, r, u.ID); err != nil {
		return err
	}
	added, err := st.AddRole(ctx, u.ID, r.ID)
	if err != nil || !added {
		return err
	}
	return s.Audit(ctx, tx, p, "role.add", string(u.ID), map[string]any{"role": r.Name})
}

func (s *Service) removeRole(ctx context.Context, tx Tx, p *Principal, u User, r Role) error {
	st := tx.st
	if err := s.checkGive(p, r, u.ID); err != nil {
		return err
	}
	if r.ID == RoleAdmin {
		if err := keepAdmin(ctx, st, u); err != nil {
			return err
		}
	}
	removed, err := st.RemoveRole(ctx, u.ID, r.ID)
	if err != nil || !removed {
		return err
	}
	return s.Audit(ctx, tx, p, "role.remove", string(u.ID), map[string]any{"role": r.Name})
}

// replaceRoles gives u the named roles and takes away all others. Roles that no longer exist
// are left alone.
func (s *Service) replaceRoles(ctx context.Context, tx Tx, p *Principal, u User, names []string) error {
	st := tx.st
	want, err := s.findRoles(ctx, st, names)
	if errors.Is(err, ErrNotFound) {
		return FieldError{Field: "roles", Code: CodeUnknown, Detail: "There is no such role."}.Err()
	} else if err != nil {
		return err
	}
	for _, id := range u.Roles {
		if slices.ContainsFunc(want, func(r Role) bool { return r.ID == id }) {
			continue
		}
		r, err := s.findRole(ctx, st, string(id))
		if errors.Is(err, ErrNotFound) || err == nil && r.ID != id { // deleted; its name may be another role's now
			continue
		} else if err != nil {
			return err
		}
		if err := s.removeRole(ctx, tx, p, u, r); err != nil {
			return err
		}
	}
	for _, r := range want {
		if !slices.Contains(u.Roles, r.ID) {
			if err := s.addRole(ctx, tx, p, u, r); err != nil {
				return err
			}
		}
	}
	return nil
}
