package main

import (
	"context"
	"errors"
	"net/http"
)

type logoutCmd struct {
	clientFlags
	All bool `help:"End all sessions of the account, including those of lost files."`
}

// Run ends the session and removes the tokens from the file. If the server can't be reached,
// they stay, so that the session can be ended later.
func (c *logoutCmd) Run(e *env) error {
	w := c.start(e)
	unlock, err := w.open()
	if err != nil {
		return err
	}
	defer unlock()
	if !w.account.signedIn() {
		return errors.New("nobody is signed in")
	}
	if c.All {
		ok, err := w.resume()
		if err == nil && !ok {
			err = errors.New("the session has ended already: sign in, and end the others then")
		}
		if err == nil {
			err = w.server.call(
				w.ctx, http.MethodDelete, prefix+"/users/me/sessions?all=true", w.account.Access, nil, nil,
			)
		}
		if err != nil {
			return err
		}
	} else if err := w.server.revoke(w.ctx, w.account.Refresh); err != nil {
		return err
	}
	w.account.Access, w.account.Refresh = "", ""
	if err := w.store.save(w.account); err != nil {
		return err
	}
	w.say("Signed out.")
	return nil
}

// revoke ends the session of a refresh token (RFC 7009).
func (s *server) revoke(ctx context.Context, token secret) error {
	return s.call(ctx, http.MethodPost, prefix+"/token/revoke", "", map[string]string{"token": string(token)}, nil)
}
