package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const defaultServer = "http://127.0.0.1:8080"

// clientFlags are the flags of every command that talks to a server.
type clientFlags struct {
	ServerURL string `name:"server" env:"SYFTBOX_SERVER_URL" placeholder:"URL" help:"URL of the server. By default the one in the file, or http://127.0.0.1:8080."`
	Email     string `env:"SYFTBOX_EMAIL,SYFTBOX_CLIENT_EMAIL" placeholder:"E" help:"Your email address. By default the one in the file; without one you are asked."`
	Config    string `default:"config.json" env:"SYFTBOX_CLIENT_CONFIG_PATH,SYFTBOX_CONFIG_PATH" placeholder:"FILE" help:"File with your tokens (${default})."`
	Dev       bool   `help:"Take the code from the answer of a server in development mode on this machine."`
	Quiet     bool   `short:"q" help:"Print only questions and errors, and give up at the first wrong answer."`
}

type clientCmd struct{ clientFlags }

// Run signs in if that is needed, and prints nothing if it is not.
func (c *clientCmd) Run(e *env) error {
	_, err := c.ensure(e)
	return err
}

type loginCmd struct{ clientFlags }

// Run signs in if that is needed, and says so if it is not.
func (c *loginCmd) Run(e *env) error {
	was, err := c.ensure(e)
	if err == nil && was != nil && !c.Quiet {
		fmt.Fprintf(e.out, "Already logged in: %v (%s)\n", *was, e.file(c.Config))
	}
	return err
}

// client is a running command.
type client struct {
	*clientFlags
	*env
	terminal *terminal
	store    store
	server   *server
	account  account
}

// ensure makes sure that the file or the environment holds tokens that the server accepts. was
// is who they belong to, or nil if somebody had to be asked.
func (c *clientFlags) ensure(e *env) (was *account, err error) {
	w := c.start(e)
	if token := secret(e.getenv("SYFTBOX_ACCESS_TOKEN")); token != "" {
		return w.headless(token)
	}
	unlock, err := w.open()
	if err != nil {
		return nil, err
	}
	defer unlock()
	known, err := w.resume()
	if err != nil {
		return nil, err
	}
	if known {
		return &w.account, nil
	}
	return nil, w.signIn()
}

func (c *clientFlags) start(e *env) *client {
	w := &client{clientFlags: c, env: e, terminal: newTerminal(e.in, e.out)}
	w.store = store{path: e.file(c.Config), say: w.say}
	return w
}

// say prints what happens.
func (w *client) say(format string, args ...any) {
	if !w.Quiet {
		w.terminal.say(format, args...)
	}
}

// headless checks a token from the environment. It belongs to whoever set it, so it is not
// stored and not refreshed, and nobody is asked for another. An API token lives long enough for
// this use.
func (w *client) headless(token secret) (*account, error) {
	a := account{Server: cmp.Or(w.ServerURL, defaultServer), Email: canonical(w.Email), Access: token}
	var err error
	if w.server, err = openServer(a.Server); err != nil {
		return nil, err
	}
	email, err := w.server.whoami(w.ctx, token)
	if err != nil {
		return nil, fmt.Errorf("SYFTBOX_ACCESS_TOKEN: %w", err)
	}
	if a.Email != "" && a.Email != email {
		return nil, fmt.Errorf("SYFTBOX_ACCESS_TOKEN is of %s, not of %s", email, a.Email)
	}
	a.Email = email
	return &a, nil
}

// open locks and reads the file, and decides which tokens to use on which server. Flags and
// environment win: tokens for another server or address are not used.
func (w *client) open() (unlock func(), err error) {
	if _, err := openServer(cmp.Or(w.ServerURL, defaultServer)); err != nil {
		return nil, err // before any file is made
	}
	if err := os.MkdirAll(filepath.Dir(w.store.path), 0o700); err != nil {
		return nil, err
	}
	unlock, err = w.store.lock(w.ctx)
	if err != nil {
		return nil, err
	}
	if err := w.settle(); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

func (w *client) settle() (err error) {
	if w.account, err = w.store.load(); err != nil {
		return err
	}
	if w.server, err = openServer(cmp.Or(w.ServerURL, w.account.Server, defaultServer)); err != nil {
		return err
	}
	if w.Dev && !w.server.isLocal() {
		return errors.New("--dev is for a server on this machine")
	}
	a := &w.account
	if was, err := openServer(a.Server); err == nil {
		a.Server = was.base // in the form that is compared
	}
	email := cmp.Or(canonical(w.Email), a.Email)
	if a.signedIn() && (w.server.base != a.Server || email != a.Email) {
		w.say("Signing in as %s at %s, in place of %v.", email, w.server.base, *a)
		a.Access, a.Refresh = "", ""
	}
	a.Server, a.Email = w.server.base, email
	if token := secret(w.getenv("SYFTBOX_REFRESH_TOKEN")); token != "" && !a.signedIn() {
		a.Access, a.Refresh = "", token
	}
	return nil
}

// signedIn reports whether the account has a refresh token. An access token alone ends within
// minutes.
func (a account) signedIn() bool { return a.Refresh != "" }

// resume uses the stored tokens: first the access token, and after a 401 the refresh token.
// Only if the server refuses that too, the user has to sign in. A server in trouble is an
// error, and no reason for another mail.
func (w *client) resume() (ok bool, err error) {
	if !w.account.signedIn() {
		return false, nil
	}
	email, err := "", error(&refusal{status: 401})
	if w.account.Access != "" {
		email, err = w.server.whoami(w.ctx, w.account.Access)
	}
	if isUnauthorized(err) {
		if err = w.renew(); refused(err, "invalid_grant") {
			w.say("Your session at %s has ended. Signing in again.", w.server.base)
			return false, nil
		}
		if err == nil {
			email, err = w.server.whoami(w.ctx, w.account.Access)
		}
	}
	if err != nil {
		return false, err
	}
	switch w.account.Email {
	case email:
		return true, nil
	case "": // the token from the environment tells the address
		w.account.Email = email
		return true, w.store.save(w.account)
	}
	w.say("The tokens are of %s, not of %s. Signing in again.", printable(email), w.account.Email)
	return false, nil
}

// renew exchanges the refresh token, which can be used once. The next one is stored before
// anything else happens.
func (w *client) renew() error {
	t, err := w.server.refresh(w.ctx, w.account.Refresh)
	if err != nil {
		return err
	}
	w.account.Access, w.account.Refresh = t.Access, t.Refresh
	return w.store.save(w.account)
}
