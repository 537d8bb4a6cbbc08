package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/auth/mail"
)

// UserPatch changes a user; nil fields stay as they are. An empty Username or Email
// removes it where Config.Identifiers lets that be.
type UserPatch struct {
	Username   *string
	Name       *string
	Attributes *json.RawMessage
	// The rest is for those who may manage the user.
	Email      *string
	ExternalID *string
	Status     *Status
	Roles      *[]string // by name; all of them
}

// manages names the fields that only a manager may set.
func (u UserPatch) manages() []string {
	var out []string
	for name, set := range map[string]bool{
		"email": u.Email != nil, "external_id": u.ExternalID != nil, "status": u.Status != nil, "roles": u.Roles != nil,
	} {
		if set {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// UpdateUser changes a user. The person themselves (account) may change username, name and
// attributes; a manager (users) everything, of users who hold no more than they do. A new email
// counts as unproven; disabling ends all sessions.
//
// Beside a FieldsError and conflicts as for CreateUser: ErrLastAdmin, a CeilingError, and for
// an email a ReauthError.
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
		// The lock comes first: at SERIALIZABLE a transaction sees what was there at its first
		// statement.
		if len(managed) > 0 {
			if err := lockRights(ctx, st); err != nil {
				return err
			}
		}
		before, err := s.account(ctx, st, id)
		if err != nil {
			return err
		}
		// A narrow credential is held to its limits on one's own account, too: an address leads
		// to the rest of the rights.
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

// applyPatch writes a patch that the caller may make and records what changed.
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

// tellOfUpdate tells the person of what a manager did that they should know.
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

// editAccount is the edit of a patch.
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

// statusChanged ends what ends with a status: sessions, and the change itself if nobody would
// be left to manage.
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

// countRename limits how often people rename themselves: each name that they leave is nobody
// else's for a while, and each one that they try tells whether somebody has it. So tries that
// fail count, too.
func (s *Service) countRename(ctx context.Context, p *Principal, patch UserPatch, manager bool) error {
	if manager || patch.Username == nil || *patch.Username == p.User.Username {
		return nil
	}
	return s.limits.Take(ctx, s.limits.Rename(string(p.User.ID)))
}

// reserveUsername lets a freed username rest.
func (s *Service) reserveUsername(ctx context.Context, st Store, a Account) error {
	if a.UsernameKey == "" || s.cfg.AllowUsernameReuse {
		return nil
	}
	return st.ReserveUsername(ctx, a.UsernameKey, a.ID, s.now().Add(s.cfg.UsernameRest))
}

// changes names what differs, for the audit record: names of fields, and rights with their
// values.
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

// AddRole gives a user a role, by name or id. It is no error if they hold it already. It needs
// users for that user and all that the role gives; otherwise it is a CeilingError.
func (s *Service) AddRole(ctx context.Context, p *Principal, id UserID, role RoleID) error {
	return s.changeRole(ctx, p, id, role, s.addRole)
}

// RemoveRole takes a role from a user, by name or id. It is no error if they do not hold it. It
// needs users for that user and all that the role gives; otherwise it is a CeilingError.
// ErrLastAdmin if nobody else holds admin.
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

// rolesChanged runs the hook if the user's roles are others now.
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

// replaceRoles makes the named roles those of u, all of them. What u holds of a role that is
// gone stays.
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
		if errors.Is(err, ErrNotFound) || err == nil && r.ID != id { // another has the name of one that is gone
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
