package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hallpass-go/hallpass"
	"github.com/hallpass-go/hallpass/auth/policy"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

type settingsCmd struct {
	Get settingsGetCmd `cmd:"" help:"Print all settings, or one."`
	Set settingsSetCmd `cmd:"" help:"Change one setting."`
}

type settingsGetCmd struct {
	storeFlags
	Name string `arg:"" optional:"" help:"Name of the setting, such as signup or session.idle."`
}

// Run prints settings as JSON.
func (c *settingsGetCmd) Run(e *env) error {
	s, err := c.site(e.ctx, nil)
	if err != nil {
		return err
	}
	defer s.db.Close()
	settings, err := s.accounts.Settings(e.ctx, s.operator)
	if err != nil {
		return err
	}
	v, err := settingNamed(settings, c.Name)
	if err != nil {
		return err
	}
	doc, err := json.MarshalIndent(v, "", "  ")
	fmt.Fprintln(e.out, string(doc))
	return err
}

// settingNamed finds the value with a dotted name, or everything for an empty name.
func settingNamed(settings policy.Settings, name string) (any, error) {
	doc, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	var v any
	if err := json.Unmarshal(doc, &v); err != nil || name == "" {
		return v, err
	}
	for part := range strings.SplitSeq(name, ".") {
		members, _ := v.(map[string]any)
		member, ok := members[part]
		if !ok {
			return nil, fmt.Errorf("there is no setting %q", name)
		}
		v = member
	}
	return v, nil
}

type settingsSetCmd struct {
	storeFlags
	mailFlag        // settings that need mail are refused without a mailer
	Name     string `arg:"" help:"Name of the setting, such as signup or session.idle."`
	Value    string `arg:"" help:"New value: JSON, or a plain word."`
}

// Run changes one setting.
func (c *settingsSetCmd) Run(e *env) error {
	patch, err := settingPatch(c.Name, c.Value)
	if err != nil {
		return err
	}
	mailer, from, err := c.mailer(e.out)
	if err != nil {
		return err
	}
	s, err := c.site(e.ctx, func(cfg *hallpass.Config) { cfg.Accounts.Mailer, cfg.Accounts.MailFrom = mailer, from })
	if err != nil {
		return err
	}
	defer s.db.Close()
	if _, err := s.accounts.UpdateSettings(e.ctx, s.operator, patch); err != nil {
		return host.Explain(err)
	}
	fmt.Fprintf(e.out, "%s is set\n", c.Name)
	return nil
}

// settingPatch makes the patch that sets the value with a dotted name.
func settingPatch(name, value string) (patch policy.SettingsPatch, err error) {
	var v any = json.RawMessage(value)
	if !json.Valid([]byte(value)) {
		v = value
	}
	parts := strings.Split(name, ".")
	for i := len(parts) - 1; i >= 0; i-- {
		v = map[string]any{parts[i]: v}
	}
	doc, err := json.Marshal(v)
	if err != nil {
		return patch, err
	}
	d := json.NewDecoder(strings.NewReader(string(doc)))
	d.DisallowUnknownFields()
	if err := d.Decode(&patch); err != nil {
		if strings.Contains(err.Error(), "unknown field") {
			return patch, fmt.Errorf("there is no setting %q", name)
		}
		return patch, fmt.Errorf("setting %s: %q has the wrong type", name, value)
	}
	return patch, nil
}
