package httpadapter

import (
	"encoding/json"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/policy"
)

type newUser struct {
	Username   string          `json:"username,omitempty"`
	Email      string          `json:"email,omitempty"`
	Password   string          `json:"password,omitempty"`
	Name       string          `json:"name,omitempty"`
	Attributes json.RawMessage `json:"attributes,omitempty"`
	Roles      *[]string       `json:"roles"`
	ExternalID string          `json:"external_id,omitempty"`
}

// createdJSON is a new user.
type createdJSON struct {
	userJSON
	InvitationURL string `json:"invitation_url,omitempty"` // to pass on, shown once; only if no mail could be sent
}

func (in newUser) input() auth.UserInput {
	u := auth.UserInput{
		Username: in.Username, Email: in.Email, Password: in.Password, Name: in.Name, Attributes: in.Attributes,
		ExternalID: in.ExternalID,
	}
	if in.Roles != nil {
		u.Roles = *in.Roles
	}
	return u
}

// createUser answers with the user, or with the flow that must first prove the address.
func createUser(c *call, in newUser) (any, error) {
	v, err := c.h.accounts.SignUp(c.r.Context(), c.p, in.input(), c.client())
	if err != nil {
		return nil, err
	}
	if v.Flow != nil {
		c.status = http.StatusAccepted
		return flowOf(*v.Flow), nil
	}
	return createdJSON{userOf(v.User), v.InvitationURL}, nil
}

func listUsers(c *call, _ none) (list[userJSON], error) {
	q := c.queryReader()
	f := auth.UserFilter{
		Prefix: q.text("q"), Role: q.text("role"), Group: q.text("group"), Status: auth.Status(q.text("status")),
		ExternalID: q.text("external_id"), PageQuery: q.page(),
	}
	if err := q.err(); err != nil {
		return list[userJSON]{}, err
	}
	p, err := c.h.accounts.Users(c.r.Context(), c.p, f)
	return listOf(p, err, userOf)
}

func readUser(c *call, _ none) (userJSON, error) {
	v, err := c.h.accounts.User(c.r.Context(), c.p, c.user())
	return one(v, err, userOf)
}

type userPatch struct {
	Username   opt[string]      `json:"username"`
	Name       opt[string]      `json:"name"`
	Attributes *json.RawMessage `json:"attributes"`
	Email      opt[string]      `json:"email"`
	ExternalID opt[string]      `json:"external_id"`
	Status     *auth.Status     `json:"status"`
	Roles      *[]string        `json:"roles"`
}

func (in userPatch) patch() auth.UserPatch {
	return auth.UserPatch{
		Username: in.Username.ptr(), Name: in.Name.ptr(), Attributes: in.Attributes, Email: in.Email.ptr(),
		ExternalID: in.ExternalID.ptr(), Status: in.Status, Roles: in.Roles,
	}
}

func updateUser(c *call, in userPatch) (userJSON, error) {
	v, err := c.h.accounts.UpdateUser(c.r.Context(), c.p, c.user(), in.patch())
	return one(v, err, userOf)
}

func deleteUser(c *call, _ none) (none, error) {
	err := c.h.accounts.DeleteUser(c.r.Context(), c.p, c.user())
	if err == nil && c.p.User.ID == c.user() {
		c.h.clearCookie(c.w)
	}
	return none{}, err
}

func addRole(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.AddRole(c.r.Context(), c.p, c.user(), c.role())
}

func removeRole(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.RemoveRole(c.r.Context(), c.p, c.user(), c.role())
}

type passwordChange struct {
	Current string `json:"current,omitempty"`
	New     string `json:"new"`
}

func changePassword(c *call, in passwordChange) (none, error) {
	return none{}, c.h.accounts.ChangePassword(c.r.Context(), c.p, c.user(), auth.PasswordChange(in), c.client())
}

func userLogins(c *call, _ none) (list[loginJSON], error) { return c.logins(c.user()) }

func allLogins(c *call, _ none) (list[loginJSON], error) {
	return c.logins(c.asked())
}

func (c *call) logins(of auth.UserID) (list[loginJSON], error) {
	q := c.queryReader()
	f := auth.LoginFilter{
		Outcome: auth.Outcome(q.text("outcome")), Method: policy.Method(q.text("method")), Since: q.time("since"),
		Until: q.time("until"), PageQuery: q.page(),
	}
	if err := q.err(); err != nil {
		return list[loginJSON]{}, err
	}
	p, err := c.h.accounts.History.Logins(c.r.Context(), c.p, of, f)
	return listOf(p, err, loginOf)
}

func userLogin(c *call, _ none) (loginJSON, error) {
	v, err := c.h.accounts.History.UserLogin(c.r.Context(), c.p, c.user(), auth.LoginID(c.r.PathValue("login")))
	return one(v, err, loginOf)
}

func readLogin(c *call, _ none) (loginJSON, error) {
	v, err := c.h.accounts.History.Login(c.r.Context(), c.p, auth.LoginID(c.r.PathValue("login")))
	return one(v, err, loginOf)
}
