package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
	"github.com/hallpass-go/hallpass/scopes"
)

// messageJSON is an answer about a user.
type messageJSON struct {
	Message string      `json:"message"`
	UserID  auth.UserID `json:"user_id,omitempty"`
}

// registerUser makes an account if the policy allows it. If the name is taken, an admin is told
// whose it is. An admin can't make accounts that others could not make.
func registerUser(c *call) (any, error) {
	in, err := c.texts("username", "password", "email")
	if err != nil {
		return nil, err
	}
	u := auth.UserInput{Username: in["username"], Email: in["email"], Password: in["password"]}
	made, err := c.accounts.CreateUser(c.r.Context(), nil, u, c.hp.Client(c.r))
	login := map[error]string{auth.ErrUsernameTaken: u.Username, auth.ErrEmailTaken: u.Email}
	for taken, name := range login {
		if errors.Is(err, taken) {
			return nil, c.conflict(taken, name)
		}
	}
	if err != nil {
		return nil, err
	}
	return messageJSON{"User created successfully", made.ID}, nil
}

// conflict is the answer that a name is taken. It names the account only to callers who may see
// all users.
func (c *call) conflict(taken error, login string) error {
	f := &takenError{Failure: host.Failure{
		Status: http.StatusConflict, Code: c.hp.Explain(c.r, taken).Code, Detail: "User already exists",
	}}
	if c.p == nil {
		return f
	}
	if other, err := c.accounts.UserByLogin(c.r.Context(), c.p, login); err == nil {
		f.userID = other.ID
	}
	return f
}

// flags maps what the original takes for a boolean in a path.
var flags = map[string]auth.Status{
	"1": auth.StatusActive, "true": auth.StatusActive, "t": auth.StatusActive, "yes": auth.StatusActive,
	"y": auth.StatusActive, "on": auth.StatusActive,
	"0": auth.StatusDisabled, "false": auth.StatusDisabled, "f": auth.StatusDisabled, "no": auth.StatusDisabled,
	"n": auth.StatusDisabled, "off": auth.StatusDisabled,
}

// toggleUser enables or disables a user. Disabling ends all sessions of the user, and with them
// the tokens.
func toggleUser(c *call) (any, error) {
	if err := c.needAdmin(); err != nil {
		return nil, err
	}
	id, bad := c.userID()
	status, known := flags[strings.ToLower(c.r.PathValue("permission"))]
	if !known {
		bad = append(bad, host.BadValue{
			Type: "bool_parsing", Loc: []string{"path", "permission"},
			Msg:   "Input should be a valid boolean, unable to interpret input",
			Input: host.Clip(c.r.PathValue("permission")),
		})
	}
	if len(bad) > 0 {
		return nil, bad
	}
	if _, err := c.accounts.UpdateUser(c.r.Context(), c.p, id, auth.UserPatch{Status: &status}); err != nil {
		return nil, notFound(err)
	}
	return messageJSON{"User permission updated successfully", id}, nil
}

// removeUser removes a user and everything that belongs to them.
func removeUser(c *call) (any, error) {
	if err := c.needAdmin(); err != nil {
		return nil, err
	}
	id, bad := c.userID()
	if len(bad) > 0 {
		return nil, bad
	}
	if err := c.accounts.DeleteUser(c.r.Context(), c.p, id); err != nil {
		return nil, notFound(err)
	}
	return messageJSON{Message: "User deleted successfully"}, nil
}

// needAdmin checks the scope to manage all users. It comes first, so that others are refused
// whatever the path says.
func (c *call) needAdmin() error {
	return c.accounts.Authorize(c.p, auth.ActManageUser, scopes.Target{})
}

// userID is the user in the path.
func (c *call) userID() (auth.UserID, host.BadInput) {
	text := c.r.PathValue("user_id")
	id, err := uuid.Parse(text)
	if err != nil {
		return "", host.BadInput{{
			Type: "uuid_parsing", Loc: []string{"path", "user_id"}, Msg: "Input should be a valid UUID",
			Input: host.Clip(text),
		}}
	}
	return auth.UserID(id.String()), nil
}

// notFound gives an unknown user the answer of the published service.
func notFound(err error) error {
	if errors.Is(err, auth.ErrNotFound) {
		return host.NewFailure(http.StatusNotFound, "not_found", "User not found")
	}
	return err
}
