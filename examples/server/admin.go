package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/hallpass-go/hallpass/auth"
)

type createAdminCmd struct {
	storeFlags
	Username      string `required:"" placeholder:"U" help:"Username."`
	Email         string `placeholder:"E" help:"Email address."`
	PasswordStdin bool   `name:"password-stdin" required:"" help:"Read the password from the first line of standard input."`
}

// Run makes an admin.
func (c *createAdminCmd) Run(e *env) error {
	pw, err := bufio.NewReader(io.LimitReader(e.in, 64<<10)).ReadString('\n')
	if err != nil && err != io.EOF {
		return fmt.Errorf("read password: %w", err)
	}
	if pw = strings.TrimRight(pw, "\r\n"); pw == "" {
		return errors.New("the password is empty")
	}
	s, err := c.site(e.ctx, nil)
	if err != nil {
		return err
	}
	defer s.db.Close()
	u, err := s.accounts.CreateUser(e.ctx, s.operator, auth.NewUser{
		Username: c.Username, Email: c.Email, Password: pw, Roles: []string{"admin", "user"},
	}, auth.Client{})
	if err != nil {
		return explain(err)
	}
	fmt.Fprintf(e.out, "created admin %s (%s)\n", u.Username, u.ID)
	return nil
}

// explain names the fields that are wrong.
func explain(err error) error {
	var fields *auth.FieldsError
	if !errors.As(err, &fields) {
		return err
	}
	var parts []string
	for _, f := range fields.Fields {
		parts = append(parts, f.Field+": "+f.Detail)
	}
	return errors.New(strings.Join(parts, "; "))
}

type makeAdminCmd struct {
	storeFlags
	User string `arg:"" name:"username" help:"Username or email address."`
}

// Run gives the role admin.
func (c *makeAdminCmd) Run(e *env) error {
	return onUser(e, c.storeFlags, c.User, func(s *site, u auth.User) error {
		if err := s.accounts.AddRole(e.ctx, s.operator, u.ID, string(auth.RoleAdmin)); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s is an admin\n", u.Username)
		return nil
	})
}

// onUser opens the store and finds the user that a command is about.
func onUser(e *env, f storeFlags, login string, do func(*site, auth.User) error) error {
	s, err := f.site(e.ctx, nil)
	if err != nil {
		return err
	}
	defer s.db.Close()
	u, err := s.find(e.ctx, login)
	if err != nil {
		return err
	}
	return do(s, u)
}

type userCmd struct {
	List        userListCmd        `cmd:"" help:"List all users."`
	Show        userShowCmd        `cmd:"" help:"Show one user."`
	Enable      userEnableCmd      `cmd:"" help:"Let a user sign in."`
	Disable     userDisableCmd     `cmd:"" help:"End a user's sessions and keep them out."`
	EndSessions userEndSessionsCmd `cmd:"" help:"End a user's sessions."`
}

type userListCmd struct{ storeFlags }

