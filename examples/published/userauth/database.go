package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

type databaseCmd struct {
	Create    createCmd    `cmd:"" help:"Make the tables, or bring them up to this version."`
	Adduser   adduserCmd   `cmd:"" help:"Add a user. You are asked for the password, or it is the first line of standard input."`
	Makeadmin makeadminCmd `cmd:"" help:"Make a user an admin."`
}

type createCmd struct{ siteFlags }

// Run opens the database, which makes its tables.
func (c *createCmd) Run(e *env) error {
	s, err := c.open(e, nil)
	if err != nil {
		return err
	}
	fmt.Fprintln(e.out, "The database is there.")
	return s.db.Close()
}

// nameArg takes a username as an argument, as documented, or as a flag.
type nameArg struct {
	Name string `arg:"" optional:"" name:"username" help:"Username."`
	Flag string `name:"username" short:"u" placeholder:"U" help:"Username, instead of the argument."`
}

func (a nameArg) name() (string, error) {
	switch {
	case a.Name == "" && a.Flag == "":
		return "", errors.New("name the user, as a word or with -u")
	case a.Name != "" && a.Flag != "" && a.Name != a.Flag:
		return "", errors.New("two users are named")
	case a.Name == "":
		return a.Flag, nil
	}
	return a.Name, nil
}

type adduserCmd struct {
	siteFlags
	nameArg
	Email   string `placeholder:"E" help:"Email address; by default one that can't receive mail."`
	Given   string `name:"name" default:"John" placeholder:"N" help:"Given name (${default})."`
	Surname string `default:"Doe" placeholder:"S" help:"Surname (${default})."`
}

// Run adds a user.
func (c *adduserCmd) Run(e *env) error {
	name, err := c.name()
	if err != nil {
		return err
	}
	pw, err := e.password()
	if err != nil {
		return err
	}
	if c.Email == "" {
		c.Email = name + "@userauth.invalid" // RFC 2606: such an address belongs to nobody
	}
	s, err := c.open(e, nil)
	if err != nil {
		return err
	}
	defer s.db.Close()
	u, err := s.accounts.CreateUser(e.ctx, s.operator, auth.UserInput{
		Username: name, Email: c.Email, Name: c.Given, Attributes: withSurname(c.Surname), Password: pw,
	}, auth.Client{})
	if err != nil {
		return host.Explain(err)
	}
	fmt.Fprintf(e.out, "User %s is there now (%s).\n", u.Username, u.ID)
	return nil
}

// password asks for a password without showing it on a terminal. Without a terminal it reads
// the first line.
func (e *env) password() (string, error) {
	if f, ok := e.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(e.errOut, "Password: ")
		pw, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(e.errOut)
		if err != nil {
			return "", fmt.Errorf("read password: %w", err)
		}
		return notEmpty(string(pw))
	}
	pw, err := bufio.NewReader(io.LimitReader(e.in, 64<<10)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read password: %w", err)
	}
	return notEmpty(strings.TrimRight(pw, "\r\n"))
}

func notEmpty(pw string) (string, error) {
	if pw == "" {
		return "", errors.New("the password is empty")
	}
	return pw, nil
}

type makeadminCmd struct {
	siteFlags
	nameArg
}

// Run gives a user the role admin.
func (c *makeadminCmd) Run(e *env) error {
	name, err := c.name()
	if err != nil {
		return err
	}
	s, err := c.open(e, nil)
	if err != nil {
		return err
	}
	defer s.db.Close()
	u, err := host.Find(e.ctx, s.accounts, s.operator, name)
	if err == nil {
		err = s.accounts.AddRole(e.ctx, s.operator, u.ID, auth.RoleAdmin)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "User %s is now admin!\n", u.Username)
	return nil
}
