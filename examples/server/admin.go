package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
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
	u, err := s.accounts.CreateUser(e.ctx, s.operator, auth.UserInput{
		Username: c.Username, Email: c.Email, Password: pw, Roles: []string{"admin", "user"},
	}, auth.Client{})
	if err != nil {
		return host.Explain(err)
	}
	fmt.Fprintf(e.out, "created admin %s (%s)\n", u.Username, u.ID)
	return nil
}

type makeAdminCmd struct {
	storeFlags
	User string `arg:"" name:"username" help:"Username or email address."`
}

// Run gives a user the role admin.
func (c *makeAdminCmd) Run(e *env) error {
	return onUser(e, c.storeFlags, c.User, func(s *site, u auth.User) error {
		if err := s.accounts.AddRole(e.ctx, s.operator, u.ID, auth.RoleAdmin); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s is an admin\n", u.Username)
		return nil
	})
}

// onUser opens the store and passes on the user that a command is about.
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

type migrateCmd struct{ storeFlags }

// Run opens the store. Opening migrates it.
func (c *migrateCmd) Run(e *env) error {
	db, err := c.open(e.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Fprintln(e.out, "the database is current")
	return nil
}

// version is set by the linker if the build can't read it from a repository, as in the image.
var version string

type versionCmd struct{ storeFlags }

// Run prints the version that the binary was built from.
func (c *versionCmd) Run(e *env) error {
	built := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		built = info.Main.Version
	}
	fmt.Fprintln(e.out, "hallpass", cmp.Or(version, built))
	return nil
}
