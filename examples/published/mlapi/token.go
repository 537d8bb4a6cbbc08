package main

import (
	"errors"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
)

// tokenJSON is an answer to a sign-in.
type tokenJSON struct {
	Token string `json:"token"`
}

var errInvalidToken = &failure{status: http.StatusUnauthorized, code: "token_invalid", message: "Invalid token"}

// createToken signs in.
func createToken(c *call) (any, error) {
	in, err := c.texts("username", "password")
	if err != nil {
		return nil, err
	}
	t, err := c.accounts.PasswordGrant(
		c.r.Context(), auth.SignInRequest{Login: in["username"], Password: in["password"], Client: c.hp.Client(c.r)},
	)
	if err != nil {
		return nil, err
	}
	return tokenJSON{t.Access}, nil
}

// tokenInPath tells whether the token in the path is good.
func tokenInPath(c *call) (any, error) { return c.tokenStatus(c.r.PathValue("token")) }

// tokenInBody tells whether the token in the body is good.
func tokenInBody(c *call) (any, error) {
	in, err := c.texts("token")
	if err != nil {
		return nil, err
	}
	return c.tokenStatus(in["token"])
}

// tokenStatus tells what is wrong with the token from what is wrong here.
func (c *call) tokenStatus(token string) (any, error) {
	_, err := c.accounts.Authenticate(c.r.Context(), token)
	switch {
	case errors.Is(err, auth.ErrTokenInvalid), errors.Is(err, auth.ErrTokenExpired):
		return nil, errInvalidToken
	case err != nil:
		return nil, err
	}
	return messageJSON{Message: "Token is valid"}, nil
}
