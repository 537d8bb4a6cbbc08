package main

import (
	"net/http"
	"slices"

	"github.com/hallpass-go/hallpass/auth"
)

// userJSON is the public view of a user.
type userJSON struct {
	ID          auth.UserID `json:"id"`
	Email       string      `json:"email"`
	Name        string      `json:"name"`
	Role        string      `json:"role"`
	Institution string      `json:"institution"`
	Website     string      `json:"website"`
	Mock        bool        `json:"mock_execution_permission"`
}

func viewOf(u auth.User) userJSON {
	p := profileOf(u)
	return userJSON{u.ID, u.Email, u.Name, rungOf(u.Roles).wire, p.Institution, p.Website, mayMock(u)}
}

func mayMock(u auth.User) bool { return slices.Contains(u.Roles, mockRole) }

func readUser(c *call) (any, error) {
	u, err := c.accounts.User(c.r.Context(), c.p, c.user())
	if err != nil {
		return nil, err
	}
	return viewOf(u), nil
}

func deleteUser(c *call) (any, error) {
	return nil, c.accounts.DeleteUser(c.r.Context(), c.p, c.user())
}

// updateUser changes a user. A password can't change together with anything else, and neither
// can one's own address where a code has to prove it.
func updateUser(c *call) (any, error) {
	in, err := c.input("name", "email", "role", "institution", "website", "mock_execution_permission", "password",
		"password_verify", "current_password")
	if err != nil {
		return nil, err
	}
	u, err := c.accounts.User(c.r.Context(), c.p, c.user())
	if err != nil {
		return nil, err
	}
	if pw := in.password("password"); pw != nil {
		return c.updatePassword(in, u, *pw)
	}
	patch := auth.UserPatch{Name: in.text("name")}
	if email := in.text("email"); email != nil && *email != u.Email {
		patch.Email = email
	}
	was := profileOf(u)
	now := was
	for name, to := range map[string]*string{"institution": &now.Institution, "website": &now.Website} {
		if text := in.text(name); text != nil {
			*to = *text // empty clears it
		}
	}
	if now != was {
		doc := now.attributes()
		patch.Attributes = &doc
	}
	role, mock := in.role("role"), in.flag("mock_execution_permission")
	if role != nil && *role != rungOf(u.Roles) || mock != nil && *mock != mayMock(u) {
		set := rolesOf(u, role, mock)
		patch.Roles = &set
	}
	byCode := patch.Email != nil && u.ID == c.p.User.ID && c.accounts.HasMailer()
	if byCode {
		in.alone("email")
	}
	if err := in.err(); err != nil {
		return nil, err
	}
	if byCode {
		f, err := c.accounts.BeginEmailChange(c.r.Context(), c.p, *patch.Email, c.hp.Client(c.r))
		if err != nil {
			return nil, err
		}
		return answer{http.StatusAccepted, flowOf(f)}, nil
	}
	if u, err = c.accounts.UpdateUser(c.r.Context(), c.p, u.ID, patch); err != nil {
		return nil, err
	}
	return viewOf(u), nil
}

// rolesOf returns the roles of a user after a change. An argument that is nil changes nothing,
// and roles that are not of the site stay.
func rolesOf(u auth.User, to *rung, mock *bool) []string {
	r, may := rungOf(u.Roles), mayMock(u)
	if to != nil {
		r = *to
	}
	if mock != nil {
		may = *mock
	}
	names := roleNames(r, may)
	for _, held := range u.Roles {
		if held != mockRole && !slices.ContainsFunc(ladder, func(l rung) bool { return l.role == held }) {
			names = append(names, string(held))
		}
	}
	return names
}

// updatePassword sets a password. People change their own with the current one. The scope
// everybody allows changing those of others, but not the root's.
func (c *call) updatePassword(in *input, u auth.User, pw string) (any, error) {
	in.alone("password", "password_verify", "current_password")
	current := deref(in.text("current_password"))
	if err := in.err(); err != nil {
		return nil, err
	}
	if self := u.ID == c.p.User.ID; !self {
		switch {
		case !c.holds(c.p, everybody):
			return nil, &auth.ScopeError{Need: []string{everybody}}
		case isRoot(u):
			return nil, refused("nobody but the root changes the root")
		}
	}
	if err := c.accounts.ChangePassword(
		c.r.Context(), c.p, u.ID, auth.PasswordChange{Current: current, New: pw}, c.hp.Client(c.r),
	); err != nil {
		return nil, err
	}
	return viewOf(u), nil
}
