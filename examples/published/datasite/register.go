package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/hallpass-go/hallpass/auth"
	"github.com/hallpass-go/hallpass/auth/emailcode"
	"github.com/hallpass-go/hallpass/scopes"
)

// profile is what the site keeps in the Attributes of an account.
type profile struct {
	Institution string `json:"institution,omitempty"`
	Website     string `json:"website,omitempty"`
}

func (p profile) attributes() json.RawMessage {
	doc, _ := json.Marshal(p) // strings always encode
	return doc
}

func profileOf(u auth.User) (p profile) {
	_ = json.Unmarshal(u.Attributes, &p) // Attributes of another form show an empty profile
	return p
}

// registeredJSON is a new account. On a site without mail, a manager who registers somebody
// without a password gets a link to pass on. It is shown once.
type registeredJSON struct {
	userJSON
	InvitationURL string `json:"invitation_url,omitempty"`
}

// register makes an account. People register themselves if the switch is on; managers register
// others. The answer never has a credential of the new user.
func register(c *call) (any, error) {
	in, err := c.input(
		"email", "name", "password", "password_verify", "institution", "website", "role", "mock_execution_permission",
	)
	if err != nil {
		return nil, err
	}
	if err := c.accounts.AuthorizeSignUp(c.r.Context(), c.p); err != nil {
		return nil, err // first: nobody without the right learns what is wrong with the fields
	}
	u := auth.UserInput{Email: in.need("email"), Name: in.need("name"), Password: deref(in.password("password"))}
	u.Attributes = profile{deref(in.text("institution")), deref(in.text("website"))}.attributes()
	role, mayMock := in.role("role"), in.flag("mock_execution_permission")
	manager := c.p != nil && c.accounts.Authorize(c.p, auth.ActCreateUser, scopes.Target{}) == nil
	switch {
	case !manager && mayMock != nil:
		return nil, &auth.FieldsError{Forbidden: true, Fields: []auth.FieldError{
			{Field: "mock_execution_permission", Code: "forbidden", Detail: "You may not set this field."},
		}}
	case role != nil:
		u.Roles = roleNames(*role, mayMock != nil && *mayMock) // the accounts refuse it to others than managers
	case mayMock != nil && *mayMock:
		in.refuse("role", auth.CodeRequired, "It is required beside mock_execution_permission.")
	}
	if err := in.err(); err != nil {
		return nil, err
	}
	made, err := c.accounts.SignUp(c.r.Context(), c.p, u, c.hp.Client(c.r))
	if err != nil {
		return nil, err
	}
	if made.Flow != nil {
		return answer{http.StatusAccepted, flowOf(*made.Flow)}, nil
	}
	c.w.Header().Set("Location", "/users/"+string(made.User.ID))
	if manager {
		c.w.Header().Set("Link", `</users>; rel="collection"`) // RFC 8288: how to list users
	}
	return registeredJSON{viewOf(made.User), made.InvitationURL}, nil
}

// flowJSON says that a code was mailed. It looks the same for every address.
type flowJSON struct {
	ID          emailcode.FlowID `json:"flow_id"`
	Secret      string           `json:"flow_secret"`
	ExpiresIn   int64            `json:"expires_in"`   // seconds
	ResendAfter int64            `json:"resend_after"` // seconds
}

func flowOf(f emailcode.Started) flowJSON {
	return flowJSON{f.ID, f.Secret.Reveal(), int64(f.ExpiresIn / time.Second), int64(f.ResendAfter / time.Second)}
}
