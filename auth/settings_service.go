package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hallpass-go/hallpass/scopes"
)

// settingsName is the name under which the settings are stored.
const settingsName = "settings"

// Policy returns what everybody may know.
func (s *Service) Policy(ctx context.Context) (Policy, error) {
	now, err := s.settings(ctx, s.st)
	return now.Policy(), err
}

// Settings returns the settings in force. It needs the scope settings.
func (s *Service) Settings(ctx context.Context, p *Principal) (Settings, error) {
	if err := s.Authorize(p, ActSettings, scopes.Target{}); err != nil {
		return Settings{}, err
	}
	return s.settings(ctx, s.st)
}

// UpdateSettings changes settings for every replica, from the next request on, and returns
// those in force then. It needs the scope settings; default roles only up to the caller's
// ceiling. What can't work (a method or an address proof without a mailer) is refused.
func (s *Service) UpdateSettings(ctx context.Context, p *Principal, patch SettingsPatch) (Settings, error) {
	if err := s.Authorize(p, ActSettings, scopes.Target{}); err != nil {
		return Settings{}, err
	}
	var next Settings
	err := s.Tx(ctx, func(tx Tx) error {
		st := tx.st
		if patch.DefaultRoles != nil {
			if err := lockRights(ctx, st); err != nil {
				return err
			}
		}
		roles, err := s.defaultRoles(ctx, st, &patch)
		if err != nil {
			return err
		}
		err = st.UpdateValue(ctx, settingsName, func(old string) (string, error) {
			before, err := s.parseSettings(old)
			if err != nil {
				return "", err
			}
			next = patch.apply(before)
			if err := s.checkSettings(p, before, next, roles); err != nil {
				return "", err
			}
			doc, err := json.Marshal(next)
			return string(doc), err
		})
		detail := patchDetail(patch)
		if err != nil || len(detail) == 0 {
			return err
		}
		return s.Audit(ctx, tx, p, "settings.update", "", detail)
	})
	if err != nil {
		return Settings{}, fmt.Errorf("update settings: %w", err)
	}
	return next, nil
}

// checkSettings says what stands against going from one to the other.
func (s *Service) checkSettings(p *Principal, before, next Settings, roles []Role) error {
	f := next.validate(s)
	if len(next.SignInMethods) == 0 {
		f.Add("sign_in_methods", CodeRequired, "At least one method is needed.")
	}
	if next.SiteName == "" {
		f.Add("site_name", CodeRequired, "A site name is required.")
	}
	if err := f.Err(); err != nil {
		return err
	}
	if err := s.needsMailer(before, next); err != nil {
		return err
	}
	for _, r := range roles {
		if !slices.Contains(before.DefaultRoles, r.Name) {
			if err := s.checkGive(p, r, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// defaultRoles finds those that a patch refers to, and makes it say their names.
func (s *Service) defaultRoles(ctx context.Context, st Store, patch *SettingsPatch) ([]Role, error) {
	if patch.DefaultRoles == nil {
		return nil, nil
	}
	roles, err := s.findRoles(ctx, st, *patch.DefaultRoles)
	// Default roles are kept by name, which a hidden one shares with another.
	if errors.Is(err, ErrNotFound) || slices.ContainsFunc(roles, s.hidden) {
		err = &FieldsError{
			Fields: []FieldError{{Field: "default_roles", Code: CodeUnknown, Detail: "There is no such role."}},
		}
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Name
	}
	patch.DefaultRoles = &names
	return roles, err
}

// needsMailer returns ErrNoMailer for what one has set, and another has not, that can't work
// without a mailer.
func (s *Service) needsMailer(before, next Settings) error {
	if s.HasMailer() {
		return nil
	}
	if next.EmailProof == EmailProofRequired && before.EmailProof != EmailProofRequired {
		return ErrNoMailer
	}
	for _, name := range next.SignInMethods {
		m, _ := s.methods.find(name)
		if m.NeedsMailer && !slices.Contains(before.SignInMethods, name) {
			return ErrNoMailer
		}
	}
	return nil
}

// settings reads those in force.
func (s *Service) settings(ctx context.Context, st Store) (Settings, error) {
	doc, err := st.Value(ctx, settingsName)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Settings{}, fmt.Errorf("read settings: %w", err)
	}
	return s.parseSettings(doc)
}

// parseSettings reads a stored document; empty stands for Config.Settings.
func (s *Service) parseSettings(doc string) (Settings, error) {
	if doc == "" {
		return s.cfg.Settings, nil
	}
	var out Settings
	if err := json.Unmarshal([]byte(doc), &out); err != nil {
		return Settings{}, fmt.Errorf("read settings: %w", err)
	}
	return out.withDefaults(s.cfg.PasswordRules), nil
}

// patchDetail is what the audit record says of a patch: the fields that it sets.
func patchDetail(patch SettingsPatch) map[string]any {
	doc, _ := json.Marshal(patch) // plain values only
	var all map[string]any
	_ = json.Unmarshal(doc, &all)
	for k, v := range all {
		if v == nil {
			delete(all, k)
		}
	}
	return all
}
