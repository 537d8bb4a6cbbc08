package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/hallpass-go/hallpass"
	"github.com/hallpass-go/hallpass/auth"
)

type userCmd struct {
	List        userListCmd        `cmd:"" help:"List all users."`
	Show        userShowCmd        `cmd:"" help:"Show one user."`
	Enable      userEnableCmd      `cmd:"" help:"Let a user sign in."`
	Disable     userDisableCmd     `cmd:"" help:"End a user's sessions and let them sign in no more."`
	ResetLink   userResetLinkCmd   `cmd:"" help:"Print a link with which a user can set a new password."`
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
			{"id", u.ID}, {"username", u.Username}, {"email", u.Email}, {"name", u.Name}, {"status", u.Status},
			{"roles", roleNames(u)},
			{
				"attributes", string(u.Attributes),
			}, {"external id", u.ExternalID}, {"created", u.CreatedAt}, {"last login", u.LastLoginAt},
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

type userResetLinkCmd struct {
	userArg
	BaseURL string `name:"base-url" env:"HALLPASS_BASE_URL" default:"http://127.0.0.1:8080" placeholder:"URL" help:"URL of the server for its users."`
}

// Run prints a link. An audit record says that it was made.
func (c *userResetLinkCmd) Run(e *env) error {
	s, err := c.site(e.ctx, func(cfg *hallpass.Config) { cfg.BaseURL = c.BaseURL })
	if err != nil {
		return err
	}
	defer s.db.Close()
	u, err := s.find(e.ctx, c.User)
	if err != nil {
		return err
	}
	link, err := s.accounts.PasswordResetLink(e.ctx, s.operator, u.ID)
	if err != nil {
		return err
	}
	fmt.Fprintln(e.out, link)
	return nil
}

type userEndSessionsCmd struct{ userArg }

// Run ends all sessions of a user.
func (c *userEndSessionsCmd) Run(e *env) error {
	return onUser(e, c.storeFlags, c.User, func(s *site, u auth.User) error {
		if err := s.accounts.Sessions.EndAll(e.ctx, s.operator, u.ID, true); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s is signed out everywhere\n", u.Username)
		return nil
	})
}
