package main

import (
	"errors"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// tokenJSON is the answer to a sign-in.
type tokenJSON struct {
	Token string `json:"token"`
}

var errInvalidToken = host.NewFailure(http.StatusUnauthorized, "token_invalid", "Invalid token")

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

// tokenInPath reports whether the token in the path is valid.
func tokenInPath(c *call) (any, error) { return c.tokenStatus(c.r.PathValue("token")) }

// tokenInBody reports whether the token in the body is valid.
func tokenInBody(c *call) (any, error) {
	in, err := c.texts("token")
	if err != nil {
		return nil, err
	}
	return c.tokenStatus(in["token"])
}

// tokenStatus checks a token. A token that is not valid is one answer; trouble of our own is
// another.
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
