package main

import (
	"errors"
	"net/http"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/examples/internal/host"
)

// userJSON is a user in answers.
type userJSON struct {
	Username string      `json:"username"`
	Surname  string      `json:"surname"`
	Name     string      `json:"name"`
	Email    string      `json:"email"`
	UUID     auth.UserID `json:"uuid"`
	Role     string      `json:"role"`
}

func userOf(u auth.User) userJSON {
	last, _ := surnameOf(u)
	return userJSON{u.Username, last, u.Name, u.Email, u.ID, shownRole(u.Roles).wire}
}

// shown makes an answer of a user that the accounts returned.
func shown(u auth.User, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return userOf(u), nil
}

func register(c *call) (any, error) {
	in, err := c.input("username", "name", "surname", "password", "email")
	if err != nil {
		return nil, err
	}
	where := "query" // the form of the published service
	if in.json {
		where = "body"
	}
	u := auth.UserInput{Username: in.text(where, "username"), Name: in.text(where, "name")}
	u.Attributes = withSurname(in.text(where, "surname"))
	u.Password, u.Email = in.text("body", "password"), in.text("body", "email")
	if err := in.Err(); err != nil {
		return nil, err
	}
	made, err := c.accounts.CreateUser(c.r.Context(), nil, u, c.hp.Client(c.r))
	return shown(made, located(err, map[string][2]string{"username": {where, "username"}, "name": {where, "name"},
		"surname":    {where, "surname"},
		"attributes": {where, "surname"}}))
}

func listUsers(c *call) (any, error) {
	return list(c, userOf, func(q auth.PageQuery) (auth.Page[auth.User], error) {
		return c.accounts.Users(c.r.Context(), c.p, auth.UserFilter{PageQuery: q})
	})
}

func readUser(c *call) (any, error) {
	id, err := c.user()
	if err != nil {
		return nil, err
	}
	return shown(c.accounts.User(c.r.Context(), c.p, id))
}

func deleteUser(c *call) (any, error) {
	id, err := c.user()
	if err != nil {
		return nil, err
	}
	return nil, c.accounts.DeleteUser(c.r.Context(), c.p, id)
}

// wanted is the document of a PATCH. A member that is left out is nil.
type wanted struct {
	username, name, surname, email, uuid *string
	role                                 *rung
}

func (c *call) wanted() (w wanted, err error) {
	in, err := c.input("username", "name", "surname", "email", "uuid", "role")
	if err != nil {
		return w, err
	}
	for name, to := range map[string]**string{
		"username": &w.username, "name": &w.name, "surname": &w.surname, "email": &w.email, "uuid": &w.uuid,
	} {
		if text, ok := in.optional(name); ok {
			*to = &text
		}
	}
	if w.uuid != nil {
		*w.uuid = readID(&in.BadInput, "body", "uuid", *w.uuid)
	}
	if text, ok := in.optional("role"); ok {
		r, known := rungOf(text)
		if !known {
			in.refuse("enum", "role", text, "Input should be 'normal user', 'admin user' or 'celebrity user'",
				map[string]any{"expected": "'normal user', 'admin user' or 'celebrity user'"})
		}
		w.role = &r
	}
	return w, in.Err()
}

// changesFixed reports whether the document changes what nobody may change.
func (w wanted) changesFixed(now userJSON) bool {
	differs := func(v *string, from string) bool { return v != nil && *v != from }
	return differs(w.name, now.Name) || differs(w.surname, now.Surname) || differs(w.email, now.Email) ||
		differs(w.uuid, string(now.UUID))
}

// updateUser changes username and role. As in the original, errors are told in this order: a
// name that is taken, a role that the caller may not change, and the rest. The document is done
// as a whole or not at all.
func updateUser(c *call) (any, error) {
	id, err := c.user()
	if err != nil {
		return nil, err
	}
	want, err := c.wanted()
	if err != nil {
		return nil, err
	}
	ctx := c.r.Context()
	u, err := c.accounts.User(ctx, c.p, id)
	if err != nil {
		return nil, err
	}
	var patch auth.UserPatch
	var refused error
	if want.username != nil && *want.username != u.Username {
		patch.Username = want.username
	}
	if want.role != nil && *want.role != shownRole(u.Roles) {
		set := rolesShowing(*want.role, u.Roles)
		patch.Roles = &set
		if c.accounts.Authorize(c.p, auth.ActManageUser, id.Target()) != nil {
			patch.Roles = nil
			refused = host.NewFailure(http.StatusForbidden, "field_forbidden", "Only admins may change roles.")
		}
	}
	if refused == nil && want.changesFixed(userOf(u)) {
		refused = errReadOnly
	}
	if refused != nil {
		ctx = withVeto(ctx)
	}
	if patch != (auth.UserPatch{}) {
		u, err = c.accounts.UpdateUser(ctx, c.p, id, patch)
	}
	if refused != nil && (err == nil || errors.Is(err, auth.ErrRefused)) {
		return nil, refused
	}
	return shown(u, located(err, nil))
}