// Run lists users, page by page.
func (c *userListCmd) Run(e *env) error {
	s, err := c.site(e.ctx, nil)
	if err != nil {
		return err
	}
	defer s.db.Close()
	out := tabwriter.NewWriter(e.out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(out, "ID\tUSERNAME\tEMAIL\tSTATUS\tROLES")
	q := auth.UserFilter{PageQuery: auth.PageQuery{Limit: 200}}
	for {
		page, err := s.accounts.Users(e.ctx, s.operator, q)
		if err != nil {
			return err
		}
		for _, u := range page.Items {
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", u.ID, u.Username, u.Email, u.Status, roleNames(u))
		}
		if page.Next == "" {
			return out.Flush()
		}
		q.Cursor = page.Next
	}
}

func roleNames(u auth.User) string {
	names := make([]string, len(u.Roles))
	for i, r := range u.Roles {
		names[i] = string(r)
	}
	return strings.Join(names, ",")
}

type userArg struct {
	storeFlags
	User string `arg:"" name:"username" help:"Username or email address."`
}

type userShowCmd struct{ userArg }

// Run shows one user.
func (c *userShowCmd) Run(e *env) error {
	return onUser(e, c.storeFlags, c.User, func(_ *site, u auth.User) error {
		out := tabwriter.NewWriter(e.out, 0, 8, 2, ' ', 0)
		for _, row := range [][2]any{
			{"id", u.ID}, {"username", u.Username}, {"email", u.Email}, {"name", u.Name}, {"status", u.Status}, {"roles", roleNames(u)},
			{"attributes", string(u.Attributes)}, {"external id", u.ExternalID}, {"created", u.CreatedAt}, {"last login", u.LastLoginAt},
		} {
			fmt.Fprintf(out, "%s\t%v\n", row[0], row[1])
		}
		return out.Flush()
	})
}

type userEnableCmd struct{ userArg }

// Run makes a user active.
func (c *userEnableCmd) Run(e *env) error { return setStatus(e, c.userArg, auth.StatusActive) }

type userDisableCmd struct{ userArg }

// Run disables a user.
func (c *userDisableCmd) Run(e *env) error { return setStatus(e, c.userArg, auth.StatusDisabled) }

func setStatus(e *env, c userArg, status auth.Status) error {
	return onUser(e, c.storeFlags, c.User, func(s *site, u auth.User) error {
		if _, err := s.accounts.UpdateUser(e.ctx, s.operator, u.ID, auth.UserPatch{Status: &status}); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s is %s\n", u.Username, status)
		return nil
	})
}

type userEndSessionsCmd struct{ userArg }

// Run ends all sessions of a user.
func (c *userEndSessionsCmd) Run(e *env) error {
	return onUser(e, c.storeFlags, c.User, func(s *site, u auth.User) error {
		if err := s.accounts.EndSessions(e.ctx, s.operator, u.ID, true); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s is signed out everywhere\n", u.Username)
		return nil
	})
}

type settingsCmd struct {
	Get settingsGetCmd `cmd:"" help:"Print all settings, or one."`
	Set settingsSetCmd `cmd:"" help:"Change one setting."`
}

type settingsGetCmd struct {
	storeFlags
	Name string `arg:"" optional:"" help:"Such as signup or session.idle."`
}

// Run prints settings as JSON.
func (c *settingsGetCmd) Run(e *env) error {
	s, err := c.site(e.ctx, nil)
	if err != nil {
		return err
	}
	defer s.db.Close()
	now, err := s.accounts.Settings(e.ctx, s.operator)
	if err != nil {
		return err
	}
	v, err := settingNamed(now, c.Name)
	if err != nil {
		return err
	}
	doc, err := json.MarshalIndent(v, "", "  ")
	fmt.Fprintln(e.out, string(doc))
	return err
}

// settingNamed finds the value under a dotted name; everything for an empty one.
func settingNamed(now auth.Settings, name string) (any, error) {
	doc, err := json.Marshal(now)
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
	Name  string `arg:"" help:"Such as signup or session.idle."`
	Value string `arg:"" help:"JSON, or a plain word."`
}

// Run changes one setting.
func (c *settingsSetCmd) Run(e *env) error {
	patch, err := settingPatch(c.Name, c.Value)
	if err != nil {
		return err
	}
	s, err := c.site(e.ctx, nil)
	if err != nil {
		return err
	}
	defer s.db.Close()
	if _, err := s.accounts.UpdateSettings(e.ctx, s.operator, patch); err != nil {
		return explain(err)
	}
	fmt.Fprintf(e.out, "%s is set\n", c.Name)
	return nil
}

// settingPatch makes the patch that sets the value under a dotted name.
func settingPatch(name, value string) (patch auth.SettingsPatch, err error) {
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

type migrateCmd struct{ storeFlags }

// Run opens the store, which migrates it.
func (c *migrateCmd) Run(e *env) error {
	db, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Fprintln(e.out, "the database is current")
	return nil
}

type versionCmd struct{ storeFlags }

// Run prints the version that the binary was built from.
func (c *versionCmd) Run(e *env) error {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	fmt.Fprintln(e.out, "hallpass", version)
	return nil
}
