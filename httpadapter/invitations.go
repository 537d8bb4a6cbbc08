package httpadapter

import (
	"time"

	"github.com/hallpass-go/hallpass/auth"
)

// personJSON is a user as others see them.
type personJSON struct {
	ID       auth.UserID `json:"id"`
	Username string      `json:"username"`
}

type invitationJSON struct {
	ID        auth.InvitationID `json:"id"`
	Email     *string           `json:"email"`
	Inviter   *personJSON       `json:"inviter"` // null if it was the site itself
	Roles     []string          `json:"roles"`   // of the new account; empty means the default ones or none
	Groups    []string          `json:"groups"`
	CreatedAt time.Time         `json:"created_at"`
	ExpiresAt time.Time         `json:"expires_at"`
}

func invitationOf(i auth.Invited) invitationJSON {
	return invitationJSON{i.ID, orNull(i.Email), inviterOf(i), append([]string{}, i.RoleNames...),
		append([]string{}, i.GroupNames...), i.CreatedAt, i.ExpiresAt}
}

func inviterOf(i auth.Invited) *personJSON {
	if i.Inviter == "" {
		return nil
	}
	return &personJSON{i.Inviter, i.InviterName}
}

type newInvitation struct {
	Email     string    `json:"email"`
	Roles     *[]string `json:"roles"`
	Groups    []string  `json:"groups,omitempty"`
	ExpiresIn int64     `json:"expires_in,omitempty"` // seconds
}

func invite(c *call, in newInvitation) (invitationJSON, error) {
	n := auth.InvitationInput{Email: in.Email, Groups: in.Groups, ExpiresIn: seconds(in.ExpiresIn)}
	if in.Roles != nil {
		n.Roles = append([]string{}, *in.Roles...)
	}
	i, err := c.h.accounts.Invitations.Create(c.r.Context(), c.p, n, c.client())
	return one(i, err, invitationOf)
}

// seconds returns n seconds. If no duration is that long, it returns one that no rule accepts.
func seconds(n int64) time.Duration {
	const most = 1 << 31
	return time.Duration(min(max(n, -most), most)) * time.Second
}

func listInvitations(c *call, _ none) (list[invitationJSON], error) {
	page, err := c.page()
	if err != nil {
		return list[invitationJSON]{}, err
	}
	p, err := c.h.accounts.Invitations.List(c.r.Context(), c.p, page)
	return listOf(p, err, invitationOf)
}

func deleteInvitation(c *call, _ none) (none, error) {
	return none{}, c.h.accounts.Invitations.Delete(c.r.Context(), c.p, auth.InvitationID(c.r.PathValue("invitation")))
}

type invitationToken struct {
	Token string `json:"token"`
}

type previewJSON struct {
	Email     *string     `json:"email"`
	Inviter   *personJSON `json:"inviter"`
	ExpiresAt time.Time   `json:"expires_at"`
}

func previewInvitation(c *call, in invitationToken) (previewJSON, error) {
	i, err := c.h.accounts.Invitations.Preview(c.r.Context(), in.Token)
	return one(
		i, err, func(i auth.Invited) previewJSON { return previewJSON{orNull(i.Email), inviterOf(i), i.ExpiresAt} },
	)
}

type acceptance struct {
	Token    string `json:"token"`
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`
	Name     string `json:"name,omitempty"`
	Remember bool   `json:"remember,omitempty"`
}

func acceptInvitation(c *call, in acceptance) (signedInJSON, error) {
	v, err := c.h.accounts.Invitations.Accept(c.r.Context(), auth.AcceptInput{
		Token: in.Token, Username: in.Username, Password: in.Password, Name: in.Name, Remember: in.Remember,
		Client: c.client(),
	})
	return c.signedIn(v, err, in.Remember)
}
