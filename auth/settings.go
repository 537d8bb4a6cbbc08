package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/hallpass-go/hallpass/auth/mail"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/scopes"
)

// settingsName is the name of the stored document with the settings.
const settingsName = "settings"

// Policy returns the part of the settings that everybody may know.
func (s *Service) Policy(ctx context.Context) (policy.Policy, error) {
	settings, err := s.settings(ctx, s.st)
	return settings.Policy(), err
}

// Settings returns the settings in force. It needs the scope settings.
func (s *Service) Settings(ctx context.Context, p *Principal) (policy.Settings, error) {
	if err := s.Authorize(p, ActSettings, scopes.Target{}); err != nil {
		return policy.Settings{}, err
	}
	return s.settings(ctx, s.st)
}

// UpdateSettings changes settings and returns the new ones. They count for every replica from
// the next request on. It needs the scope settings.
//
// It returns a FieldsError if a setting is not valid, ErrNoMailer if a new setting works only
// with a mailer and there is none, and a CeilingError if a new default role gives more than the
// caller holds.
func (s *Service) UpdateSettings(
	ctx context.Context, p *Principal, patch policy.SettingsPatch,
) (policy.Settings, error) {
	if err := s.Authorize(p, ActSettings, scopes.Target{}); err != nil {
		return policy.Settings{}, err
	}
	var next policy.Settings
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
			next = patch.Apply(before)
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
		return policy.Settings{}, fmt.Errorf("update settings: %w", err)
	}
	return next, nil
}

// checkSettings returns an error if the caller may not change the settings from before to next.
// roles are the default roles in next that the patch names.
func (s *Service) checkSettings(p *Principal, before, next policy.Settings, roles []Role) error {
	f := s.validateSettings(next)
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

// defaultRoles finds the default roles that a patch names, by name or id, and changes the patch
// so that it has their names.
func (s *Service) defaultRoles(ctx context.Context, st Store, patch *policy.SettingsPatch) ([]Role, error) {
	if patch.DefaultRoles == nil {
		return nil, nil
	}
	roles, err := s.findRoles(ctx, st, *patch.DefaultRoles)
	// The settings keep names, and the name of a hidden role stands for another role.
	if errors.Is(err, ErrNotFound) || slices.ContainsFunc(roles, s.hidden) {
		err = FieldError{Field: "default_roles", Code: CodeUnknown, Detail: "There is no such role."}.Err()
	}
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = r.Name
	}
	patch.DefaultRoles = &names
	return roles, err
}

// needsMailer returns ErrNoMailer if next turns on something that needs a mailer and there is
// none. What before has on already may stay.
func (s *Service) needsMailer(before, next policy.Settings) error {
	if s.HasMailer() {
		return nil
	}
	if next.EmailProof == policy.EmailProofRequired && before.EmailProof != policy.EmailProofRequired {
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

// settings returns the settings in force.
func (s *Service) settings(ctx context.Context, st Store) (policy.Settings, error) {
	doc, err := st.Value(ctx, settingsName)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return policy.Settings{}, fmt.Errorf("read settings: %w", err)
	}
	return s.parseSettings(doc)
}

// parseSettings parses a stored document. An empty one stands for Config.Settings.
func (s *Service) parseSettings(doc string) (policy.Settings, error) {
	if doc == "" {
		return s.cfg.Settings, nil
	}
	var out policy.Settings
	if err := json.Unmarshal([]byte(doc), &out); err != nil {
		return policy.Settings{}, fmt.Errorf("read settings: %w", err)
	}
	return out.WithDefaults(s.cfg.PasswordRules.Min, s.cfg.PasswordRules.Max), nil
}

// patchDetail returns the detail of the audit record: the settings that a patch sets.
func patchDetail(patch policy.SettingsPatch) map[string]any {
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

// validateSettings finds everything that is wrong with in. It does not check whether roles
// exist. Field names are those of the HTTP API.
func (s *Service) validateSettings(in policy.Settings) FieldsError {
	var f FieldsError
	if !plainText(in.SiteName) || utf8.RuneCountInString(in.SiteName) > maxName {
		f.Add("site_name", CodeInvalid, "A site name has 1 to 128 characters and no control characters.")
	}
	oneOf(&f, "signup", in.SignUp, policy.SignUpClosed, policy.SignUpInvite, policy.SignUpDomains,
		policy.SignUpApproval, policy.SignUpOpen)
	oneOf(&f, "email_proof", in.EmailProof, policy.EmailProofOff, policy.EmailProofRequired)
	oneOf(&f, "people_lookup", in.PeopleLookup, policy.LookupOff, policy.LookupExact, policy.LookupPrefix)
	for _, m := range in.SignInMethods {
		oneOf(&f, "sign_in_methods", m, s.methods.switched()...)
	}
	r := s.cfg.PasswordRules
	r.Min, r.Max = in.PasswordMin, in.PasswordMax
	if r.Validate() != nil || in.PasswordMin <= 0 || in.PasswordMax <= 0 {
		f.Add("password", CodeInvalid,
			"The minimum is 8 to 64 characters, and the maximum is 256 to 1024 bytes.")
	}
	for _, d := range in.Domains {
		if key, ok := mail.Canonical("x@" + d); !ok || key != "x@"+d {
			f.Add("domains", CodeInvalid, "Write domains in lower case, such as example.org.")
			break
		}
	}
	seconds(&f, "retention.logins", in.Retention.Logins, day, 3650*day)
	seconds(&f, "retention.audit", in.Retention.Audit, 30*day, 3650*day)
	seconds(&f, "session.idle", in.Session.Idle, 5*time.Minute, 365*day)
	seconds(&f, "session.absolute", in.Session.Absolute, in.Session.Idle, 365*day)
	return f
}
