package main

import "github.com/hallpass-go/hallpass/auth"

// loginJSON is a successful sign-in in answers.
type loginJSON struct {
	UUID     auth.LoginID `json:"uuid"`
	UserUUID auth.UserID  `json:"user_uuid"`
	Time     string       `json:"login_time"`
}

// loginOf writes times in UTC and microseconds, the same on every database.
func loginOf(l auth.Login) loginJSON {
	return loginJSON{l.ID, l.User, l.At.UTC().Format("2006-01-02T15:04:05.000000Z07:00")}
}

func userLogins(c *call) (any, error) {
	id, err := c.user()
	if err != nil {
		return nil, err
	}
	return c.logins(id)
}

func allLogins(c *call) (any, error) { return c.logins("") }

// logins lists successful sign-ins. The library's API under /auth has the failed ones too.
func (c *call) logins(of auth.UserID) (any, error) {
	return list(c, loginOf, func(q auth.PageQuery) (auth.Page[auth.Login], error) {
		return c.accounts.History.Logins(c.r.Context(), c.p, of, auth.LoginFilter{Outcome: auth.Success, PageQuery: q})
	})
}

func userLogin(c *call) (any, error) {
	id, err := c.user()
	if err != nil {
		return nil, err
	}
	login, err := c.login()
	if err != nil {
		return nil, err
	}
	return success(c.accounts.History.UserLogin(c.r.Context(), c.p, id, login))
}

func readLogin(c *call) (any, error) {
	login, err := c.login()
	if err != nil {
		return nil, err
	}
	return success(c.accounts.History.Login(c.r.Context(), c.p, login))
}

// success shows a login if it succeeded.
func success(l auth.Login, err error) (any, error) {
	if err == nil && l.Outcome != auth.Success {
		err = auth.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return loginOf(l), nil
}
