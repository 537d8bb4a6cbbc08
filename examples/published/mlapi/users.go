package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/scopes"
)

// messageJSON is an answer about a user.
type messageJSON struct {
	Message string      `json:"message"`
	UserID  auth.UserID `json:"user_id,omitempty"`
}

// registerUser makes an account for whoever asks, as the policy allows. An admin who asks is
// told whose the name is, if it is somebody's, and makes no other account than anybody else.
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

// conflict is a failure that tells who has the name only to those who may see everybody.
func (c *call) conflict(taken error, login string) error {
	f := &failure{status: http.StatusConflict, code: c.hp.Explain(c.r, taken).Code, message: "User already exists"}
	if c.p == nil {
		return f
	}
	if other, err := c.accounts.UserByLogin(c.r.Context(), c.p, login); err == nil {
		f.userID = other.ID
	}
	return f
}

// flags are what the original takes for a boolean in a path.
var flags = map[string]auth.Status{
	"1": auth.StatusActive, "true": auth.StatusActive, "t": auth.StatusActive, "yes": auth.StatusActive,
	"y": auth.StatusActive, "on": auth.StatusActive,
	"0": auth.StatusDisabled, "false": auth.StatusDisabled, "f": auth.StatusDisabled, "no": auth.StatusDisabled,
	"n": auth.StatusDisabled, "off": auth.StatusDisabled,
}

// toggleUser enables or disables a user. Disabling ends all their sessions, and with them their
// tokens.
func toggleUser(c *call) (any, error) {
	if err := c.needAdmin(); err != nil {
		return nil, err
	}
	id, bad := c.userID()
	status, known := flags[strings.ToLower(c.r.PathValue("permission"))]
	if !known {
		bad = append(bad, item{"bool_parsing", []string{"path", "permission"},
			"Input should be a valid boolean, unable to interpret input", clip(c.r.PathValue("permission"))})
	}
	if len(bad) > 0 {
		return nil, bad
	}
	if _, err := c.accounts.UpdateUser(c.r.Context(), c.p, id, auth.UserPatch{Status: &status}); err != nil {
		return nil, notFound(err)
	}
	return messageJSON{"User permission updated successfully", id}, nil
}

// removeUser removes a user and all that belongs to them.
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

// needAdmin asks for the scope to manage everybody, so that who lacks it is told so whatever
// the path says.
func (c *call) needAdmin() error {
	return c.accounts.Authorize(c.p, auth.ActManageUser, scopes.Target{})
}

// userID is the user that the path names.
func (c *call) userID() (auth.UserID, badInput) {
	text := c.r.PathValue("user_id")
	id, err := uuid.Parse(text)
	if err != nil {
		return "", badInput{{"uuid_parsing", []string{"path", "user_id"}, "Input should be a valid UUID", clip(text)}}
	}
	return auth.UserID(id.String()), nil
}

// notFound is the published answer for a user who is not there.
func notFound(err error) error {
	if errors.Is(err, auth.ErrNotFound) {
		return &failure{status: http.StatusNotFound, code: "not_found", message: "User not found"}
	}
	return err
}
